#pragma once

#include "base/log.hpp"
#include "cli/terminal.hpp"
#include "engine/machine.hpp"

namespace eventflux::cli {

/// Holds standard output before the machine that uses it is made.
struct OutputMember {
  StandardOutput standard_output;
};

/// The machine as a command uses it: data to standard output, the log to standard error.
class Machine : private OutputMember, public engine::Machine {
 public:
  explicit Machine(LogLevel least = LogLevel::info, base::LogFormat format = base::LogFormat::text)
      : engine::Machine(base::make_line_log(least, format, print_error), &standard_output) {}
};

}  // namespace eventflux::cli
