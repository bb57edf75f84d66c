// 1.005 is stored as 1.00499999999999989…, but it was written, and prints, as 1.005: the digits
// that count are those of the decimal that stands for the double in text. Scaling by a power of ten
// finds them nearly always; where its error could matter, the decimal itself is rounded, digit by
// digit.
#include "decimal_digits.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace eventflux::functions::math {
namespace {

// A double has no digits beyond these places.
constexpr std::int64_t places_max = 1100;
constexpr std::int64_t places_min = -310;

// The powers that a double holds exactly.
constexpr std::array<double, 23> exact_powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
// Up to here every decimal of an integer over a power of ten is the shortest one of its double.
constexpr double scaled_max = 1e15;
// The product is off by half a unit, and the double from its decimal by another half: 2^-52
// together.
constexpr double scaling_error = 0x1p-51;

enum class Mode : std::uint8_t { nearest, cut };

/// Returns the result where scaling proves it; nothing where it does not.
std::optional<double> by_scaling(double x, std::int64_t digits, Mode mode) {
  if (digits < 0 || digits >= static_cast<std::int64_t>(exact_powers.size())) return std::nullopt;
  const double scale = exact_powers[static_cast<std::size_t>(digits)];
  const double scaled = std::fabs(x) * scale;
  if (!(scaled < scaled_max)) return std::nullopt;
  const double whole = std::floor(scaled);
  const double rest = scaled - whole;
  const double error = scaled * scaling_error;
  if (mode == Mode::nearest) {
    if (std::fabs(rest - 0.5) <= error) return std::nullopt;
    return std::copysign((rest > 0.5 ? whole + 1 : whole) / scale, x);
  }
  if (rest > error && rest < 1 - error) return std::copysign(whole / scale, x);
  // Near an integer: if x is the double of that integer over the scale, nothing is to be cut.
  if (std::round(scaled) / scale == std::fabs(x)) return x;
  return std::nullopt;
}

/// The decimal that a double prints as: 0.d1d2d3… × 10^point.
struct Shortest {
  std::string digits;
  std::int64_t point = 0;
};

// Where doubles are integers they print with all their digits.
constexpr double integers_from = 0x1p53;

Shortest shortest(double magnitude) {
  std::array<char, 320> buffer{};
  char* const begin = buffer.data();
  const auto format =
      magnitude < integers_from ? std::chars_format::scientific : std::chars_format::fixed;
  const char* const end = std::to_chars(begin, begin + buffer.size(), magnitude, format).ptr;
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  Shortest made;
  if (format == std::chars_format::fixed)
    return {std::string(text), static_cast<std::int64_t>(text.size())};
  const std::size_t e = text.find('e');
  for (const char c : text.substr(0, e))
    if (c != '.') made.digits += c;
  const char* exponent = begin + e + 1;
  if (*exponent == '+') ++exponent;
  std::from_chars(exponent, end, made.point);
  ++made.point;
  return made;
}

/// Adds one to the last digit.
void count_up(Shortest& decimal) {
  std::size_t at = decimal.digits.size();
  while (at > 0 && decimal.digits[at - 1] == '9')
    decimal.digits[--at] = '0';
  if (at > 0) {
    ++decimal.digits[at - 1];
    return;
  }
  decimal.digits.insert(decimal.digits.begin(), '1');
  ++decimal.point;
}

double by_digits(double x, std::int64_t digits, Mode mode) {
  Shortest decimal = shortest(std::fabs(x));
  const std::int64_t kept = decimal.point + digits;
  if (kept >= static_cast<std::int64_t>(decimal.digits.size())) return x;
  if (kept < 0) return std::copysign(0.0, x);
  const bool up = mode == Mode::nearest && decimal.digits[static_cast<std::size_t>(kept)] >= '5';
  decimal.digits.resize(static_cast<std::size_t>(kept));
  if (up) count_up(decimal);
  if (decimal.digits.empty()) return std::copysign(0.0, x);
  const std::string text = "0." + decimal.digits + "e" + std::to_string(decimal.point);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range)
    value = decimal.point > 0 ? std::numeric_limits<double>::infinity() : 0;
  return std::copysign(value, x);
}

double at_digits(double x, std::int64_t digits, Mode mode) {
  if (x == 0 || !std::isfinite(x) || digits > places_max) return x;
  if (digits < places_min) return std::copysign(0.0, x);
  const auto scaled = by_scaling(x, digits, mode);
  return scaled ? *scaled : by_digits(x, digits, mode);
}

}  // namespace

double round_digits(double x, std::int64_t digits) {
  return at_digits(x, digits, Mode::nearest);
}

double trunc_digits(double x, std::int64_t digits) {
  return at_digits(x, digits, Mode::cut);
}

}  // namespace eventflux::functions::math
