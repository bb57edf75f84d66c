#include <array>
#include <cstdio>

#include "tests/bench/measure/json_object.hpp"
#include "tests/bench/micro/paired.hpp"

namespace eventflux::bench {
namespace {

constexpr double disturbed_above = 1.2;

std::string verdict(const PairedResult& result) {
  if (!result.same) return "DIFFERS";
  std::string text;
  if (result.slow()) text = "SLOW";
  if (result.allocates()) text += text.empty() ? "ALLOCATES" : " ALLOCATES";
  return text.empty() ? "ok" : text;
}

std::string line_of(const PairedResult& r) {
  std::array<char, 256> line{};
  std::array<char, 16> ceiling{"-"};
  std::array<char, 16> speed{"-"};
  if (r.ceiling > 0) std::snprintf(ceiling.data(), ceiling.size(), "%.2f", r.ceiling);
  if (r.bytes_per_row > 0)
    std::snprintf(speed.data(), speed.size(), "%.0f", r.bytes_per_row * 1e3 / r.engine_ns);
  const bool disturbed = r.disturbed > disturbed_above;
  std::snprintf(line.data(), line.size(),
                "%-44s %9.2f %9.2f %9.2f %8.2f %6s  %8.2f %6s %9.4f  %s%s\n", r.name.c_str(),
                r.hand_ns, r.engine_ns, r.engine_wall_ns, r.ratio, ceiling.data(),
                r.rows_per_second() / 1e6, speed.data(), r.allocations, verdict(r).c_str(),
                disturbed ? " (disturbed)" : "");
  return line.data();
}

}  // namespace

std::string to_json(const PairedResult& r) {
  return JsonObject()
      .text("name", r.name)
      .number("ratio", r.ratio)
      .number("ceiling", r.ceiling)
      .number("hand_ns", r.hand_ns)
      .number("engine_ns", r.engine_ns)
      .number("hand_least_ns", r.hand_least_ns)
      .number("engine_least_ns", r.engine_least_ns)
      .number("engine_wall_ns", r.engine_wall_ns)
      .number("rows_per_second", r.same ? r.rows_per_second() : 0)
      .number("bytes_per_row", r.bytes_per_row)
      .number("mallocs_per_row", r.allocations)
      .number("disturbed", r.disturbed)
      .boolean("same_output", r.same)
      .boolean("ok", r.ok())
      .str();
}

std::string to_table(const std::vector<PairedResult>& results) {
  std::array<char, 256> head{};
  std::snprintf(head.data(), head.size(), "%-44s %9s %9s %9s %8s %6s  %8s %6s %9s\n", "workload",
                "hand ns", "engine", "wall", "ratio", "limit", "Mrows/s", "MB/s", "malloc/r");
  std::string table = head.data();
  for (const PairedResult& result : results)
    table += line_of(result);
  return table;
}

}  // namespace eventflux::bench
