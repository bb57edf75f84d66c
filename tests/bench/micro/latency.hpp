#pragma once

#include <string>
#include <vector>

#include "tests/bench/measure/histogram.hpp"

namespace eventflux::bench {

/// How long rows took from the moment at which they were due to the call of a subscription.
/// Units: nanoseconds.
struct LatencyResult {
  std::string name;
  double rate = 0;         ///< Rows per second.
  double ceiling_p50 = 0;  ///< 0: reported, not judged.
  Histogram latency;
  Histogram call;        ///< From the call of send(): what the engine itself takes.
  double disturbed = 0;  ///< Wall ÷ processor time; above 1.2 others had the core.

  /// Judges the latency, unless others had the core: then the call.
  bool ok() const;
};

/// One row per Publisher::send() on the thread that runs the graph. Row i is due at
/// start + i / rate, and its latency counts from then, also when the sender is behind.
std::vector<LatencyResult> run_latency();

std::string to_json(const LatencyResult& result);
std::string to_table(const std::vector<LatencyResult>& results);

}  // namespace eventflux::bench
