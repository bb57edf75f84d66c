#pragma once

#include <memory>
#include <string>

#include "eventflux/engine.hpp"

#include "base/log.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {

/// The engine as a command uses it: data to standard output, the log to standard error.
class Host {
 public:
  /// `state_dir` is where apps keep what they store; empty: in memory.
  explicit Host(std::string state_dir = {}, LogLevel least = LogLevel::info,
                base::LogFormat format = base::LogFormat::text)
      : log_(base::make_line_log(least, format, print_error)),
        engine_(Engine::open({.state_dir = std::move(state_dir), .log = log_.get(), .out = &out_})
                    .value()) {}

  const Engine& engine() const { return engine_; }

  Clock& clock() const { return engine_.clock(); }

  Log& log() const { return *log_; }

  Output& out() { return out_; }

 private:
  StandardOutput out_;
  std::unique_ptr<Log> log_;
  Engine engine_;
};

}  // namespace eventflux::cli
