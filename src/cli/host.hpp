#pragma once

#include "base/log.hpp"
#include "cli/terminal.hpp"
#include "engine/system_host.hpp"

namespace eventflux::cli {

/// Holds standard output before the machine that uses it is made.
struct OutputMember {
  StandardOutput standard_output;
};

/// The machine as a command uses it: data to standard output, the log to standard error.
class SystemHost : private OutputMember, public engine::SystemHost {
 public:
  explicit SystemHost(LogLevel least = LogLevel::info,
                      base::LogFormat format = base::LogFormat::text)
      : engine::SystemHost(base::make_line_log(least, format, print_error), &standard_output) {}
};

}  // namespace eventflux::cli
