#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "testkit/session.hpp"

namespace eventflux::testkit {

/// Runs a replay script, one JSON object per line, against a session.
/// Thread: one.
class Replay {
 public:
  /// `emit` gets each output line without its end, before the next input line is read.
  Replay(Session& session, std::function<void(std::string_view)> emit)
      : session_(session), emit_(std::move(emit)) {}

  /// Runs one line; empty lines count and do nothing. Fails: EF0807, EF0806, EF0601 with what is
  /// wrong.
  Result<void> run_line(std::string_view line);
  /// Ends the input and emits what that closes.
  void finish();

 private:
  void print_output();

  Session& session_;
  std::function<void(std::string_view)> emit_;
};

/// Returns one output row as a line of a replay: {"stream":…,"ts":…,"kind":"+","row":[…]}.
std::string replay_line(const OutputRow& row, const Schema& schema);

}  // namespace eventflux::testkit
