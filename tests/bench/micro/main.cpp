// eventflux_micro_bench [--no-gate] [--json FILE] [--profile SECONDS] [--benchmark_filter=REGEX …]:
// every operator in a pair with the loop that somebody would write for exactly its query. Ends with
// 1 when an output differs, a ceiling is missed or the engine allocates. With --profile the engine
// runs alone and nothing is measured.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "tests/bench/measure/json_object.hpp"
#include "tests/bench/measure/machine.hpp"
#include "tests/bench/micro/latency.hpp"
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
  int profile_seconds = 0;
};

/// Takes its own flags out of the list and leaves the library's.
Flags take_flags(int& count, char** words) {
  Flags flags;
  int kept = 1;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(words[i], "--no-gate") == 0) {
      flags.gate = false;
    } else if (std::strcmp(words[i], "--json") == 0 && i + 1 < count) {
      flags.json = words[++i];
    } else if (std::strcmp(words[i], "--profile") == 0 && i + 1 < count) {
      flags.profile_seconds = std::atoi(words[++i]);
    } else {
      words[kept++] = words[i];
    }
  }
  count = kept;
  return flags;
}

void register_engine(const Workload& workload, int seconds) {
  const auto body = [&workload, seconds](benchmark::State& state) {
    for (auto iteration : state) {
      static_cast<void>(iteration);
      run_engine_alone(workload, std::int64_t{seconds} * 1'000'000'000);
    }
  };
  benchmark::RegisterBenchmark(workload.name.c_str(), body)->Iterations(1);
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

template <class Result>
std::string json_list(const std::vector<Result>& results) {
  std::string list;
  for (const Result& result : results)
    list += (list.empty() ? "\n" : ",\n") + to_json(result);
  return "[" + list + "]";
}

template <class Result>
bool all_ok(const std::vector<Result>& results) {
  bool ok = true;
  for (const Result& result : results)
    ok = ok && result.ok();
  return ok;
}

/// Shows and stores everything; returns the exit status.
int report(const Flags& flags, const std::vector<PairedResult>& pairs,
           const std::vector<LatencyResult>& latencies) {
  std::printf("%s\n%s", to_text(this_machine()).c_str(), to_table(pairs).c_str());
  if (!latencies.empty()) std::printf("\n%s", to_table(latencies).c_str());
  if (!flags.json.empty()) {
    write_file(flags.json, JsonObject()
                                   .json("machine", to_json(this_machine()))
                                   .json("pairs", json_list(pairs))
                                   .json("latencies", json_list(latencies))
                                   .str() +
                               "\n");
  }
  return (all_ok(pairs) && all_ok(latencies)) || !flags.gate ? 0 : 1;
}

void register_latency(std::vector<LatencyResult>& results) {
  const auto body = [&results](benchmark::State& state) {
    for (auto iteration : state) {
      static_cast<void>(iteration);
      results = run_latency();
    }
  };
  benchmark::RegisterBenchmark("latency", body)->Iterations(1);
}

/// A pass gives up many batches at once, which no host does. Without this the allocator would hand
/// their memory back to the kernel each time, and the engine would be charged for it.
void keep_freed_memory() {
  constexpr int most = 1 << 30;
  ::mallopt(M_TRIM_THRESHOLD, most);
  ::mallopt(M_MMAP_THRESHOLD, most);
}

int run(int count, char** words) {
  keep_freed_memory();
  const Flags flags = take_flags(count, words);
  Suite suite;
  add_filter(suite);
  add_group_by(suite);
  add_windows(suite);
  add_json(suite);
  add_text(suite);
  add_variants(suite);
  std::vector<PairedResult> results;
  for (const Workload& workload : suite.workloads) {
    if (flags.profile_seconds > 0) {
      register_engine(workload, flags.profile_seconds);
    } else {
      register_pair(workload, results);
    }
  }
  std::vector<LatencyResult> latencies;
  if (flags.profile_seconds == 0) register_latency(latencies);
  benchmark::Initialize(&count, words);
  QuietReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  if (flags.profile_seconds > 0) return 0;
  return report(flags, results, latencies);
}

}  // namespace
}  // namespace eventflux::bench

int main(int count, char** words) {
  return eventflux::bench::run(count, words);
}
