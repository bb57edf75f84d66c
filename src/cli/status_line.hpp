#pragma once

#include <optional>
#include <string>

#include "engine/runner.hpp"

namespace eventflux::cli {

/// Watches a running app for people: a line of rates on a terminal, and one explanation when
/// nothing comes out for ten seconds. Thread: one.
class StatusLine {
 public:
  StatusLine(const engine::Runner& runner, Clock& clock);

  /// Called about four times a second.
  void update();
  /// Removes the line from the terminal.
  void clear();

 private:
  void print_line(const engine::RunStatus& status, Timestamp now);
  void explain_silence(const engine::RunStatus& status, Timestamp now);

  const engine::Runner& runner_;
  Clock& clock_;
  Timestamp last_{};
  Timestamp last_output_{};
  std::uint64_t in_ = 0;
  std::uint64_t out_ = 0;
  std::uint64_t written_ = 0;
  bool explained_ = false;
  bool shown_ = false;
};

/// Says at which operator rows stop, and why; for people.
std::string why_text(const engine::RunStatus& status);

}  // namespace eventflux::cli
