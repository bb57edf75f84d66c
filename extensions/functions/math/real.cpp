#include <cmath>
#include <numbers>

#include "decimal_digits.hpp"
#include "math.hpp"

namespace eventflux::functions::math {
namespace {

using Real = std::optional<double>;

// A result that is no number although the arguments are: the function has none there.
template <class... Arguments>
Real defined(double result, Arguments... arguments) {
  const bool numbers = (... && !std::isnan(arguments));
  if (numbers && std::isnan(result)) return std::nullopt;
  return result;
}

// The library's result may be off by a bit; a cube's own root must not be.
double cube_root(double x) {
  const double root = std::cbrt(x);
  const double whole = std::round(root);
  return whole * whole * whole == x ? whole : root;
}

Real log_to_base(double base, double x) {
  if (base <= 0 || base == 1 || x <= 0) return std::nullopt;
  if (base == 10) return std::log10(x);
  return base == 2 ? std::log2(x) : std::log(x) / std::log(base);
}

template <class T>
std::int32_t sign_of(T x) {
  return x > 0 ? 1 : (x < 0 ? -1 : 0);
}

void register_rounding(Registry& registry) {
  registry.function("abs", "Magnitude.", [](double x) { return std::fabs(x); });
  registry.function("abs", "Magnitude.", [](float x) { return std::fabs(x); });
  registry.function("sign", "-1, 0 or 1.", [](double x) { return sign_of(x); });
  registry.function("sign", "-1, 0 or 1.", [](float x) { return sign_of(x); });
  registry.function("round", "Nearest integer, half away from zero.",
                    [](double x) { return std::round(x); });
  registry.function("round", "Nearest integer, half away from zero.",
                    [](float x) { return std::round(x); });
  registry.function("round", "Rounds to n decimal places, half away from zero.",
                    [](double x, std::int64_t digits) { return round_digits(x, digits); });
  registry.function("trunc", "Truncates to an integer.", [](double x) { return std::trunc(x); });
  registry.function("trunc", "Truncates to an integer.", [](float x) { return std::trunc(x); });
  registry.function("trunc", "Truncates to n decimal places.",
                    [](double x, std::int64_t digits) { return trunc_digits(x, digits); });
  registry.function("ceil", "Smallest integer not below x.", [](double x) { return std::ceil(x); });
  registry.function("ceil", "Smallest integer not below x.", [](float x) { return std::ceil(x); });
  registry.function("floor", "Largest integer not above x.",
                    [](double x) { return std::floor(x); });
  registry.function("floor", "Largest integer not above x.", [](float x) { return std::floor(x); });
}

// Arithmetic and aggregates keep NaN: one of them makes every sum and average NaN.
void register_tests(Registry& registry) {
  registry.function("is_nan", "Whether x is NaN.", [](double x) { return std::isnan(x); });
  registry.function("is_finite", "Whether x is neither NaN nor infinite.",
                    [](double x) { return std::isfinite(x); });
  registry.function("is_infinite", "Whether x is positive or negative infinity.",
                    [](double x) { return std::isinf(x); });
}

void register_powers(Registry& registry) {
  registry.function("sqrt", "Square root; NULL below zero.",
                    [](double x) { return defined(std::sqrt(x), x); });
  registry.function("cbrt", "Cube root.", [](double x) { return cube_root(x); });
  registry.function("exp", "e to the power of x.", [](double x) { return std::exp(x); });
  registry.function("ln", "Natural logarithm; NULL for x that is not above zero.",
                    [](double x) -> Real { return x <= 0 ? Real() : std::log(x); });
  registry.alias("log", "ln");
  registry.function("log10", "Logarithm to base 10; NULL for x that is not above zero.",
                    [](double x) -> Real { return x <= 0 ? Real() : std::log10(x); });
  registry.function("log2", "Logarithm to base 2; NULL for x that is not above zero.",
                    [](double x) -> Real { return x <= 0 ? Real() : std::log2(x); });
  registry.function("log", "Logarithm of x to base b; NULL where there is none.",
                    [](double base, double x) { return log_to_base(base, x); });
  registry.function("pow", "x to the power of y; NULL where there is none.",
                    [](double x, double y) -> Real {
                      if (x == 0 && y < 0) return std::nullopt;
                      return defined(std::pow(x, y), x, y);
                    });
  registry.function(
      "mod", "Remainder of a division, with the sign of x; NULL for y = 0.",
      [](double x, double y) -> Real { return y == 0 ? Real() : defined(std::fmod(x, y), x, y); });
}

void register_angles(Registry& registry) {
  registry.function("sin", "Sine.", [](double x) { return defined(std::sin(x), x); });
  registry.function("cos", "Cosine.", [](double x) { return defined(std::cos(x), x); });
  registry.function("tan", "Tangent.", [](double x) { return defined(std::tan(x), x); });
  registry.function("asin", "Arc sine; NULL beyond -1 to 1.",
                    [](double x) { return defined(std::asin(x), x); });
  registry.function("acos", "Arc cosine; NULL beyond -1 to 1.",
                    [](double x) { return defined(std::acos(x), x); });
  registry.function("atan", "Arc tangent.", [](double x) { return std::atan(x); });
  registry.function("atan2", "Angle of the point (x, y).",
                    [](double y, double x) { return std::atan2(y, x); });
  registry.function("degrees", "Radians to degrees.",
                    [](double x) { return x * 180 / std::numbers::pi; });
  registry.function("radians", "Degrees to radians.",
                    [](double x) { return x * std::numbers::pi / 180; });
}

}  // namespace

void register_real(Registry& registry) {
  register_rounding(registry);
  register_tests(registry);
  register_powers(registry);
  register_angles(registry);
}

}  // namespace eventflux::functions::math
