#include "request.hpp"

namespace eventflux::simulators::market {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool ended() {
    skip_blanks();
    return at_ == text_.size();
  }

  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// Takes a string without escapes: names of channels and products need none.
  std::optional<std::string> take_string() {
    if (!take('"')) return std::nullopt;
    const std::size_t end = text_.find('"', at_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text_.substr(at_, end - at_);
    at_ = end + 1;
    if (inside.find('\\') != std::string_view::npos) return std::nullopt;
    return std::string(inside);
  }

  std::optional<std::vector<std::string>> take_strings() {
    std::vector<std::string> all;
    if (!take('[')) return std::nullopt;
    if (take(']')) return all;
    do {
      auto one = take_string();
      if (!one) return std::nullopt;
      all.push_back(*std::move(one));
    } while (take(','));
    return take(']') ? std::optional(all) : std::nullopt;
  }

  /// Skips a value up to the comma or bracket behind it.
  bool skip_value();

 private:
  /// Goes from the quote that begins a string to the one that ends it.
  void skip_quoted() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool Scanner::skip_value() {
  std::size_t depth = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') skip_quoted();
    if (depth == 0 && (c == ',' || c == '}')) return true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth-- == 0) return false;
  }
  return false;
}

template <class T>
bool assign(T& member, std::optional<T> value) {
  if (!value) return false;
  member = *std::move(value);
  return true;
}

bool take_member(Scanner& scanner, Request& request) {
  const auto name = scanner.take_string();
  if (!name || !scanner.take(':')) return false;
  if (*name == "type") return assign(request.type, scanner.take_string());
  if (*name == "channel") return assign(request.channel, scanner.take_string());
  if (*name == "product_ids") return assign(request.product_ids, scanner.take_strings());
  return scanner.skip_value();
}

}  // namespace

std::optional<Request> parse_request(std::string_view text) {
  Scanner scanner(text);
  Request request;
  if (!scanner.take('{')) return std::nullopt;
  if (!scanner.take('}')) {
    do {
      if (!take_member(scanner, request)) return std::nullopt;
    } while (scanner.take(','));
    if (!scanner.take('}')) return std::nullopt;
  }
  return scanner.ended() ? std::optional(request) : std::nullopt;
}

}  // namespace eventflux::simulators::market
