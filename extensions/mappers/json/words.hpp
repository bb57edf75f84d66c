#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace eventflux::mappers::json {

// Eight bytes of text are handled as one number whose lowest byte is the first character.
static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint64_t each_byte = 0x0101010101010101ULL;
inline constexpr std::uint64_t top_bits = 0x8080808080808080ULL;

/// Reads eight bytes of text. Shape: all eight may be read.
inline std::uint64_t load_word(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

/// Returns the index of the first byte whose top bit is set in `marks`; 8 when none is.
inline unsigned first_marked(std::uint64_t marks) {
  return static_cast<unsigned>(std::countr_zero(marks)) / 8;
}

/// Marks bytes that need an escape: a quote, a backslash, a control byte. The first mark is exact,
/// those behind it may be false.
/// Source: Warren, Hacker's Delight, 2012, 6-1: a zero byte is found by (x - 0x01…) & ~x & 0x80…
inline std::uint64_t mark_escapes(std::uint64_t word) {
  const std::uint64_t quotes = word ^ (each_byte * '"');
  const std::uint64_t slashes = word ^ (each_byte * '\\');
  const std::uint64_t below = (word - each_byte * 0x20) & ~word;
  return (((quotes - each_byte) & ~quotes) | ((slashes - each_byte) & ~slashes) | below) & top_bits;
}

/// Marks bytes that are no digits; `word` is text ^ "00000000". The first mark is exact.
inline std::uint64_t mark_others_than_digits(std::uint64_t word) {
  return ((word + each_byte * 0x76) | word) & top_bits;
}

/// Returns the number that eight digits stand for; `word` is text ^ "00000000".
/// Source: Lemire, Quickly parsing eight digits, 2018.
inline std::uint64_t eight_digits(std::uint64_t word) {
  constexpr std::uint64_t pairs = 0x000000FF000000FFULL;
  word = word * 10 + (word >> 8U);
  const std::uint64_t high = (word & pairs) * 0x000F424000000064ULL;
  const std::uint64_t low = ((word >> 16U) & pairs) * 0x0000271000000001ULL;
  return (high + low) >> 32U;
}

/// `true` or `false` at the front of some text. Shape: length 0 is neither of them.
struct Truth {
  bool yes = false;
  unsigned length = 0;
};

// Without a branch on the value, which nobody can predict.
inline Truth read_truth(const char* text) {
  constexpr std::uint64_t true_word = 0x65757274;
  constexpr std::uint64_t false_word = 0x65736C6166;
  const std::uint64_t word = load_word(text);
  const bool yes = (word & 0xFFFFFFFF) == true_word;
  const bool no = (word & 0xFFFFFFFFFF) == false_word;
  return {yes, (yes ? 4U : 0U) | (no ? 5U : 0U)};
}

}  // namespace eventflux::mappers::json
