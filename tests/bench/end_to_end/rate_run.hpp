#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/bench/measure/histogram.hpp"

namespace eventflux::bench {

/// What `eventflux sim market` → `eventflux run` → file came to at one rate.
struct RateResult {
  std::string name;
  double rate = 0;  ///< Messages per second, one trade each.
  double seconds = 0;
  std::uint64_t rows = 0;      ///< Written.
  std::uint64_t expected = 0;  ///< Due in that time.
  Histogram latency;           ///< From due to seen in the file. Units: microseconds.
  double engine_cpu = 0;       ///< Of all threads of the engine, in cores.
  double sender_cpu = 0;       ///< Of the simulator: at 1 it is the limit, not the engine.
  std::map<std::string, double> threads;  ///< Of the engine, by thread.
  std::int64_t last_us = 0;  ///< Latency of the last rows: grows when it does not keep up.

  /// Returns whether the engine kept up.
  bool sustained() const;
};

/// How rows leave: as the sink does by default, or one by one.
enum class Leaving : std::uint8_t { by_default, at_once };

/// Runs both processes; each is kept on a core of its own.
RateResult run_rate(double rate, double seconds, Leaving leaving);

/// Finds the highest rate that the engine keeps up with on one core.
RateResult find_highest_rate();

std::string to_json(const RateResult& result);
std::string to_table(const std::vector<RateResult>& results);

}  // namespace eventflux::bench
