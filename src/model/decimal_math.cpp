#include "model/decimal_math.hpp"

#include <algorithm>
#include <array>

namespace eventflux::model {
namespace {

__extension__ using Unsigned = unsigned __int128;

struct Wide {
  Unsigned high = 0;
  Unsigned low = 0;

  auto operator<=>(const Wide&) const = default;
};

/// A number as its sign and its magnitude.
struct Signed {
  bool negative = false;
  Wide magnitude{};
};

constexpr std::array<Unsigned, 39> make_powers() {
  std::array<Unsigned, 39> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i)
    powers[i] = powers[i - 1] * 10;
  return powers;
}

constexpr std::array<Unsigned, 39> powers = make_powers();
constexpr Unsigned limit = powers[Decimal::digits_max];

Unsigned magnitude_of(Int128 value) {
  const auto bits = static_cast<Unsigned>(value);
  return value < 0 ? 0 - bits : bits;
}

std::uint64_t half(Unsigned value) {
  return static_cast<std::uint64_t>(value);
}

Wide multiply_wide(Unsigned a, Unsigned b) {
  const Unsigned low = Unsigned{half(a)} * half(b);
  const Unsigned cross_a = Unsigned{half(a >> 64U)} * half(b);
  const Unsigned cross_b = Unsigned{half(a)} * half(b >> 64U);
  const Unsigned middle = (low >> 64U) + half(cross_a) + half(cross_b);
  const Unsigned high = Unsigned{half(a >> 64U)} * half(b >> 64U);
  return {high + (cross_a >> 64U) + (cross_b >> 64U) + (middle >> 64U),
          (middle << 64U) | half(low)};
}

/// Nothing when the product needs more than 256 bits.
std::optional<Wide> multiply_wide(Wide a, Unsigned b) {
  Wide product = multiply_wide(a.low, b);
  const Wide upper = multiply_wide(a.high, b);
  if (upper.high != 0 || __builtin_add_overflow(product.high, upper.low, &product.high))
    return std::nullopt;
  return product;
}

struct Division {
  Wide quotient{};
  Unsigned rest = 0;
};

/// Shape: 0 < divisor < 2^127, so that the rest can be doubled.
Division divide_wide(Wide value, Unsigned divisor) {
  if (value.high == 0) return {{0, value.low / divisor}, value.low % divisor};
  Division result;
  for (int bit = 255; bit >= 0; --bit) {
    const Unsigned word = bit >= 128 ? value.high : value.low;
    const auto shift = static_cast<unsigned>(bit) % 128U;
    result.rest = (result.rest << 1U) | ((word >> shift) & 1U);
    if (result.rest < divisor) continue;
    result.rest -= divisor;
    (bit >= 128 ? result.quotient.high : result.quotient.low) |= Unsigned{1} << shift;
  }
  return result;
}

Wide add_wide(Wide a, Wide b) {
  Wide sum{a.high + b.high, a.low + b.low};
  if (sum.low < a.low) ++sum.high;
  return sum;
}

/// Shape: a ≥ b.
Wide subtract_wide(Wide a, Wide b) {
  return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
}

/// Brings a number to a scale that is not smaller: at most 76 digits, which 256 bits hold.
Signed scaled(Decimal value, int scale) {
  const auto steps = static_cast<std::size_t>(scale - value.scale);
  return {value.unscaled < 0, multiply_wide(magnitude_of(value.unscaled), powers[steps])};
}

std::optional<Int128> narrow(Signed value) {
  if (value.magnitude.high != 0 || value.magnitude.low >= limit) return std::nullopt;
  const auto number = static_cast<Int128>(value.magnitude.low);
  return value.negative ? -number : number;
}

Signed sum_of(Signed a, Signed b) {
  if (a.negative == b.negative) return {a.negative, add_wide(a.magnitude, b.magnitude)};
  if (a.magnitude >= b.magnitude) return {a.negative, subtract_wide(a.magnitude, b.magnitude)};
  return {b.negative, subtract_wide(b.magnitude, a.magnitude)};
}

}  // namespace

Int128 power_of_ten(int exponent) {
  return static_cast<Int128>(powers[static_cast<std::size_t>(exponent)]);
}

std::optional<Int128> add(Decimal a, Decimal b, int scale) {
  return narrow(sum_of(scaled(a, scale), scaled(b, scale)));
}

std::optional<Int128> subtract(Decimal a, Decimal b, int scale) {
  return add(a, {-b.unscaled, b.scale}, scale);
}

std::optional<Int128> multiply(Decimal a, Decimal b) {
  return narrow({(a.unscaled < 0) != (b.unscaled < 0),
                 multiply_wide(magnitude_of(a.unscaled), magnitude_of(b.unscaled))});
}

// What 256 bits do not hold has, divided by 38 digits, more than 38.
std::optional<Int128> divide(Decimal a, Decimal b, int scale) {
  Wide value{0, magnitude_of(a.unscaled)};
  for (int steps = scale - a.scale + b.scale; steps > 0; steps -= Decimal::digits_max) {
    const auto factor = powers[static_cast<std::size_t>(std::min(steps, Decimal::digits_max))];
    const auto product = multiply_wide(value, factor);
    if (!product) return std::nullopt;
    value = *product;
  }
  const Unsigned divisor = magnitude_of(b.unscaled);
  Division result = divide_wide(value, divisor);
  if (result.rest >= divisor - result.rest) result.quotient = add_wide(result.quotient, {0, 1});
  return narrow({(a.unscaled < 0) != (b.unscaled < 0), result.quotient});
}

std::optional<Int128> modulo(Decimal a, Decimal b, int scale) {
  const Signed value = scaled(a, scale);
  const Wide divisor = scaled(b, scale).magnitude;
  if (value.magnitude < divisor) return narrow(value);
  if (divisor.high == 0 && divisor.low < limit)
    return narrow({value.negative, {0, divide_wide(value.magnitude, divisor.low).rest}});
  // The divisor is a multiple of 10^steps, and so is what it is taken from, but for a rest.
  const int steps = scale - b.scale;
  const Unsigned unit = powers[static_cast<std::size_t>(steps)];
  const Division parts = divide_wide(value.magnitude, unit);
  const Unsigned rest = divide_wide(parts.quotient, magnitude_of(b.unscaled)).rest;
  const Wide whole = add_wide(multiply_wide(rest, unit), {0, parts.rest});
  return narrow({value.negative, whole});
}

}  // namespace eventflux::model

namespace eventflux {

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.scale == b.scale) return a.unscaled <=> b.unscaled;
  const bool negative = a.unscaled < 0;
  if (negative != (b.unscaled < 0))
    return negative ? std::strong_ordering::less : std::strong_ordering::greater;
  const int scale = std::max(a.scale, b.scale);
  const auto left = model::scaled(a, scale).magnitude;
  const auto right = model::scaled(b, scale).magnitude;
  return negative ? right <=> left : left <=> right;
}

}  // namespace eventflux
