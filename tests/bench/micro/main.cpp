// eventflux_micro_bench [--no-gate] [--json FILE] [--benchmark_filter=REGEX …]: every operator in a
// pair with the loop that somebody would write for exactly its query. Ends with 1 when an output
// differs, a ceiling is missed or the engine allocates.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "tests/bench/measure/json_object.hpp"
#include "tests/bench/measure/machine.hpp"
#include "tests/bench/micro/paired.hpp"
#include "tests/bench/micro/suite.hpp"

namespace eventflux::bench {
namespace {

/// Says what runs; the table comes at the end.
class QuietReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      std::fprintf(stderr, "  %s\n", run.benchmark_name().c_str());
  }
};

struct Flags {
  bool gate = true;
  std::string json;
};

/// Takes its own flags out of the list and leaves the library's.
Flags take_flags(int& count, char** words) {
  Flags flags;
  int kept = 1;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--no-gate") == 0)
      flags.gate = false;
    else if (std::strcmp(words[i], "--json") == 0 && i + 1 < count)
      flags.json = words[++i];
    else
      words[kept++] = words[i];
  }
  count = kept;
  return flags;
}

void register_pair(const Workload& workload, std::vector<PairedResult>& results) {
  const auto body = [&workload, &results](benchmark::State& state) {
    for (auto iteration : state) {
      static_cast<void>(iteration);
      const PairedResult result = run_paired(workload, {});
      state.SetIterationTime(result.engine_ns * static_cast<double>(workload.rows) / 1e9);
      state.counters["hand_ns"] = result.hand_ns;
      state.counters["engine_ns"] = result.engine_ns;
      state.counters["ratio"] = result.ratio;
      results.push_back(result);
    }
  };
  benchmark::RegisterBenchmark(workload.name.c_str(), body)->UseManualTime()->Iterations(1);
}

std::string document(const std::vector<PairedResult>& results) {
  std::string list;
  for (const PairedResult& result : results)
    list += (list.empty() ? "\n" : ",\n") + to_json(result);
  return JsonObject().json("machine", to_json(this_machine())).json("pairs", "[" + list + "]").str() +
         "\n";
}

int run(int count, char** words) {
  const Flags flags = take_flags(count, words);
  Suite suite;
  add_filter(suite);
  add_group_by(suite);
  add_windows(suite);
  std::vector<PairedResult> results;
  for (const Workload& workload : suite.workloads)
    register_pair(workload, results);
  benchmark::Initialize(&count, words);
  QuietReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::printf("%s\n%s", to_text(this_machine()).c_str(), to_table(results).c_str());
  if (!flags.json.empty()) write_file(flags.json, document(results));
  bool ok = true;
  for (const PairedResult& result : results)
    ok = ok && result.ok();
  return ok || !flags.gate ? 0 : 1;
}

}  // namespace
}  // namespace eventflux::bench

int main(int count, char** words) {
  return eventflux::bench::run(count, words);
}
