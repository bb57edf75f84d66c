// A document is searched without being built: values are skipped by their brackets and quotes, and
// the answer is a part of the text. What does not look like JSON where it is read gives nothing.
#include "document.hpp"

#include <charconv>

namespace eventflux::functions::json {
namespace {

/// Walks over the values of one document.
class Walker {
 public:
  explicit Walker(std::string_view text) : rest_(text) {}

  bool accept(char c) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Reads a value and returns its text; nothing when there is none.
  std::optional<std::string_view> value() {
    skip_blanks();
    if (rest_.empty()) return std::nullopt;
    const std::size_t size = value_size();
    if (size == 0) return std::nullopt;
    const std::string_view found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }

 private:
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  // Bytes of the string at `begin`; 0 when it does not end.
  std::size_t string_size(std::size_t begin) const {
    for (std::size_t at = begin + 1; at < rest_.size(); ++at) {
      if (rest_[at] == '\\') {
        ++at;
      } else if (rest_[at] == '"') {
        return at + 1 - begin;
      }
    }
    return 0;
  }

  std::size_t value_size() const {
    if (rest_.front() == '"') return string_size(0);
    if (rest_.front() != '{' && rest_.front() != '[')
      return std::min(rest_.find_first_of(",]}: \t\r\n"), rest_.size());
    std::size_t depth = 0;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      const char c = rest_[at];
      if (c == '"') {
        const std::size_t size = string_size(at);
        if (size == 0) return 0;
        at += size - 1;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return at + 1;
      }
    }
    return 0;
  }

  std::string_view rest_;
};

std::optional<std::uint32_t> hex_code(std::string_view text) {
  std::uint32_t code = 0;
  if (text.size() < 4) return std::nullopt;
  const auto [last, error] = std::from_chars(text.data(), text.data() + 4, code, 16);
  if (error != std::errc() || last != text.data() + 4) return std::nullopt;
  return code;
}

char* write_utf8(std::uint32_t code, char* out) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80U | (code >> shift & 0x3FU));
  };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
    return out;
  }
  if (code < 0x800) {
    *out++ = static_cast<char>(0xC0U | code >> 6U);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0U | code >> 12U);
    *out++ = tail(6);
  } else {
    *out++ = static_cast<char>(0xF0U | code >> 18U);
    *out++ = tail(12);
    *out++ = tail(6);
  }
  *out++ = tail(0);
  return out;
}

/// Removes the escapes of a string.
class Unescaper {
 public:
  Unescaper(std::string_view text, char* out) : rest_(text), begin_(out), out_(out) {}

  std::optional<std::string_view> run() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c != '\\') {
        *out_++ = c;
      } else if (!escape()) {
        return std::nullopt;
      }
    }
    return std::string_view(begin_, static_cast<std::size_t>(out_ - begin_));
  }

 private:
  bool escape() {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const char letter = rest_.front();
    rest_.remove_prefix(1);
    if (letter == 'u') return code_point();
    const std::size_t known = letters.find(letter);
    if (known == std::string_view::npos) return false;
    *out_++ = meanings[known];
    return true;
  }

  // Two escapes make one character beyond 16 bits; half of such a pair is none.
  bool code_point() {
    auto code = hex_code(rest_);
    if (!code || (*code >= 0xDC00 && *code <= 0xDFFF)) return false;
    rest_.remove_prefix(4);
    if (*code >= 0xD800 && *code <= 0xDBFF) {
      if (!rest_.starts_with("\\u")) return false;
      const auto low = hex_code(rest_.substr(2));
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
      rest_.remove_prefix(6);
      code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
    }
    out_ = write_utf8(*code, out_);
    return true;
  }

  std::string_view rest_;
  char* begin_;
  char* out_;
};

std::optional<std::string_view> unquote(std::string_view quoted, Arena& arena) {
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner;
  return Unescaper(inner, arena.allocate(inner.size())).run();
}

std::int64_t element_count(std::string_view document) {
  Walker walker(document);
  if (!walker.accept('[')) return 0;
  std::int64_t count = 0;
  while (walker.value()) {
    ++count;
    if (!walker.accept(',')) break;
  }
  return count;
}

bool is_string(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"';
}

}  // namespace

std::optional<std::string_view> find_member(std::string_view document, std::string_view name,
                                            Arena& arena) {
  Walker walker(document);
  if (!walker.accept('{')) return std::nullopt;
  std::optional<std::string_view> found;
  if (walker.accept('}')) return found;
  do {
    const auto key = walker.value();
    if (!key || !is_string(*key) || !walker.accept(':')) return std::nullopt;
    const auto value = walker.value();
    if (!value) return std::nullopt;
    if (unquote(*key, arena) == name) found = value;
  } while (walker.accept(','));
  return walker.accept('}') ? found : std::nullopt;
}

std::optional<std::string_view> find_element(std::string_view document, std::int64_t index) {
  if (index < 0) {
    // Counted from the end, an element has a place only once all have been walked over.
    const std::int64_t count = element_count(document);
    if (index < -count) return std::nullopt;
    index += count;
  }
  Walker walker(document);
  if (!walker.accept('[')) return std::nullopt;
  while (true) {
    const auto value = walker.value();
    if (!value || index == 0) return value;
    --index;
    if (!walker.accept(',')) return std::nullopt;
  }
}

std::optional<std::string_view> as_text(std::string_view value, Arena& arena) {
  if (value == "null") return std::nullopt;
  return is_string(value) ? unquote(value, arena) : value;
}

}  // namespace eventflux::functions::json
