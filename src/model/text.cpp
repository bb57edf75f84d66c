#include "eventflux/text.hpp"

#include <iterator>

#include <utf8/unchecked.h>

#include "base/text.hpp"

namespace eventflux {
namespace {

constexpr std::uint32_t code_point_max = 0x10FFFF;
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t octet(char c) {
  return static_cast<unsigned char>(c);
}

}  // namespace

std::string_view trim_text(std::string_view text) {
  return base::trim(text);
}

bool is_utf8(std::string_view text) {
  return base::is_utf8(text);
}

bool append_utf8(std::uint32_t code_point, std::string& out) {
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (surrogate || code_point > code_point_max) return false;
  utf8::unchecked::append(code_point, std::back_inserter(out));
  return true;
}

std::string from_latin1(std::string_view octets) {
  std::string text;
  text.reserve(octets.size());
  for (const char c : octets)
    append_utf8(octet(c), text);
  return text;
}

std::string to_hex(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * octets.size());
  for (const char c : octets) {
    text += digits[octet(c) >> 4U];
    text += digits[octet(c) & 15U];
  }
  return text;
}

std::string to_base64(std::string_view octets) {
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    const std::string_view part = octets.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t n = 0; n < 3; ++n)
      bits = bits << 8U | (n < part.size() ? octet(part[n]) : 0U);
    for (std::size_t n = 0; n < 4; ++n)
      text += n <= part.size() ? base64_digits[(bits >> (18 - 6 * n)) & 63U] : '=';
  }
  return text;
}

std::string escape_text(std::string_view text) {
  return base::escape_json(text);
}

std::optional<std::string> nearest_name(std::string_view word,
                                        std::span<const std::string> candidates) {
  return base::closest_match(word, candidates);
}

}  // namespace eventflux
