#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventflux/error.hpp"
#include "eventflux/type.hpp"

namespace eventflux {

__extension__ using Int128 = __int128;

/// An exact number: unscaled / 10^scale. Numbers are equal when their values are: 1.5 and 1.50.
/// Shape: at most 38 digits, 0 ≤ scale ≤ 38.
struct Decimal {
  static constexpr int digits_max = 38;
  static constexpr std::size_t size_max = 42;  ///< Characters of its text at most.

  Int128 unscaled = 0;
  std::uint8_t scale = 0;

  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }
};

/// What becomes of digits behind those that a type has.
enum class Rounding : std::uint8_t {
  refuse,        ///< There must be none but zeros.
  half_away,     ///< To the nearest, half away from zero.
  towards_zero,  ///< They are cut.
  down,          ///< To the next that is not greater.
  up,            ///< To the next that is not less.
};

/// Reads `-12.50`, `+.5`, `1.5e3` with as many decimals as are written.
/// Fails: EF0604 no number, EF0603 more than 38 digits.
Result<Decimal> parse_decimal(std::string_view text);
/// Reads a number as a DECIMAL(p,s); returns it times 10^s.
/// Fails: EF0604 no number, or digits that are refused; EF0603 too many digits before the point.
Result<Int128> parse_decimal(std::string_view text, Type type, Rounding rounding);
/// Brings a number to the scale of a DECIMAL(p,s); nothing when it does not fit.
std::optional<Int128> rescale(Decimal value, Type type, Rounding rounding);
/// Returns the double nearest to the number.
double to_real(Decimal value);
/// Returns "-12.50", with exactly `scale` decimals.
std::string to_text(Decimal value);
/// Writes what to_text() returns and returns its end. Shape: at most Decimal::size_max characters.
char* write_decimal(Decimal value, char* out);

}  // namespace eventflux
