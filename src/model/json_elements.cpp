#include <algorithm>

#include "eventflux/text.hpp"

namespace eventflux {
namespace {

/// Finds the end of values by counting brackets outside of strings, so depth costs no stack.
class ElementScanner {
 public:
  explicit ElementScanner(std::string_view text) : text_(text) {}

  void skip_spaces() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
      ++at_;
  }

  bool take(char c) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool ended() {
    skip_spaces();
    return at_ >= text_.size();
  }

  /// Takes a value up to the comma or bracket after it; nothing when it does not end.
  std::optional<std::string_view> take_value();

 private:
  bool take_string();

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Shape: the place is after the opening quote.
bool ElementScanner::take_string() {
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '"') return true;
    if (c == '\\') ++at_;
  }
  return false;
}

std::optional<std::string_view> ElementScanner::take_value() {
  skip_spaces();
  const std::size_t begin = at_;
  std::size_t depth = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const bool closes = c == ']' || c == '}';
    if (depth == 0 && (c == ',' || closes)) break;
    ++at_;
    if (c == '"' && !take_string()) return std::nullopt;
    if (c == '[' || c == '{') ++depth;
    if (closes) --depth;
  }
  if (depth != 0 || at_ >= text_.size()) return std::nullopt;
  std::string_view value = trim_text(text_.substr(begin, at_ - begin));
  return value.empty() ? std::nullopt : std::optional(value);
}

}  // namespace

std::optional<std::vector<std::string_view>> json_elements(std::string_view json) {
  ElementScanner scanner(json);
  std::vector<std::string_view> elements;
  if (!scanner.take('[')) return std::nullopt;
  if (scanner.take(']')) return scanner.ended() ? std::optional(elements) : std::nullopt;
  do {
    const auto element = scanner.take_value();
    if (!element) return std::nullopt;
    elements.push_back(*element);
  } while (scanner.take(','));
  if (!scanner.take(']') || !scanner.ended()) return std::nullopt;
  return elements;
}

}  // namespace eventflux
