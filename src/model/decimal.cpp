#include "eventflux/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "model/decimal_math.hpp"

namespace eventflux {
namespace {

constexpr std::int64_t exponent_max = 100'000;
constexpr std::size_t sample_size_max = 64;

/// A number in text: digits with a point, and an exponent.
struct Digits {
  bool negative = false;
  std::string_view whole{};
  std::string_view fraction{};
  std::int64_t exponent = 0;

  std::int64_t size() const { return static_cast<std::int64_t>(whole.size() + fraction.size()); }

  /// Returns a digit; those behind the last are 0.
  int operator[](std::int64_t at) const {
    const auto index = static_cast<std::size_t>(at);
    if (at >= size()) return 0;
    return (index < whole.size() ? whole[index] : fraction[index - whole.size()]) - '0';
  }

  /// Returns the decimals that are written.
  std::int64_t scale() const {
    return std::max<std::int64_t>(static_cast<std::int64_t>(fraction.size()) - exponent, 0);
  }
};

std::string_view take_digits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  return digits;
}

bool take_exponent(std::string_view text, std::int64_t& exponent) {
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  for (const char digit : digits)
    exponent = std::min(exponent * 10 + (digit - '0'), exponent_max);
  if (negative) exponent = -exponent;
  return !digits.empty() && text.empty();
}

std::optional<Digits> read_digits(std::string_view text) {
  Digits digits;
  digits.negative = text.starts_with('-');
  if (digits.negative || text.starts_with('+')) text.remove_prefix(1);
  digits.whole = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits.fraction = take_digits(text);
  }
  if (digits.size() == 0 || !take_exponent(text, digits.exponent)) return std::nullopt;
  return digits;
}

/// Returns whether a magnitude is made greater by one unit.
bool rounds_up(Rounding rounding, bool negative, bool half) {
  switch (rounding) {
    case Rounding::refuse:
    case Rounding::towards_zero:
      return false;
    case Rounding::half_away:
      return half;
    case Rounding::down:
      return negative;
    case Rounding::up:
      return !negative;
  }
  return false;
}

enum class Fault : std::uint8_t { none, fraction, range };

struct Scaled {
  Int128 value = 0;
  Fault fault = Fault::none;
};

Scaled scale_digits(const Digits& digits, int scale, int precision, Rounding rounding) {
  const Int128 limit = model::power_of_ten(precision);
  const std::int64_t kept =
      static_cast<std::int64_t>(digits.whole.size()) + digits.exponent + scale;
  Scaled result;
  for (std::int64_t at = 0; at < kept && (at < digits.size() || result.value != 0); ++at) {
    if (result.value >= limit / 10) return {0, Fault::range};  // before 128 bits overflow
    result.value = result.value * 10 + digits[at];
  }
  bool exact = true;
  for (std::int64_t at = std::max<std::int64_t>(kept, 0); at < digits.size(); ++at)
    exact = exact && digits[at] == 0;
  if (!exact) {
    if (rounding == Rounding::refuse) return {0, Fault::fraction};
    const bool half = kept >= 0 && digits[kept] >= 5;
    if (rounds_up(rounding, digits.negative, half)) ++result.value;
    if (result.value >= limit) return {0, Fault::range};
  }
  if (digits.negative) result.value = -result.value;
  return result;
}

std::string sample(std::string_view text) {
  return "'" + std::string(text.substr(0, sample_size_max)) + "'";
}

Error not_a_decimal(std::string_view text, Type type) {
  return {Code::wrong_type, sample(text) + " is not " + a_type(type)};
}

Error out_of_range(std::string_view text, Type type) {
  return {Code::out_of_range,
          sample(text) + " is out of range for " + std::string(type_name(type))};
}

Error too_fine(std::string_view text, Type type) {
  return {Code::wrong_type,
          sample(text) + " has more decimals than " + std::string(type_name(type)) + " keeps"};
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view text) {
  const auto digits = read_digits(text);
  if (!digits) return not_a_decimal(text, Type::decimal);
  const auto scale = static_cast<int>(std::min<std::int64_t>(digits->scale(), Decimal::digits_max));
  const Scaled scaled = scale_digits(*digits, scale, Decimal::digits_max, Rounding::refuse);
  if (scaled.fault != Fault::none) return out_of_range(text, Type::decimal);
  return Decimal{scaled.value, static_cast<std::uint8_t>(scale)};
}

Result<Int128> parse_decimal(std::string_view text, Type type, Rounding rounding) {
  const auto digits = read_digits(text);
  if (!digits) return not_a_decimal(text, type);
  const Scaled scaled = scale_digits(*digits, type.scale, type.precision, rounding);
  switch (scaled.fault) {
    case Fault::none:
      return scaled.value;
    case Fault::fraction:
      return too_fine(text, type);
    case Fault::range:
      break;
  }
  return out_of_range(text, type);
}

std::optional<Int128> rescale(Decimal value, Type type, Rounding rounding) {
  const int steps = type.scale - value.scale;
  const Int128 limit = model::power_of_ten(type.precision);
  Int128 result = 0;
  if (steps >= 0) {
    if (__builtin_mul_overflow(value.unscaled, model::power_of_ten(steps), &result))
      return std::nullopt;
  } else {
    const Int128 unit = model::power_of_ten(-steps);
    const bool negative = value.unscaled < 0;
    const Int128 rest = value.unscaled % unit;
    const Int128 size = negative ? -rest : rest;
    result = value.unscaled / unit;
    if (rest != 0 && rounding == Rounding::refuse) return std::nullopt;
    if (rest != 0 && rounds_up(rounding, negative, size >= unit - size))
      result += negative ? -1 : 1;
  }
  if (result >= limit || result <= -limit) return std::nullopt;
  return result;
}

// Two exact numbers are divided with one rounding; anything longer goes by its digits.
double to_real(Decimal value) {
  constexpr Int128 exact_max = Int128{1} << 53;
  constexpr int exact_power_max = 22;
  if (value.unscaled <= exact_max && value.unscaled >= -exact_max &&
      value.scale <= exact_power_max) {
    return static_cast<double>(static_cast<std::int64_t>(value.unscaled)) /
           static_cast<double>(model::power_of_ten(value.scale));
  }
  std::array<char, Decimal::size_max> text{};
  const char* const end = write_decimal(value, text.data());
  double real = 0;
  std::from_chars(text.data(), end, real);
  return real;
}

std::string to_text(Decimal value) {
  std::array<char, Decimal::size_max> text{};
  return {text.data(), write_decimal(value, text.data())};
}

char* write_decimal(Decimal value, char* out) {
  std::array<char, Decimal::digits_max + 2> digits{};
  auto magnitude = value.unscaled < 0 ? -value.unscaled : value.unscaled;
  std::size_t begin = digits.size();
  const std::size_t point = digits.size() - value.scale;
  while (magnitude != 0 || begin >= point) {
    digits[--begin] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  }
  if (value.unscaled < 0) *out++ = '-';
  out = std::copy(digits.begin() + static_cast<std::ptrdiff_t>(begin),
                  digits.begin() + static_cast<std::ptrdiff_t>(point), out);
  if (value.scale == 0) return out;
  *out++ = '.';
  return std::copy(digits.begin() + static_cast<std::ptrdiff_t>(point), digits.end(), out);
}

}  // namespace eventflux
