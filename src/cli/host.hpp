#pragma once

#include "base/log.hpp"
#include "cli/terminal.hpp"
#include "engine/machine.hpp"

namespace eventflux::cli {

/// The machine as a command uses it: data to standard output, the log to standard error.
class Machine : private StandardOutput, public engine::Machine {
 public:
  explicit Machine(LogLevel least = LogLevel::info, base::LogFormat format = base::LogFormat::text)
      : engine::Machine(base::make_error_log(least, format), static_cast<StandardOutput*>(this)) {}
};

}  // namespace eventflux::cli
