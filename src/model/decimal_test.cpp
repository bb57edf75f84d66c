// Arithmetic is held against digits on paper: a naive one over strings of decimal digits.
#include "eventflux/decimal.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"
#include "eventflux/value.hpp"
#include "eventflux/wide_sum.hpp"

#include "model/decimal_math.hpp"

namespace eventflux {
namespace {

/// A whole number: digits without leading zeros, "" being zero.
struct Paper {
  bool negative = false;
  std::string digits;
};

std::string trimmed(std::string digits) {
  return digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
}

bool less(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::string plus(std::string a, std::string b) {
  if (a.size() < b.size()) a.swap(b);
  b.insert(0, a.size() - b.size(), '0');
  int carry = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    const int sum = a[i] - '0' + b[i] - '0' + carry;
    a[i] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  return carry != 0 ? "1" + a : a;
}

std::string minus(std::string a, std::string b) {
  b.insert(0, a.size() - b.size(), '0');
  int borrow = 0;
  for (std::size_t i = a.size(); i-- > 0;) {
    int rest = a[i] - b[i] - borrow;
    borrow = rest < 0 ? 1 : 0;
    rest += 10 * borrow;
    a[i] = static_cast<char>('0' + rest);
  }
  return trimmed(a);
}

std::string times(const std::string& a, const std::string& b) {
  std::string product;
  for (const char digit : b) {
    if (!product.empty()) product += '0';
    for (int i = 0; i < digit - '0'; ++i)
      product = plus(product, a);
  }
  return trimmed(product);
}

struct Divided {
  std::string quotient;
  std::string rest;
};

Divided over(const std::string& a, const std::string& b) {
  Divided result;
  for (const char digit : a) {
    result.rest = trimmed(result.rest + digit);
    char count = '0';
    for (; !less(result.rest, b); ++count)
      result.rest = minus(result.rest, b);
    result.quotient += count;
  }
  result.quotient = trimmed(result.quotient);
  return result;
}

Paper sum(const Paper& a, const Paper& b) {
  if (a.negative == b.negative) return {a.negative, plus(a.digits, b.digits)};
  if (less(a.digits, b.digits)) return {b.negative, minus(b.digits, a.digits)};
  return {a.negative, minus(a.digits, b.digits)};
}

Paper paper(Int128 value) {
  std::string text = to_text(Decimal{value, 0});
  const bool negative = text.starts_with('-');
  return {negative, trimmed(text.substr(negative ? 1 : 0))};
}

Paper paper(Decimal value, int scale) {
  Paper made = paper(value.unscaled);
  if (!made.digits.empty()) made.digits.append(static_cast<std::size_t>(scale - value.scale), '0');
  return made;
}

std::string text(const Paper& value) {
  if (value.digits.size() > 38) return "does not fit";
  const std::string digits = value.digits.empty() ? "0" : value.digits;
  return value.negative && digits != "0" ? "-" + digits : digits;
}

std::string text(const std::optional<Int128>& value) {
  return value ? to_text(Decimal{*value, 0}) : "does not fit";
}

/// Numbers of every length, and those at the borders of 64 and 128 bits.
Decimal random_decimal(Rng& rng) {
  const auto digits = 1 + rng.below(38);
  std::string number;
  const bool nines = rng.below(8) == 0;
  for (std::uint64_t i = 0; i < digits; ++i)
    number += nines ? '9' : static_cast<char>('0' + rng.below(10));
  if (rng.below(2) == 0) number.insert(0, "-");
  const Int128 value = parse_decimal(number, Type::decimal_of(38, 0), Rounding::refuse).value();
  return {value, static_cast<std::uint8_t>(rng.below(39))};
}

}  // namespace

TEST_CASE("sums and differences of random DECIMALs are those of digits on paper") {
  Rng rng(1);
  for (int round = 0; round < 4000; ++round) {
    const Decimal a = random_decimal(rng);
    Decimal b = random_decimal(rng);
    if (rng.below(2) == 0) b.scale = a.scale;
    const int scale = std::max(a.scale, b.scale);
    const Paper left = paper(a, scale);
    Paper right = paper(b, scale);
    CHECK(text(model::add(a, b, scale)) == text(sum(left, right)));
    right.negative = !right.negative;
    CHECK(text(model::subtract(a, b, scale)) == text(sum(left, right)));
  }
}

TEST_CASE("products of random DECIMALs are those of digits on paper") {
  Rng rng(2);
  for (int round = 0; round < 2000; ++round) {
    Decimal a = random_decimal(rng);
    const Decimal b = random_decimal(rng);
    if (rng.below(2) == 0) a.unscaled %= 1'000'000'007;
    const Paper left = paper(a.unscaled);
    const Paper right = paper(b.unscaled);
    const Paper product{left.negative != right.negative, times(left.digits, right.digits)};
    CHECK(text(model::multiply(a, b)) == text(product));
  }
}

TEST_CASE("quotients and rests of random DECIMALs are those of digits on paper") {
  Rng rng(3);
  for (int round = 0; round < 2000; ++round) {
    const Decimal a = random_decimal(rng);
    Decimal b = random_decimal(rng);
    if (rng.below(2) == 0) b.unscaled %= 1'000'003;
    if (b.unscaled == 0) continue;
    const int scale = std::max(a.scale, b.scale);
    const Paper left = paper(a, scale);
    const Paper right = paper(b, scale);
    CHECK(text(model::modulo(a, b, scale)) ==
          text(Paper{left.negative, over(left.digits, right.digits).rest}));

    const int decimals = std::max(a.scale - b.scale, 6);
    if (decimals > 38) continue;
    Paper number = paper(a.unscaled);
    number.digits.append(static_cast<std::size_t>(decimals - a.scale + b.scale), '0');
    number.digits = trimmed(number.digits);
    const Paper divisor = paper(b.unscaled);
    Divided parts = over(number.digits, divisor.digits);
    if (!less(plus(parts.rest, parts.rest), divisor.digits))
      parts.quotient = plus(parts.quotient, "1");
    CHECK(text(model::divide(a, b, decimals)) ==
          text(Paper{number.negative != divisor.negative, trimmed(parts.quotient)}));
  }
}

TEST_CASE("random DECIMALs are ordered as digits on paper") {
  Rng rng(4);
  for (int round = 0; round < 4000; ++round) {
    Decimal a = random_decimal(rng);
    const Decimal b = random_decimal(rng);
    if (rng.below(4) == 0) a = b;
    if (rng.below(4) == 0 && a.scale > 0) {
      a.unscaled /= 10;
      --a.scale;
    }
    const int scale = std::max(a.scale, b.scale);
    Paper right = paper(b, scale);
    right.negative = !right.negative;
    const std::string difference = trimmed(sum(paper(a, scale), right).digits);
    CHECK((a == b) == difference.empty());
    CHECK((a < b) == (!difference.empty() && sum(paper(a, scale), right).negative));
    CHECK((b < a) == (!difference.empty() && !sum(paper(a, scale), right).negative));
  }
}

TEST_CASE("sums that leave 128 bits and come back are right again") {
  Rng rng(5);
  WideSum total;
  Paper expected;
  std::vector<Int128> values;
  for (int round = 0; round < 2000; ++round) {
    values.push_back(random_decimal(rng).unscaled);
    total.add(values.back());
    expected = sum(expected, paper(values.back()));
    expected.digits = trimmed(expected.digits);
    CHECK(text(total.number()) == text(expected));
  }
  for (const Int128 value : values)
    total.add(-value);
  CHECK(text(total.number()) == "0");
}

TEST_CASE("random DECIMALs read back from their text, and as doubles are the nearest") {
  Rng rng(6);
  for (int round = 0; round < 4000; ++round) {
    const Decimal a = random_decimal(rng);
    const Decimal back = parse_decimal(to_text(a)).value();
    CHECK(back.scale == a.scale);
    CHECK(back.unscaled == a.unscaled);
    CHECK(to_real(a) == std::stod(to_text(a)));
  }
}

TEST_CASE("DECIMAL is read as it is written, and rounded only where that is wanted") {
  const auto read = [](std::string_view text, Rounding rounding) {
    const Type type = Type::decimal_of(5, 2);
    const auto value = parse_decimal(text, type, rounding);
    return value.ok() ? to_text(Decimal{*value, 2}) : code_text(value.error().code);
  };
  CHECK(read("1.25", Rounding::refuse) == "1.25");
  CHECK(read("+1.2500", Rounding::refuse) == "1.25");
  CHECK(read("-.5", Rounding::refuse) == "-0.50");
  CHECK(read("12e1", Rounding::refuse) == "120.00");
  CHECK(read("1234.5e-2", Rounding::refuse) == "EF0604");
  CHECK(read("0e999999999", Rounding::refuse) == "0.00");
  CHECK(read("1e-999999999", Rounding::half_away) == "0.00");
  CHECK(read("1e999999999", Rounding::half_away) == "EF0603");
  CHECK(read("999.99", Rounding::refuse) == "999.99");
  CHECK(read("1000", Rounding::refuse) == "EF0603");
  CHECK(read("999.995", Rounding::half_away) == "EF0603");
  CHECK(read("1.005", Rounding::half_away) == "1.01");
  CHECK(read("-1.005", Rounding::half_away) == "-1.01");
  CHECK(read("1.009", Rounding::towards_zero) == "1.00");
  CHECK(read("-1.001", Rounding::down) == "-1.01");
  CHECK(read("-1.009", Rounding::up) == "-1.00");
  CHECK(read("1.001", Rounding::up) == "1.01");
  for (const char* wrong : {"", ".", "-", "1.2.3", "1e", "NaN", "0x1", "1 2", "1,5"})
    CHECK(read(wrong, Rounding::half_away) == "EF0604");
}

TEST_CASE("a DECIMAL has 38 digits and no more") {
  const std::string most(38, '9');
  CHECK(to_text(parse_decimal("-" + most).value()) == "-" + most);
  CHECK(code_text(parse_decimal("1" + most).error().code) == "EF0603");
  CHECK(to_text(parse_decimal("-0." + most).value()) == "-0." + most);
  CHECK_FALSE(rescale({parse_decimal(most).value().unscaled, 0}, Type::decimal_of(38, 1),
                      Rounding::half_away));
  CHECK(parse_type("decimal(38,38)") == Type::decimal_of(38, 38));
  CHECK_FALSE(parse_type("DECIMAL(39,0)"));
  CHECK_FALSE(parse_type("DECIMAL(3,4)"));
  CHECK(type_name(Type::decimal_of(18, 3)) == "DECIMAL(18,3)");
}

TEST_CASE("a host's value becomes a DECIMAL without loss") {
  const auto made = [](const Value& value) {
    const auto fitting = convert(value, Type::decimal_of(6, 2));
    return fitting.ok() ? to_text(*fitting, Type::decimal_of(6, 2))
                        : code_text(fitting.error().code);
  };
  CHECK(made(7) == "7.00");
  CHECK(made(0.1) == "0.10");
  CHECK(made(0.125) == "EF0807");
  CHECK(made("12.5") == "12.50");
  CHECK(made("12.555") == "EF0807");
  CHECK(made(Decimal{15000, 4}) == "1.50");
  CHECK(made(10'000) == "EF0807");
  CHECK(made(true) == "EF0807");
  CHECK(Value(Decimal{15, 1}) == Value(Decimal{150, 2}));
}

TEST_CASE("octets are written in hexadecimal digits and in base64") {
  const std::string octets(
      "\x00\xff"
      "a",
      3);
  CHECK(to_text(Value(octets), Type::bytes) == "\\x00ff61");
  CHECK(*parse_value("\\x00FF61", Type::bytes).value().text() == octets);
  CHECK(*parse_value("abc", Type::bytes).value().text() == "abc");
  CHECK(code_text(parse_value("\\x0", Type::bytes).error().code) == "EF0604");
  CHECK(code_text(parse_value("\\xzz", Type::bytes).error().code) == "EF0604");
}

}  // namespace eventflux
