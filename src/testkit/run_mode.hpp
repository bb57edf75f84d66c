#pragma once

#include <span>
#include <string>

#include "testkit/session.hpp"

namespace eventflux::testkit {

/// A way to run a golden file; what comes out is the same in all of them.
struct RunMode {
  std::string_view name;
  Cut cut = Cut::natural;
  bool checkpoints = false;  ///< A checkpoint after every block.
  bool crashes = false;      ///< After each of those, all memory is dropped.
};

/// Returns plain, batch=1, batch=max, checkpoint, crash.
std::span<const RunMode> run_modes();

/// Returns the mode of a name. Fails: EF0806 with the names.
Result<RunMode> find_run_mode(std::string_view name);

}  // namespace eventflux::testkit
