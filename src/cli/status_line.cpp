#include "cli/status_line.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/display_text.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

constexpr Duration silence_max = std::chrono::seconds(10);

std::string rate_text(std::uint64_t rows, Duration time) {
  const double seconds = std::max(static_cast<double>(time.count()) / 1e6, 1e-3);
  const double rate = static_cast<double>(rows) / seconds;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), rate < 10 ? "%.1f/s" : "%.0f/s", rate);
  return text.data();
}

std::uint64_t rows_in(const AppStatus& status) {
  std::uint64_t rows = 0;
  for (const SourceStatus& source : status.sources)
    rows += source.rows;
  return rows;
}

std::uint64_t rows_out(const AppStatus& status) {
  std::uint64_t rows = 0;
  for (const OperatorStatus& node : status.operators)
    if (node.label.starts_with("sink ")) rows += node.out;
  return rows;
}

std::string node_line(const OperatorStatus& node) {
  std::string line = base::pad_columns("  " + node.label + ' ', 44) + std::to_string(node.in) +
                     " in  " + std::to_string(node.out) + " out";
  for (const auto& [reason, rows] : node.dropped)
    line += "  " + std::to_string(rows) + " " + std::string(reason);
  if (node.held != 0) line += "  " + std::to_string(node.held) + " held";
  return line + "\n";
}

/// The first operator that takes rows and hands none on.
const OperatorStatus* stop_of_rows(const AppStatus& status) {
  const auto found = std::find_if(status.operators.begin(), status.operators.end(),
                                  [](const OperatorStatus& node) {
                                    return node.in != 0 && node.out == 0 && !node.label.empty() &&
                                           !node.label.starts_with("sink ");
                                  });
  return found == status.operators.end() ? nullptr : &*found;
}

std::string cause_of(const OperatorStatus& node) {
  if (node.held != 0)
    return "its window is still open and holds " + std::to_string(node.held) + " rows";
  std::uint64_t most = 0;
  std::string cause = "it has passed on no row yet";
  for (const auto& [reason, rows] : node.dropped) {
    if (rows <= most) continue;
    most = rows;
    cause = reason == "filtered"    ? "its conditions let no row pass"
            : reason == "late"      ? "its rows come after the watermark"
            : reason == "duplicate" ? "its rows are not beyond the stored cursor"
                                    : "its rows fail: see the log or  eventflux dlq ls";
  }
  return cause;
}

std::string cause_of(const SourceStatus& source) {
  if (source.network && !source.connected) return " is not connected";
  if (source.received == 0) return " has received nothing";
  if (source.unmatched != 0) return " receives payloads that no resource claims";
  return " receives payloads that do not decode";
}

std::string source_line(const SourceStatus& source) {
  std::string line = "  source " + source.name;
  if (source.network) line += source.connected ? " (connected)" : " (not connected)";
  return line + ": " + std::to_string(source.received) + " payloads, " +
         std::to_string(source.rows) + " rows, " + std::to_string(source.unmatched) +
         " unmatched, " + std::to_string(source.rejected) + " rejected\n";
}

}  // namespace

std::string why_text(const AppStatus& status) {
  std::string text;
  const SourceStatus* quiet = nullptr;
  for (const SourceStatus& source : status.sources)
    if (source.rows == 0) quiet = &source;
  if (const OperatorStatus* node = stop_of_rows(status)) {
    text += "rows stop at  " + node->label + ": " + cause_of(*node) + "\n";
  } else if (quiet != nullptr) {
    text += "source " + quiet->name + cause_of(*quiet) + "\n";
  } else {
    text += status.sources.empty() ? "there is no source\n" : "rows pass every operator\n";
  }
  for (const SourceStatus& source : status.sources)
    text += source_line(source);
  for (const OperatorStatus& node : status.operators)
    if (!node.label.empty()) text += node_line(node);
  return text;
}

StatusLine::StatusLine(const App& app, Clock& clock, const Talk& talk, bool durable,
                       std::function<std::uint64_t()> printed)
    : app_(app),
      clock_(clock),
      talk_(talk),
      durable_(durable),
      printed_(std::move(printed)),
      last_(clock.steady()),
      last_output_(clock.steady()) {}

void StatusLine::update() {
  const Timestamp now = clock_.steady();
  const AppStatus status = app_.status();
  const std::uint64_t out = rows_out(status) + printed_();
  if (out != written_) {
    written_ = out;
    last_output_ = now;
    explained_ = false;
  }
  if (!explained_ && now - last_output_ >= silence_max) {
    talk_.lines("no rows for 10 s: " + why_text(status));
    explained_ = true;
  }
  if (talk_.json() || !errors_are_terminal()) return;
  const bool due = now - last_ >= std::chrono::seconds(1);
  if (due) text_ = line_text(status, out, now);
  // What was printed since has erased it.
  if (due || !status_is_shown()) show_status(text_);
}

std::string StatusLine::line_text(const AppStatus& status, std::uint64_t out, Timestamp now) {
  const std::uint64_t in = rows_in(status);
  Timestamp newest{};
  for (const SourceStatus& source : status.sources)
    newest = std::max(newest, source.last_payload);
  const Timestamp wall = clock_.now();
  const auto seconds = [](Duration time) {
    return to_text(std::chrono::duration_cast<std::chrono::milliseconds>(time));
  };
  std::string line =
      "in " + rate_text(in - in_, now - last_) + " · out " + rate_text(out - out_, now - last_);
  if (newest.us != 0) line += " · silent " + seconds(wall - newest);
  if (durable_ && status.checkpoint_at.us != 0)
    line += " · checkpoint " + seconds(wall - status.checkpoint_at) + " ago";
  line += " · dlq " + std::to_string(status.dead_letters);
  in_ = in;
  out_ = out;
  last_ = now;
  return line;
}

}  // namespace eventflux::cli
