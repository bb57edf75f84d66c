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

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
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

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string octets;
  octets.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_value(digits[i]);
    const int low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    octets += static_cast<char>(high * 16 + low);
  }
  return octets;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i)
      text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::string octets;
  octets.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = base64_digits.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count & 0xFFU);
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return octets;
}

std::string octets_text(std::string_view octets) {
  return "\\x" + to_hex(octets);
}

Result<std::string> parse_octets(std::string_view text) {
  if (!text.starts_with("\\x")) return std::string(text);
  auto octets = from_hex(text.substr(2));
  if (octets) return *std::move(octets);
  return Error{Code::wrong_type, "'" + std::string(text.substr(0, 64)) + "' is not BYTES",
               "write pairs of hexadecimal digits behind \\x"};
}

std::string escape_text(std::string_view text) {
  return base::escape_json(text);
}

std::optional<std::string> nearest_name(std::string_view word,
                                        std::span<const std::string> candidates) {
  return base::closest_match(word, candidates);
}

}  // namespace eventflux
