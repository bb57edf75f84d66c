#include "decimal_digits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "../testing.hpp"

namespace eventflux::functions::math {

void register_extension(Registry& registry);

namespace {

/// Decimal arithmetic on text, by itself: the decimal of x without an exponent, cut after
/// `digits` places and rounded half away from zero, read back as the nearest double.
double reference(double x, std::int64_t digits, bool round) {
  std::array<char, 800> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::fabs(x),
                                 std::chars_format::fixed)
                       .ptr;
  std::string text(buffer.data(), end);
  if (text.find('.') == std::string::npos) text += '.';
  const std::string zeros(330, '0');
  text = zeros + text + zeros;
  const std::size_t point = text.find('.');
  text.erase(point, 1);
  const auto kept = static_cast<std::size_t>(static_cast<std::int64_t>(point) + digits);
  std::string cut = text.substr(0, kept);
  if (round && text[kept] >= '5') {
    std::size_t at = cut.size() - 1;
    for (; cut[at] == '9'; --at)
      cut[at] = '0';
    ++cut[at];
  }
  cut.resize(std::max(cut.size(), point), '0');
  cut.insert(point, ".");
  cut += '0';
  double value = 0;
  std::from_chars(cut.data(), cut.data() + cut.size(), value);
  return std::copysign(value, x);
}

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// Any magnitude, decimals that people write, and numbers beside a half.
double random_value(Rng& rng) {
  const double sign = rng.below(2) == 0 ? 1 : -1;
  switch (rng.below(4)) {
    case 0:
      return sign * std::ldexp(1 + rng.unit(), static_cast<int>(rng.below(120)) - 60);
    case 1: {
      const std::string text =
          std::to_string(rng.below(10'000'000'000)) + "e-" + std::to_string(rng.below(12));
      double value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return sign * value;
    }
    case 2: {
      const double half = (static_cast<double>(rng.below(1'000'000'000)) + 0.5) /
                          std::pow(10.0, static_cast<double>(rng.below(9)));
      return sign * std::nextafter(half, rng.below(2) == 0 ? 0 : 1e300);
    }
    default:
      return sign * rng.unit() * 1e15;
  }
}

}  // namespace

TEST_CASE("a million random values round and truncate as decimal arithmetic does") {
  Rng rng(13);
  int wrong = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const double x = random_value(rng);
    const std::int64_t digits = static_cast<std::int64_t>(rng.below(22)) - 5;
    const bool round = rng.below(2) == 0;
    const double made = round ? round_digits(x, digits) : trunc_digits(x, digits);
    if (same(made, reference(x, digits, round))) continue;
    CAPTURE(x);
    CAPTURE(digits);
    CHECK(same(made, reference(x, digits, round)));
    if (++wrong == 5) break;
  }
  CHECK(wrong == 0);
}

TEST_CASE("digits that are there stay as they are") {
  CHECK(same(round_digits(553207820465451.0, 2), 553207820465451.0));
  CHECK(same(round_digits(123456789012345680.0, 2), 123456789012345680.0));
  CHECK(same(round_digits(1e21, 2), 1e21));
  CHECK(same(round_digits(24.700000000000003, 14), 24.7));
  CHECK(same(trunc_digits(939815282094165.9, 12), 939815282094165.9));
  CHECK(same(trunc_digits(8.29, 2), 8.29));
  CHECK(same(trunc_digits(4.35, 2), 4.35));
  CHECK(same(round_digits(1.005, 2), 1.01));
  CHECK(same(round_digits(-2.675, 2), -2.68));
  CHECK(same(round_digits(1.23456e-10, 12), 1.23e-10));
  CHECK(same(round_digits(9e307, -308), 1e308));
  CHECK(std::isinf(round_digits(1.7e308, -308)));
  CHECK(same(round_digits(0.04, 1), 0.0));
  CHECK(same(round_digits(-0.04, 1), -0.0));
  CHECK(same(round_digits(0.96, 1), 1.0));
  CHECK(same(trunc_digits(0.96, 0), 0.0));
  CHECK(same(round_digits(5e-324, 400), 5e-324));
  CHECK(same(trunc_digits(1e-300, 2000), 1e-300));
  CHECK(same(round_digits(1e300, -400), 0.0));
}

TEST_CASE("NaN and infinity can be told from numbers") {
  Calls call(register_extension);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(call("is_nan", {nan}) == "true");
  CHECK(call("is_nan", {1.0}) == "false");
  CHECK(call("is_finite", {nan}) == "false");
  CHECK(call("is_finite", {-infinity}) == "false");
  CHECK(call("is_finite", {0.0}) == "true");
  CHECK(call("is_infinite", {-infinity}) == "true");
  CHECK(call("is_infinite", {nan}) == "false");
  CHECK(call("is_nan", {Type::float64}) == "null");
}

}  // namespace eventflux::functions::math
