#pragma once

#include <array>
#include <cstdint>

#include "words.hpp"

namespace eventflux::mappers::json {

inline constexpr unsigned short_digits_max = 18;

inline constexpr std::array<std::uint64_t, 9> small_powers_of_ten{
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

/// A number of at most 18 digits without an exponent: mantissa / 10^fraction.
struct ShortNumber {
  const char* end = nullptr;  ///< One past the number; null pointer: it is longer, or none.
  std::uint64_t mantissa = 0;
  unsigned digits = 0;
  unsigned fraction = 0;
  bool negative = false;
};

/// Reads digits into a number until another byte comes, or more than 18 have come.
inline const char* read_digits(const char* next, ShortNumber& number) {
  while (true) {
    const std::uint64_t word = load_word(next) ^ (each_byte * '0');
    const unsigned count = first_marked(mark_others_than_digits(word));
    if (count == 0) return next;
    number.mantissa =
        number.mantissa * small_powers_of_ten[count] + eight_digits(word << (8 * (8 - count)));
    number.digits += count;
    next += count;
    if (count < 8 || number.digits > short_digits_max) return next;
  }
}

/// Reads the number at the front of some text by the grammar of JSON.
/// Shape: 56 bytes may be read from `text`, so a number can end behind the text; ask for its end.
inline ShortNumber read_short(const char* text) {
  ShortNumber number;
  number.negative = *text == '-';
  const char* const begin = text + (number.negative ? 1 : 0);
  const char* next = read_digits(begin, number);
  const unsigned whole = number.digits;
  if (whole == 0 || whole > short_digits_max || (whole > 1 && *begin == '0')) return number;
  if (*next == '.') {
    next = read_digits(next + 1, number);
    number.fraction = number.digits - whole;
    if (number.fraction == 0 || number.digits > short_digits_max) return number;
  }
  number.end = next;
  return number;
}

}  // namespace eventflux::mappers::json
