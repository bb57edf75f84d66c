#pragma once

#include <string>
#include <vector>

#include "tests/bench/micro/side.hpp"

namespace eventflux::bench {

/// What a pair came to. Units: nanoseconds per row.
struct PairedResult {
  std::string name;
  double ceiling = 0;
  double hand_ns = 0;  ///< Median of the processor time.
  double engine_ns = 0;
  double hand_least_ns = 0;  ///< Least of all repetitions.
  double engine_least_ns = 0;
  double engine_wall_ns = 0;
  double ratio = 0;  ///< Median of the ratios of neighbouring blocks.
  double bytes_per_row = 0;
  double allocations = 0;  ///< Of the engine, per row, in steady state.
  bool allocations_judged = false;
  double disturbed = 0;  ///< Wall ÷ processor time; above 1.2 others had the core.
  bool same = false;     ///< Both made the same output.

  double rows_per_second() const { return 1e9 / engine_ns; }

  bool slow() const { return ceiling > 0 && ratio > ceiling; }

  bool allocates() const { return allocations_judged && allocations > 0; }

  bool ok() const { return same && !slow() && !allocates(); }
};

struct PairedOptions {
  int repetitions = 9;
  std::int64_t block_ns = 2'000'000;  ///< Least processor time of a block.
};

/// Runs both sides of a workload in alternating blocks on the same input, after their outputs were
/// compared and their state has its size. A disturbed repetition is done again, a few times.
PairedResult run_paired(const Workload& workload, const PairedOptions& options);

/// Runs the engine's side alone for so long, for a profiler to look at.
void run_engine_alone(const Workload& workload, std::int64_t wall_ns);

std::string to_json(const PairedResult& result);
/// Returns a table for people.
std::string to_table(const std::vector<PairedResult>& results);

}  // namespace eventflux::bench
