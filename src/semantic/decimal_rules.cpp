#include "semantic/decimal_rules.hpp"

#include <algorithm>

#include "semantic/type_rules.hpp"

namespace eventflux::semantic {

namespace {

constexpr int digits_max = Decimal::digits_max;

int whole_digits(Type type) {
  return type.precision - type.scale;
}

/// Returns how many digits a number has, at least those behind its point.
int digits_of(Decimal number) {
  Int128 rest = number.unscaled < 0 ? -number.unscaled : number.unscaled;
  int digits = 0;
  for (; rest != 0; rest /= 10)
    ++digits;
  return std::max({digits, int{number.scale}, 1});
}

Type type_of(Decimal number) {
  return Type::decimal_of(digits_of(number), number.scale);
}

/// Returns the number that a literal stands for.
std::optional<Decimal> literal_number(const Expression& expression) {
  if (expression.kind != Expression::Kind::constant) return std::nullopt;
  if (expression.exact) return expression.exact;
  if (const std::int64_t* whole = expression.value.integer(); whole && is_integer(expression.type))
    return Decimal{*whole, 0};
  return std::nullopt;
}

/// At least six decimals, and as many as the digits before the point leave room for.
Type quotient_type(Type left, Type right) {
  constexpr int decimals_min = 6;
  const int whole = whole_digits(left) + right.scale;
  const int scale = std::max(decimals_min, left.scale + right.precision + 1);
  if (whole + scale <= digits_max) return Type::decimal_of(whole + scale, scale);
  return Type::decimal_of(digits_max, std::max(digits_max - whole, std::min(scale, decimals_min)));
}

}  // namespace

std::optional<Type> decimal_type(Type type) {
  constexpr int int_digits = 10;
  constexpr int bigint_digits = 19;
  if (type == Type::decimal) return type;
  if (type == Type::int32) return Type::decimal_of(int_digits, 0);
  if (type == Type::int64) return Type::decimal_of(bigint_digits, 0);
  return std::nullopt;
}

std::optional<Type> decimal_type(const Expression& expression) {
  if (const auto number = literal_number(expression)) return type_of(*number);
  return decimal_type(expression.type);
}

Type common_decimal(Type left, Type right) {
  const int scale = std::max(left.scale, right.scale);
  const int whole = std::max(whole_digits(left), whole_digits(right));
  return Type::decimal_of(std::min(whole + scale, digits_max), scale);
}

bool holds(Type wide, Type narrow) {
  return wide.scale >= narrow.scale && whole_digits(wide) >= whole_digits(narrow);
}

std::optional<Type> decimal_result(Operator op, Type left, Type right) {
  const int scale = std::max(left.scale, right.scale);
  const int whole = std::max(whole_digits(left), whole_digits(right));
  switch (op) {
    case Operator::add:
    case Operator::subtract:
      return Type::decimal_of(std::min(whole + scale + 1, digits_max), scale);
    case Operator::multiply: {
      const int product = left.scale + right.scale;
      if (product > digits_max) return std::nullopt;
      return Type::decimal_of(std::min(left.precision + right.precision, digits_max), product);
    }
    case Operator::divide:
      return quotient_type(left, right);
    case Operator::modulo: {
      const int rest = std::min(whole_digits(left), whole_digits(right));
      return Type::decimal_of(std::clamp(rest + scale, 1, digits_max), scale);
    }
    default:
      return std::nullopt;
  }
}

ExpressionPtr as_decimal(ExpressionPtr expression) {
  const Span span = expression->span;
  if (is_null_literal(*expression)) return make_constant({}, Type::decimal_of(1, 0), span);
  if (const auto number = literal_number(*expression))
    return make_constant(*number, type_of(*number), span);
  const auto type = decimal_type(expression->type);
  if (!type || expression->type == Type::decimal) return expression;
  return make_cast(std::move(expression), *type, span);
}

bool are_decimal(std::span<const ExpressionPtr> operands) {
  bool found = false;
  for (const ExpressionPtr& operand : operands) {
    if (is_null_literal(*operand)) continue;
    if (!decimal_type(*operand)) return false;
    found = found || operand->type == Type::decimal;
  }
  return found;
}

}  // namespace eventflux::semantic
