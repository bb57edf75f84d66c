#include "base/display_text.hpp"

#include <algorithm>
#include <array>
#include <utf8proc.h>
#include <utility>

namespace eventflux::base {
namespace {

constexpr utf8proc_int32_t replacement = 0xFFFD;
constexpr utf8proc_int32_t emoji_selector = 0xFE0F;

/// Takes the next character off a text; U+FFFD for a byte that is not UTF-8.
utf8proc_int32_t take_character(std::string_view& text) {
  utf8proc_int32_t code = 0;
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                     static_cast<utf8proc_ssize_t>(text.size()), &code);
  text.remove_prefix(size <= 0 ? 1 : static_cast<std::size_t>(size));
  return size <= 0 ? replacement : code;
}

bool is_flag_half(utf8proc_int32_t code) {
  return code >= 0x1F1E6 && code <= 0x1F1FF;
}

std::size_t columns_of(utf8proc_int32_t code) {
  if (is_flag_half(code) || code == emoji_selector) return 2;
  return static_cast<std::size_t>(std::max(utf8proc_charwidth(code), 0));
}

/// What a reader sees as one character. Shape: at least one byte.
struct Cluster {
  std::string_view bytes;
  std::size_t columns;
};

/// Takes the next cluster off a text: all that joins its first character is shown in its place.
Cluster take_cluster(std::string_view& text) {
  const std::string_view whole = text;
  utf8proc_int32_t last = take_character(text);
  std::size_t columns = columns_of(last);
  utf8proc_int32_t state = 0;
  while (!text.empty()) {
    std::string_view rest = text;
    const utf8proc_int32_t next = take_character(rest);
    if (utf8proc_grapheme_break_stateful(last, next, &state)) break;
    columns = std::max(columns, columns_of(next));
    text = rest;
    last = next;
  }
  return {whole.substr(0, whole.size() - text.size()), columns};
}

/// Characters that move the cursor, colour text or turn its direction.
bool steers(utf8proc_int32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return control || direction || code == 0x2028 || code == 0x2029;
}

std::string escaped(utf8proc_int32_t code) {
  constexpr std::array<std::pair<utf8proc_int32_t, const char*>, 4> named{
      {{'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}, {0x1B, "\\e"}}};
  for (const auto& [control, text] : named)
    if (control == code) return text;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = code < 0x100 ? "\\x" : "\\u";
  for (int shift = code < 0x100 ? 4 : 12; shift >= 0; shift -= 4)
    text += digits[static_cast<std::size_t>(code >> shift) & 0xFU];
  return text;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty())
    columns += take_cluster(text).columns;
  return columns;
}

std::string escape_controls(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view before = text;
    const utf8proc_int32_t code = take_character(text);
    const std::string_view bytes = before.substr(0, before.size() - text.size());
    const bool broken = code == replacement && bytes.size() == 1;
    out += steers(code) ? escaped(code) : broken ? "\xEF\xBF\xBD" : std::string(bytes);
  }
  return out;
}

std::string fit_columns(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  std::string out;
  std::size_t taken = 1;  // of the mark
  while (!text.empty()) {
    const Cluster next = take_cluster(text);
    if (taken + next.columns > columns) break;
    taken += next.columns;
    out += next.bytes;
  }
  return columns == 0 ? std::string() : out + "…";
}

std::string pad_columns(std::string_view text, std::size_t columns, bool right) {
  const std::size_t taken = display_width(text);
  const std::string spaces(columns - std::min(columns, taken), ' ');
  return right ? spaces + std::string(text) : std::string(text) + spaces;
}

}  // namespace eventflux::base
