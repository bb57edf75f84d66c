#pragma once

#include <cstdint>

namespace eventflux::functions::math {

/// Rounds the decimal that x prints as to `digits` decimal places, half away from zero, and returns
/// the double nearest to that. Negative digits count places before the point.
double round_digits(double x, std::int64_t digits);
/// Cuts that decimal after `digits` decimal places.
double trunc_digits(double x, std::int64_t digits);

}  // namespace eventflux::functions::math
