#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace eventflux::functions::string {

/// Returns whether a byte begins a character.
inline bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Returns how many characters a text has: all bytes but those that go on with one, 10xxxxxx.
inline std::size_t character_count(std::string_view text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::size_t count = text.size();
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    count -= static_cast<std::size_t>(std::popcount((word >> 7U) & ~(word >> 6U) & ones));
  }
  for (; at < text.size(); ++at)
    count -= begins_character(text[at]) ? 0 : 1;
  return count;
}

/// Returns the bytes of the first `count` characters.
inline std::size_t byte_offset(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (begins_character(text[at]) && count-- == 0) break;
  return at;
}

/// Returns the first character of a text, which is not empty, and its bytes.
struct Character {
  std::uint32_t code = 0;
  std::size_t size = 1;
};

inline Character first_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : (first >= 0xE0 ? 3 : 2);
  if (size > text.size()) return {first, 1};
  std::uint32_t code = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i)
    code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  return {code, size};
}

/// Writes a character; returns one past its last byte.
inline char* write_character(std::uint32_t code, char* out) {
  const auto tail = [&](unsigned shift) {
    return static_cast<char>(0x80U | (code >> shift & 0x3FU));
  };
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *out++ = static_cast<char>(0xC0U | code >> 6U);
    *out++ = tail(0);
  } else if (code < 0x10000) {
    *out++ = static_cast<char>(0xE0U | code >> 12U);
    *out++ = tail(6);
    *out++ = tail(0);
  } else {
    *out++ = static_cast<char>(0xF0U | code >> 18U);
    *out++ = tail(12);
    *out++ = tail(6);
    *out++ = tail(0);
  }
  return out;
}

}  // namespace eventflux::functions::string
