#pragma once

#include "cli/command.hpp"
#include "testkit/simulator_host.hpp"

namespace eventflux::cli {

/// Reads the load and fault flags that all simulators share. Fails: EF0303.
Result<testkit::SimulatorPlan> read_simulator_plan(const Arguments& arguments,
                                                   const SimulatorEntry& entry);

}  // namespace eventflux::cli
