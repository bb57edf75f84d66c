#include "tests/bench/end_to_end/footprint.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <spawn.h>
#include <vector>

#include <sys/wait.h>

#include "tests/bench/end_to_end/children.hpp"
#include "tests/bench/measure/clocks.hpp"
#include "tests/bench/measure/json_object.hpp"
#include "tests/process/process.hpp"

extern char** environ;

namespace eventflux::bench {
namespace {

double ms_since(std::int64_t start) {
  return static_cast<double>(wall_ns() - start) / 1e6;
}

/// Waits for the end itself: to look for it every few milliseconds would be too coarse.
double time_version(const std::string& log) {
  std::string program = EVENTFLUX_BINARY;
  std::string word = "--version";
  std::array<char*, 3> words{program.data(), word.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), 0101 | 01000, 0600);
  pid_t pid = 0;
  const std::int64_t start = wall_ns();
  ::posix_spawn(&pid, program.c_str(), &actions, nullptr, words.data(), environ);
  ::waitpid(pid, nullptr, 0);
  const double took = ms_since(start);
  posix_spawn_file_actions_destroy(&actions);
  return took;
}

double median_start(const tests::Folder& folder) {
  std::vector<double> times;
  for (int i = 0; i < 21; ++i)
    times.push_back(time_version(folder / "version.log"));
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

double time_first_row(const tests::Folder& folder) {
  const std::string query = folder / "one.efql";
  const std::string log = folder / "one.log";
  tests::write_text(query,
                    "@source(type='generator', rate='0', count='1')\n"
                    "CREATE STREAM Rows (id BIGINT);\nSELECT id FROM Rows;\n");
  const std::int64_t start = wall_ns();
  const tests::Process process({"run", query, "--format", "json"}, log);
  while (tests::read_text(log).find("{\"id\"") == std::string::npos && ms_since(start) < 5000) {
  }
  return ms_since(start);
}

double measure_resident(const tests::Folder& folder) {
  const std::string query = folder / "empty.efql";
  tests::write_text(
      query,
      "@source(type='timer', interval='1h')\n"
      "CREATE STREAM Ticks (tick BIGINT);\nINSERT INTO Out SELECT tick FROM Ticks;\n");
  const tests::Process process({"run", query}, folder / "empty.log");
  tests::pause_ms(1000);
  return static_cast<double>(resident_kb(child_with(query))) / 1024;
}

}  // namespace

FootprintResult run_footprint() {
  const tests::Folder folder;
  FootprintResult result;
  result.start_ms = median_start(folder);
  result.first_row_ms = time_first_row(folder);
  result.resident_mb = measure_resident(folder);
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(EVENTFLUX_STRIPPED, missing);
  if (!missing) result.stripped_mb = static_cast<double>(bytes) / (1 << 20);
  return result;
}

std::string to_json(const FootprintResult& r) {
  return JsonObject()
      .number("start_ms", r.start_ms)
      .number("first_row_ms", r.first_row_ms)
      .number("resident_mb", r.resident_mb)
      .number("stripped_mb", r.stripped_mb)
      .boolean("ok", r.ok())
      .str();
}

std::string to_table(const FootprintResult& r) {
  std::array<char, 300> text{};
  std::snprintf(text.data(), text.size(),
                "start %.1f ms (at most %.0f), first row %.1f ms, empty app %.1f MB resident (at "
                "most %.0f), stripped binary %.1f MB  %s\n",
                r.start_ms, FootprintResult::start_ms_max, r.first_row_ms, r.resident_mb,
                FootprintResult::resident_mb_max, r.stripped_mb, r.ok() ? "ok" : "OVER");
  return text.data();
}

}  // namespace eventflux::bench
