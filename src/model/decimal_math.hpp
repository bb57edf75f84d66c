#pragma once

#include <optional>

#include "eventflux/decimal.hpp"

/// Arithmetic of DECIMAL, exact by way of 256 bits where 128 do not hold what stands between.
/// A result is the number times 10^scale; nothing when it has more than 38 digits.
namespace eventflux::model {

/// Shape: 0 ≤ exponent ≤ 38.
Int128 power_of_ten(int exponent);

/// Shape: scale ≥ that of both.
std::optional<Int128> add(Decimal a, Decimal b, int scale);
std::optional<Int128> subtract(Decimal a, Decimal b, int scale);
/// The scale of the result is the sum of both.
std::optional<Int128> multiply(Decimal a, Decimal b);
/// Rounds half away from zero. Shape: b is not zero; scale ≥ a.scale - b.scale.
std::optional<Int128> divide(Decimal a, Decimal b, int scale);
/// The rest has the sign of a. Shape: b is not zero; scale ≥ that of both.
std::optional<Int128> modulo(Decimal a, Decimal b, int scale);

}  // namespace eventflux::model
