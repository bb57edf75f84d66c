#pragma once

#include <string>
#include <vector>

#include "eventflux/context.hpp"

namespace eventflux::tests {

enum class LineKind : std::uint8_t { valid, malformed, late, ahead };

/// A line of an input file. `n` is its number times two, plus that of its source.
struct Line {
  LineKind kind = LineKind::valid;
  std::int64_t n = 0;
  std::int64_t k = 0;
  std::int64_t window = 0;  ///< Which of the windows of 10 s holds it.
  std::string text{};       ///< With its line end.
};

struct Input {
  std::string stream{};
  std::string path{};
  std::vector<Line> lines{};

  std::string text() const;
};

/// One app and what it reads, drawn from a seed.
struct Case {
  std::uint64_t seed = 0;
  std::vector<Input> inputs{};  ///< One or two; two are merged.
  std::int64_t filter = 2;      ///< Rows holds those whose n is not a multiple of it.
  std::int64_t picky = 0;       ///< The sink of Rows rejects what leaves 1 by it; 0: nothing.
  bool rows_on_wire = false;
  bool totals_on_wire = false;
  bool windows_on_wire = false;
  bool inline_graph = false;
  std::int64_t messages = 0;  ///< Of a WebSocket, which go to Heard; 0: there is none.
  std::string strategy{};     ///< error.strategy of the sources.
  std::string app_options{};
  std::string source_options{};
  std::string sink_options{};
  std::size_t runs = 1;  ///< Before the last one, which nothing disturbs.

  /// Returns the text of the app. `strategy` is that of the case, or another.
  std::string program(const std::string& error_strategy) const;
};

/// Draws a case. Times of rows lie before `start`.
Case draw_case(std::uint64_t seed, Timestamp start);

}  // namespace eventflux::tests
