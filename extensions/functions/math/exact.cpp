#include <algorithm>
#include <optional>
#include <string>

#include "math.hpp"

namespace eventflux::functions::math {
namespace {

using Types = std::span<const Type>;
using Inferred = std::optional<Type>;

constexpr int digits_max = Decimal::digits_max;

Decimal decimal_at(const Column& column, std::uint32_t row) {
  return {column.at<Int128>(row), column.type.scale};
}

std::int64_t integer_at(const Column& column, std::uint32_t row) {
  return column.type == Type::int32 ? column.at<std::int32_t>(row) : column.at<std::int64_t>(row);
}

Error too_large(Type type) {
  return {Code::out_of_range, "the result does not fit " + std::string(type_name(type))};
}

/// Calls compute(row), an optional Int128, for rows without NULL.
template <class Compute>
void each_row(FunctionCall& call, Compute compute) {
  for_each_row(call.selection, [&](std::uint32_t row) {
    for (const Column& argument : call.arguments)
      if (argument.is_null(row)) return call.out.set_null(row);
    const std::optional<Int128> value = compute(row);
    if (!value) return call.errors.fail(row, too_large(call.out.type));
    call.out.data<Int128>()[row] = *value;
  });
}

ScalarFunction exact_function(std::string name, std::string text, std::string signature,
                              Inferred (*infer)(Types), FunctionBody body) {
  ScalarFunction made;
  made.name = std::move(name);
  made.text = std::move(text);
  made.signature = std::move(signature);
  made.infer = infer;
  made.body = std::move(body);
  return made;
}

Inferred same(Types types) {
  return types.size() == 1 && types[0] == Type::decimal ? Inferred(types[0]) : std::nullopt;
}

/// Without decimals, and with one more digit, for 9.5 becomes 10.
Inferred whole(Types types) {
  if (!same(types)) return std::nullopt;
  const int digits = types[0].precision - types[0].scale + 1;
  return Type::decimal_of(std::min(digits, digits_max), 0);
}

Inferred to_digits(Types types) {
  const bool fits = types.size() == 2 && types[0] == Type::decimal && is_integer(types[1]);
  if (!fits) return std::nullopt;
  return Type::decimal_of(std::min(types[0].precision + 1, digits_max), types[0].scale);
}

Inferred rest(Types types) {
  const bool fits = types.size() == 2 && types[0] == Type::decimal && types[1] == Type::decimal;
  if (!fits) return std::nullopt;
  return Type::decimal_of(digits_max, std::max(types[0].scale, types[1].scale));
}

FunctionBody rounded(Rounding rounding) {
  return [rounding](FunctionCall& call) {
    each_row(call, [&](std::uint32_t row) {
      return rescale(decimal_at(call.arguments[0], row), call.out.type, rounding);
    });
  };
}

/// Rounds at 10^-digits and brings the result back to its scale; the last digits are zeros then.
std::optional<Int128> round_at(Decimal number, std::int64_t digits, Type type, Rounding rounding) {
  if (digits >= number.scale) return number.unscaled;
  if (number.scale - digits > digits_max) return 0;
  // As if the point stood further left: digits may be below zero.
  const Decimal shifted{number.unscaled, static_cast<std::uint8_t>(number.scale - digits)};
  const auto cut = rescale(shifted, Type::decimal_of(digits_max, 0), rounding);
  if (!cut) return std::nullopt;
  return rescale({*cut, 0}, Type::decimal_of(type.precision, shifted.scale), rounding);
}

FunctionBody rounded_at(Rounding rounding) {
  return [rounding](FunctionCall& call) {
    each_row(call, [&](std::uint32_t row) {
      return round_at(decimal_at(call.arguments[0], row), integer_at(call.arguments[1], row),
                      call.out.type, rounding);
    });
  };
}

void magnitude(FunctionCall& call) {
  each_row(call, [&](std::uint32_t row) -> std::optional<Int128> {
    const Int128 value = call.arguments[0].at<Int128>(row);
    return value < 0 ? -value : value;
  });
}

void remainder(FunctionCall& call) {
  each_row(call, [&](std::uint32_t row) -> std::optional<Int128> {
    const auto x = rescale(decimal_at(call.arguments[0], row), call.out.type, Rounding::refuse);
    const auto y = rescale(decimal_at(call.arguments[1], row), call.out.type, Rounding::refuse);
    if (!x || !y) return std::nullopt;
    if (*y != 0) return *x % *y;
    call.out.set_null(row);
    return 0;
  });
}

}  // namespace

void register_exact(Registry& registry) {
  registry.function(
      exact_function("abs", "Magnitude of a DECIMAL.", "abs(DECIMAL)", same, magnitude));
  registry.function("sign", "-1, 0 or 1.", [](Decimal x) -> std::int32_t {
    return x.unscaled > 0 ? 1 : (x.unscaled < 0 ? -1 : 0);
  });
  registry.function(exact_function("round", "Nearest integer, half away from zero, as a DECIMAL.",
                                   "round(DECIMAL)", whole, rounded(Rounding::half_away)));
  registry.function(exact_function("trunc", "Truncates a DECIMAL to an integer.", "trunc(DECIMAL)",
                                   whole, rounded(Rounding::towards_zero)));
  registry.function(exact_function("ceil", "Smallest integer not below x, as a DECIMAL.",
                                   "ceil(DECIMAL)", whole, rounded(Rounding::up)));
  registry.function(exact_function("floor", "Largest integer not above x, as a DECIMAL.",
                                   "floor(DECIMAL)", whole, rounded(Rounding::down)));
  registry.function(exact_function("round", "Rounds a DECIMAL to n places, half away from zero.",
                                   "round(DECIMAL, BIGINT)", to_digits,
                                   rounded_at(Rounding::half_away)));
  registry.function(exact_function("trunc", "Truncates a DECIMAL to n places.",
                                   "trunc(DECIMAL, BIGINT)", to_digits,
                                   rounded_at(Rounding::towards_zero)));
  registry.function(exact_function("mod", "Rest of a division, with the sign of x; NULL for y = 0.",
                                   "mod(DECIMAL, DECIMAL)", rest, remainder));
}

}  // namespace eventflux::functions::math
