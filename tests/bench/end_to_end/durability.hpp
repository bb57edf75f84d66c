#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eventflux::bench {

/// What a state directory costs a group-by over 10,000 keys that takes rows as fast as it can.
struct DurabilityResult {
  std::string name;
  double rows_per_second = 0;  ///< Median of the rounds.
  double cpu_ns_per_row = 0;
  double cost = 0;    ///< Share of the throughput that is lost against no state directory.
  double budget = 0;  ///< That it may cost; 0: reported, not judged.

  bool ok() const { return budget == 0 || cost <= budget; }
};

/// Runs `eventflux run` with a generator to its end, in rounds, so that all meet the same
/// neighbours.
std::vector<DurabilityResult> run_durability();

/// What a checkpoint of a million groups does to those who send meanwhile.
struct CheckpointResult {
  std::uint32_t groups = 0;
  double send_p50_us = 0;  ///< Of a batch of 1,024 rows.
  double send_max_ms = 0;  ///< The longest: the one that met a checkpoint.
  double checkpoints = 0;  ///< Taken while sending.
  double seconds = 0;      ///< Of sending.
  double restore_ms = 0;   ///< From load() to an app that can start.
};

CheckpointResult run_checkpoint();

std::string to_json(const DurabilityResult& result);
std::string to_json(const CheckpointResult& result);
std::string to_table(const std::vector<DurabilityResult>& results);
std::string to_table(const CheckpointResult& result);

}  // namespace eventflux::bench
