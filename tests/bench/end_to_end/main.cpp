// eventflux_end_to_end_bench [--json FILE] [--no-gate] [--only rate|durability|footprint]: real
// processes on loopback. Ends with 1 when a budget is missed.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "tests/bench/end_to_end/durability.hpp"
#include "tests/bench/end_to_end/footprint.hpp"
#include "tests/bench/end_to_end/rate_run.hpp"
#include "tests/bench/measure/json_object.hpp"
#include "tests/bench/measure/machine.hpp"

namespace eventflux::bench {
namespace {

struct Flags {
  std::string json;
  std::string only;
  bool gate = true;

  bool wants(const char* part) const { return only.empty() || only == part; }
};

Flags read_flags(int count, char** words) {
  Flags flags;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--no-gate") == 0) {
      flags.gate = false;
    } else if (std::strcmp(words[i], "--json") == 0 && i + 1 < count) {
      flags.json = words[++i];
    } else if (std::strcmp(words[i], "--only") == 0 && i + 1 < count) {
      flags.only = words[++i];
    }
  }
  return flags;
}

template <class Result>
std::string json_list(const std::vector<Result>& results) {
  std::string list;
  for (const Result& result : results)
    list += (list.empty() ? "\n" : ",\n") + to_json(result);
  return "[" + list + "]";
}

std::vector<RateResult> run_rates() {
  constexpr double seconds = 8;
  std::vector<RateResult> results;
  for (const Leaving leaving : {Leaving::by_default, Leaving::at_once}) {
    for (const double rate : {1'000.0, 10'000.0, 50'000.0})
      results.push_back(run_rate(rate, seconds, leaving));
  }
  results.push_back(find_highest_rate());
  return results;
}

int run(int count, char** words) {
  const Flags flags = read_flags(count, words);
  JsonObject document;
  document.json("machine", to_json(this_machine()));
  std::printf("%s\n", to_text(this_machine()).c_str());
  bool ok = true;
  if (flags.wants("footprint")) {
    const FootprintResult footprint = run_footprint();
    std::printf("%s\n", to_table(footprint).c_str());
    document.json("footprint", to_json(footprint));
    ok = ok && footprint.ok();
  }
  if (flags.wants("rate")) {
    const std::vector<RateResult> rates = run_rates();
    std::printf("%s\n", to_table(rates).c_str());
    document.json("rates", json_list(rates));
  }
  if (flags.wants("durability")) {
    const std::vector<DurabilityResult> durability = run_durability();
    const CheckpointResult checkpoint = run_checkpoint();
    std::printf("%s%s", to_table(durability).c_str(), to_table(checkpoint).c_str());
    document.json("durability", json_list(durability)).json("checkpoint", to_json(checkpoint));
    for (const DurabilityResult& result : durability)
      ok = ok && result.ok();
  }
  if (!flags.json.empty()) write_file(flags.json, document.str() + "\n");
  return ok || !flags.gate ? 0 : 1;
}

}  // namespace
}  // namespace eventflux::bench

int main(int count, char** words) {
  return eventflux::bench::run(count, words);
}
