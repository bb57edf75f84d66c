#include "condition.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "eventflux/text.hpp"

// The scanner trusts nothing: every step looks whether there is a byte left, and values that are
// not on the path are skipped by counting brackets outside of strings, so depth costs no stack. It
// takes some texts that are not JSON; those the decoder refuses.

namespace eventflux::connectors::websocket {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool ended() const { return at_ >= text_.size(); }

  char peek() const { return ended() ? '\0' : text_[at_]; }

  char take() { return ended() ? '\0' : text_[at_++]; }

  std::size_t at() const { return at_; }

  std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  void skip_blanks() {
    while (!ended() && is_blank(text_[at_]))
      ++at_;
  }

  bool take_if(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  /// Takes a string with its quotes. Returns nothing when it does not end.
  std::optional<std::string_view> take_string();
  /// Takes any value. Returns nothing when it does not end.
  std::optional<std::string_view> take_value();

 private:
  bool skip_nested();

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<std::string_view> Scanner::take_string() {
  const std::size_t begin = at_;
  if (take() != '"') return std::nullopt;
  while (!ended()) {
    const char c = take();
    if (c == '"') return since(begin);
    if (c == '\\') take();
  }
  return std::nullopt;
}

bool Scanner::skip_nested() {
  std::size_t depth = 0;
  while (!ended()) {
    if (peek() == '"') {
      if (!take_string()) return false;
      continue;
    }
    const char c = take();
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return true;
  }
  return false;
}

std::optional<std::string_view> Scanner::take_value() {
  skip_blanks();
  const std::size_t begin = at_;
  if (peek() == '"') return take_string();
  if (peek() == '{' || peek() == '[')
    return skip_nested() ? std::optional(since(begin)) : std::nullopt;
  while (!ended() && !is_blank(peek()) && peek() != ',' && peek() != '}' && peek() != ']')
    ++at_;
  return at_ == begin ? std::nullopt : std::optional(since(begin));
}

std::optional<std::uint32_t> take_hex4(Scanner& scanner) {
  std::uint32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(scanner.take());
    if (digit < 0) return std::nullopt;
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  return code;
}

bool take_unicode(Scanner& scanner, std::string& out) {
  const auto high = take_hex4(scanner);
  if (!high) return false;
  if (*high < 0xD800 || *high > 0xDBFF) {
    return append_utf8(*high, out);
  }
  if (scanner.take() != '\\' || scanner.take() != 'u') return false;
  const auto low = take_hex4(scanner);
  if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
  return append_utf8(0x10000 + ((*high - 0xD800) << 10U) + (*low - 0xDC00), out);
}

/// Returns what a JSON string with its quotes stands for.
std::optional<std::string> unescape(std::string_view quoted) {
  constexpr std::string_view names = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  std::string out;
  Scanner scanner(quoted.substr(1, quoted.size() - 2));
  while (!scanner.ended()) {
    const char c = scanner.take();
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    const char name = scanner.take();
    const std::size_t known = names.find(name);
    if (known != std::string_view::npos) {
      out.push_back(meanings[known]);
    } else if (name != 'u' || !take_unicode(scanner, out)) {
      return std::nullopt;
    }
  }
  return out;
}

bool is_named(std::string_view quoted, const std::string& name) {
  if (quoted.find('\\') == std::string_view::npos)
    return quoted.substr(1, quoted.size() - 2) == name;
  return unescape(quoted) == name;
}

/// Moves to the value of a member; false when there is none of that name.
bool enter_member(Scanner& scanner, const std::string& name) {
  if (!scanner.take_if('{')) return false;
  do {
    scanner.skip_blanks();
    const auto key = scanner.take_string();
    if (!key || !scanner.take_if(':')) return false;
    if (is_named(*key, name)) return true;
    if (!scanner.take_value()) return false;
  } while (scanner.take_if(','));
  return false;
}

bool enter_element(Scanner& scanner, std::size_t index) {
  if (!scanner.take_if('[')) return false;
  for (std::size_t i = 0; i < index; ++i)
    if (!scanner.take_value() || !scanner.take_if(',')) return false;
  return true;
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

Error bad_condition(std::string_view text) {
  return {Code::invalid_value, std::string("'").append(text).append("' is not a condition"),
          "write it like $.channel = 'subscriptions' AND $.id != 2, or payload = 'pong'"};
}

/// Takes a text in single quotes, in which two of them stand for one.
std::optional<std::string> take_text(Scanner& scanner) {
  if (!scanner.take_if('\'')) return std::nullopt;
  std::string out;
  while (!scanner.ended()) {
    const char c = scanner.take();
    if (c != '\'') {
      out.push_back(c);
    } else if (scanner.peek() == '\'') {
      out.push_back(scanner.take());
    } else {
      return out;
    }
  }
  return std::nullopt;
}

std::optional<PathStep> take_step(Scanner& scanner) {
  if (scanner.take_if('.')) {
    const std::size_t begin = scanner.at();
    while (is_name_letter(scanner.peek()))
      scanner.take();
    if (scanner.at() == begin) return std::nullopt;
    return PathStep{std::string(scanner.since(begin))};
  }
  if (!scanner.take_if('[')) return std::nullopt;
  PathStep step;
  scanner.skip_blanks();
  if (scanner.peek() == '\'') {
    const auto name = take_text(scanner);
    if (!name) return std::nullopt;
    step.name = *name;
  } else {
    const auto digits = scanner.take_value();
    std::size_t index = 0;
    if (!digits) return std::nullopt;
    const char* const end = digits->data() + digits->size();
    if (std::from_chars(digits->data(), end, index).ptr != end) return std::nullopt;
    step.index = index;
  }
  return scanner.take_if(']') ? std::optional(step) : std::nullopt;
}

std::optional<std::vector<PathStep>> take_path(Scanner& scanner) {
  std::vector<PathStep> path;
  if (!scanner.take_if('$')) return std::nullopt;
  while (scanner.peek() == '.' || scanner.peek() == '[') {
    const auto step = take_step(scanner);
    if (!step) return std::nullopt;
    path.push_back(*step);
  }
  return path;
}

std::optional<bool> take_operator(Scanner& scanner) {
  if (scanner.take_if('=')) return true;
  if (scanner.take_if('!') && scanner.peek() == '=') {
    scanner.take();
    return false;
  }
  return std::nullopt;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, value);
  return failed == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

std::optional<std::string> take_literal(Scanner& scanner) {
  scanner.skip_blanks();
  if (scanner.peek() == '\'') {
    const auto text = take_text(scanner);
    return text ? std::optional("\"" + *text) : std::nullopt;
  }
  const auto word = scanner.take_value();
  if (!word) return std::nullopt;
  const bool known = *word == "true" || *word == "false" || *word == "null" || number_of(*word);
  return known ? std::optional(std::string(*word)) : std::nullopt;
}

/// Takes a word if it comes next, in any case of its letters.
bool take_word(Scanner& scanner, std::string_view lower) {
  Scanner ahead = scanner;
  ahead.skip_blanks();
  for (const char letter : lower)
    if ((ahead.take() | 0x20) != letter) return false;
  if (is_name_letter(ahead.peek())) return false;
  scanner = ahead;
  return true;
}

}  // namespace

std::optional<std::string_view> find_value(std::string_view json,
                                           const std::vector<PathStep>& path) {
  Scanner scanner(json);
  for (const PathStep& step : path) {
    const bool found =
        step.index ? enter_element(scanner, *step.index) : enter_member(scanner, step.name);
    if (!found) return std::nullopt;
  }
  return scanner.take_value();
}

std::optional<Condition::Term> Condition::take_term(std::string_view text, std::size_t& at) {
  Scanner scanner(text.substr(at));
  Term term;
  term.whole = take_word(scanner, "payload");
  if (!term.whole) {
    const auto path = take_path(scanner);
    if (!path) return std::nullopt;
    term.path = *path;
  }
  const auto equal = take_operator(scanner);
  const auto literal = equal ? take_literal(scanner) : std::nullopt;
  if (!literal || (term.whole && !literal->starts_with('"'))) return std::nullopt;
  term.equal = *equal;
  term.literal = *literal;
  scanner.skip_blanks();
  at += scanner.at();
  return term;
}

Result<Condition> Condition::parse(std::string_view text) {
  Condition condition;
  condition.text_ = text;
  condition.any_of_.emplace_back();
  std::size_t at = 0;
  for (;;) {
    const auto term = take_term(text, at);
    if (!term) return bad_condition(text);
    condition.any_of_.back().push_back(*term);
    Scanner scanner(text.substr(at));
    if (scanner.ended()) return condition;
    if (take_word(scanner, "or")) {
      condition.any_of_.emplace_back();
    } else if (!take_word(scanner, "and")) {
      return bad_condition(text);
    }
    at += scanner.at();
  }
}

bool Condition::fits(std::string_view message) const {
  return std::any_of(any_of_.begin(), any_of_.end(), [&](const std::vector<Term>& terms) {
    return std::all_of(terms.begin(), terms.end(),
                       [&](const Term& term) { return fits(term, message); });
  });
}

bool Condition::fits(const Term& term, std::string_view message) {
  if (term.whole) return (message == std::string_view(term.literal).substr(1)) == term.equal;
  const auto value = find_value(message, term.path);
  if (!value || value->starts_with('{') || value->starts_with('[')) return false;
  if (term.literal.starts_with('"')) {
    const bool same = value->starts_with('"') && is_named(*value, term.literal.substr(1));
    return same == term.equal;
  }
  const auto left = number_of(*value);
  const auto right = number_of(term.literal);
  const bool same = left && right ? *left == *right : *value == term.literal;
  return same == term.equal;
}

}  // namespace eventflux::connectors::websocket
