#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventflux/context.hpp"
#include "eventflux/program.hpp"

namespace eventflux::cli {

/// What a running command says on standard error: lines for people, or with --log-format json one
/// JSON object per line, as the log writes them. Thread: any.
class Talk {
 public:
  /// Owns: `log` outlives it.
  Talk(Log& log, bool json) : log_(log), json_(json) {}

  bool json() const { return json_; }

  /// Says one or more lines. Shape: a line end at the end is not needed.
  void lines(std::string_view text, LogLevel level = LogLevel::info) const;
  /// Says an error without a place in a text, and returns its exit status.
  int error(const Error& error) const;
  /// Says what was found in a program.
  void diagnostics(const Program& program) const;

 private:
  Log& log_;
  bool json_;
};

}  // namespace eventflux::cli
