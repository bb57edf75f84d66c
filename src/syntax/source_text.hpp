#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"

namespace eventflux::syntax {

/// A place as people read it. Units: lines and characters (code points), both from 1.
struct LineColumn {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  bool operator==(const LineColumn&) const = default;
};

/// A program's text with its name, and the way from byte offsets to lines and columns.
/// Owns: a copy of the text.
class SourceText {
 public:
  SourceText(std::string name, std::string text);

  const std::string& name() const { return name_; }

  const std::string& text() const { return text_; }

  /// Returns the place of a byte; an offset past the end is the place behind the last character.
  LineColumn place(std::uint32_t offset) const;
  /// Returns the place in UTF-16 units, as the language server protocol counts them, still from 1.
  LineColumn place_utf16(std::uint32_t offset) const;
  /// Returns a line without its end. Fails: empty for a line that does not exist.
  std::string_view line(std::uint32_t number) const;
  /// Returns the words of a span. Fails: cut at the end of the text.
  std::string_view words(Span span) const;
  /// Returns "trades.efql:14:22".
  std::string location(std::uint32_t offset) const;

 private:
  std::uint32_t line_of(std::uint32_t offset) const;

  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

/// Returns the number of code points of UTF-8 text.
std::uint32_t characters(std::string_view text);

}  // namespace eventflux::syntax
