#include "syntax/source_text.hpp"

#include <algorithm>
#include <utility>

namespace eventflux::syntax {

namespace {

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// A character of four bytes lies outside the basic plane and takes two UTF-16 units.
std::uint32_t utf16_units(std::string_view text) {
  std::uint32_t units = 0;
  for (const char byte : text) {
    if (continues_character(byte)) continue;
    units += static_cast<unsigned char>(byte) >= 0xF0U ? 2 : 1;
  }
  return units;
}

}  // namespace

std::uint32_t characters(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return !continues_character(byte); }));
}

SourceText::SourceText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
  for (std::size_t index = 0; index < text_.size(); ++index) {
    if (text_[index] == '\n') line_starts_.push_back(static_cast<std::uint32_t>(index + 1));
  }
}

std::uint32_t SourceText::line_of(std::uint32_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::uint32_t>(next - line_starts_.begin());
}

LineColumn SourceText::place(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const std::uint32_t line = line_of(offset);
  const std::uint32_t start = line_starts_[line - 1];
  return {line, characters(std::string_view(text_).substr(start, offset - start)) + 1};
}

LineColumn SourceText::place_utf16(std::uint32_t offset) const {
  offset = std::min(offset, static_cast<std::uint32_t>(text_.size()));
  const std::uint32_t line = line_of(offset);
  const std::uint32_t start = line_starts_[line - 1];
  return {line, utf16_units(std::string_view(text_).substr(start, offset - start)) + 1};
}

std::string_view SourceText::line(std::uint32_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::size_t start = line_starts_[number - 1];
  std::size_t end = number < line_starts_.size() ? line_starts_[number] - 1 : text_.size();
  if (end > start && text_[end - 1] == '\r') --end;
  return std::string_view(text_).substr(start, end - start);
}

std::string_view SourceText::words(Span span) const {
  const std::size_t begin = std::min<std::size_t>(span.begin, text_.size());
  const std::size_t end = std::clamp<std::size_t>(span.end, begin, text_.size());
  return std::string_view(text_).substr(begin, end - begin);
}

std::string SourceText::location(std::uint32_t offset) const {
  const LineColumn at = place(offset);
  return name_ + ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
}

}  // namespace eventflux::syntax
