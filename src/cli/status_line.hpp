#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "eventflux/context.hpp"
#include "eventflux/engine.hpp"

#include "cli/talk.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {

/// Watches a running app for people: a line of rates on a terminal, and one explanation when
/// nothing comes out for ten seconds. Thread: one.
class StatusLine {
 public:
  /// `printed` returns how many rows were printed that no sink writes.
  StatusLine(const App& app, Clock& clock, const Talk& talk, bool durable,
             std::function<std::uint64_t()> printed);

  /// Called about four times a second.
  void update();

  /// Removes the line from the terminal.
  void clear() { show_status({}); }

 private:
  std::string line_text(const AppStatus& status, std::uint64_t out, Timestamp now);

  const App& app_;
  Clock& clock_;
  const Talk& talk_;
  bool durable_;
  std::function<std::uint64_t()> printed_;
  std::string text_{};
  Timestamp last_{};
  Timestamp last_output_{};
  std::uint64_t in_ = 0;
  std::uint64_t out_ = 0;
  std::uint64_t written_ = 0;
  bool explained_ = false;
};

/// Says at which operator rows stop, and why; for people. Shape: lines that end in '\n'.
std::string why_text(const AppStatus& status);

}  // namespace eventflux::cli
