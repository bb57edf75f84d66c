#pragma once

#include <string>

namespace eventflux::bench {

/// What the program weighs when it does nothing.
struct FootprintResult {
  static constexpr double start_ms_max = 20;
  static constexpr double resident_mb_max = 30;

  double start_ms = 0;      ///< From its start to its end when it only says its version; median.
  double first_row_ms = 0;  ///< From its start to the first row of a generator on its output.
  double resident_mb = 0;   ///< Of a running app that gets no rows.
  double stripped_mb = 0;   ///< The binary without symbols.

  bool ok() const { return start_ms <= start_ms_max && resident_mb <= resident_mb_max; }
};

FootprintResult run_footprint();

std::string to_json(const FootprintResult& result);
std::string to_table(const FootprintResult& result);

}  // namespace eventflux::bench
