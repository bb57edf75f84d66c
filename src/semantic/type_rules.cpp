#include "semantic/type_rules.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "semantic/decimal_rules.hpp"

namespace eventflux::semantic {

namespace {

std::string name_of(Type type) {
  return std::string(type_name(type));
}

ExpressionPtr with_type(const Expression& expression, Type type) {
  Expression copy = expression;
  copy.type = type;
  return std::make_shared<const Expression>(std::move(copy));
}

bool is_string_constant(const Expression& expression) {
  return expression.kind == Expression::Kind::constant && expression.value.text() != nullptr;
}

// A whole number written into a wider or real column changes its form, not its value.
ExpressionPtr widened_constant(const Expression& expression, Type type) {
  const std::int64_t* whole = expression.value.integer();
  if (whole != nullptr && is_real(type))
    return make_constant(static_cast<double>(*whole), type, expression.span);
  if (const Decimal* number = expression.value.decimal())
    return make_constant(to_real(*number), type, expression.span);
  return with_type(expression, type);
}

Error does_not_fit(const Expression& expression, Type type, Report& report) {
  Diagnostic diagnostic{
      .code = Code::type_mismatch,
      .message = name_of(expression.type) + " is incompatible with " + name_of(type),
      .span = expression.span,
      .label = "this is " + name_of(expression.type)};
  const bool literal = expression.kind == Expression::Kind::constant && is_integer(expression.type);
  if (literal && type == Type::int32) {
    diagnostic.code = Code::literal_out_of_range;
    diagnostic.message = to_text(expression.value, expression.type) + " does not fit INT";
    diagnostic.label = "";
  } else if (casts(expression.type, type)) {
    const bool narrows = is_numeric(expression.type) && is_numeric(type);
    if (narrows) {
      diagnostic.code = Code::narrowing;
      diagnostic.message =
          name_of(expression.type) + " does not fit " + name_of(type) + " without a CAST";
    }
    diagnostic.help.push_back("CAST(… AS " + name_of(type) + ")");
  }
  return report.fail(std::move(diagnostic));
}

/// A literal must have the digits that are asked for; what is computed is checked row by row.
Result<ExpressionPtr> coerce_decimal(ExpressionPtr expression, Type type, Report& report) {
  const Span span = expression->span;
  if (expression->type == Type::decimal && expression->kind != Expression::Kind::constant) {
    if (type.precision == 0) return expression;
    if (!widens(expression->type, type)) return does_not_fit(*expression, type, report);
    return make_cast(std::move(expression), type, span);
  }
  ExpressionPtr number = as_decimal(expression);
  if (type.precision == 0) return number;
  if (number->kind != Expression::Kind::constant) return make_cast(std::move(number), type, span);
  const auto scaled = rescale(*number->value.decimal(), type, Rounding::refuse);
  if (scaled) return make_constant(Decimal{*scaled, type.scale}, type, span);
  return report.fail(Code::narrowing,
                     to_text(number->value, number->type) + " does not fit " + name_of(type), span,
                     "CAST(… AS " + name_of(type) + ") rounds");
}

// Compares two nodes of one kind without their operands.
bool same_node(const Expression& left, const Expression& right) {
  switch (left.kind) {
    case Expression::Kind::column:
      return left.space == right.space && left.index == right.index;
    case Expression::Kind::constant:
      return left.value == right.value;
    case Expression::Kind::operation:
      return left.op == right.op;
    case Expression::Kind::cast:
      return left.null_on_failure == right.null_on_failure;
    case Expression::Kind::call:
      return left.function == right.function &&
             (left.function->stable || left.call_id == right.call_id);
    case Expression::Kind::choice:
      return true;
  }
  return false;
}

// As boost::hash_combine does it.
std::size_t combine(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6U) + (seed >> 2U));
}

std::size_t hash_value(const Value& value) {
  if (const auto* number = value.integer()) return std::hash<std::int64_t>()(*number);
  if (const auto* text = value.text()) return std::hash<std::string>()(*text);
  return 0;  // the rest is rare: let same() tell them apart
}

std::size_t hash_node(const Expression& expression) {
  const std::size_t seed = combine(static_cast<std::size_t>(expression.kind),
                                   static_cast<std::size_t>(expression.type.kind));
  switch (expression.kind) {
    case Expression::Kind::column:
      return combine(seed, expression.index);
    case Expression::Kind::constant:
      return combine(seed, hash_value(expression.value));
    case Expression::Kind::operation:
      return combine(seed, static_cast<std::size_t>(expression.op));
    case Expression::Kind::call:
      return combine(seed, std::hash<const void*>()(expression.function));
    case Expression::Kind::cast:
    case Expression::Kind::choice:
      return seed;
  }
  return seed;
}

}  // namespace

std::optional<Type> common_type(Type left, Type right) {
  if (left == right) return left;
  if (!is_numeric(left) || !is_numeric(right)) return std::nullopt;
  if (left == Type::decimal || right == Type::decimal) {
    if (is_real(left) || is_real(right)) return Type::float64;
    return common_decimal(*decimal_type(left), *decimal_type(right));
  }
  if (left == Type::float64 || right == Type::float64) return Type::float64;
  const bool real = is_real(left) || is_real(right);
  const bool wide = left == Type::int64 || right == Type::int64;
  if (real) return wide ? Type::float64 : Type::float32;
  return Type::int64;
}

// Whether an integer has too many digits for a DECIMAL is seen row by row.
bool widens(Type from, Type to) {
  if (to == Type::decimal)
    return is_integer(from) || (from == Type::decimal && (to.precision == 0 || holds(to, from)));
  return common_type(from, to) == std::optional<Type>(to);
}

bool casts(Type from, Type to) {
  if (from == to || is_text(from) || to == Type::string) return true;
  return is_numeric(from) && is_numeric(to);
}

ExpressionPtr make_constant(Value value, Type type, Span span) {
  return std::make_shared<const Expression>(
      Expression{.type = type, .span = span, .value = std::move(value)});
}

ExpressionPtr make_cast(ExpressionPtr operand, Type type, Span span) {
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::cast,
                                                       .type = type,
                                                       .span = span,
                                                       .operands = {std::move(operand)}});
}

ExpressionPtr make_operation(Operator op, Type type, std::vector<ExpressionPtr> operands,
                             Span span) {
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::operation,
                                                       .type = type,
                                                       .span = span,
                                                       .op = op,
                                                       .operands = std::move(operands)});
}

bool is_null_literal(const Expression& expression) {
  return expression.kind == Expression::Kind::constant && expression.value.is_null();
}

bool same(const Expression& left, const Expression& right) {
  if (left.kind != right.kind || left.type != right.type) return false;
  return same_node(left, right) &&
         std::equal(left.operands.begin(), left.operands.end(), right.operands.begin(),
                    right.operands.end(),
                    [](const ExpressionPtr& a, const ExpressionPtr& b) { return same(*a, *b); });
}

std::size_t hash_of(const Expression& expression) {
  std::size_t hash = hash_node(expression);
  for (const ExpressionPtr& operand : expression.operands)
    hash = combine(hash, hash_of(*operand));
  return hash;
}

Result<ExpressionPtr> coerce(ExpressionPtr expression, Type type, Report& report) {
  if (expression->type == type && !is_null_literal(*expression)) return expression;
  if (type == Type::decimal && decimal_type(*expression) && !is_null_literal(*expression))
    return coerce_decimal(std::move(expression), type, report);
  if (is_null_literal(*expression)) return with_type(*expression, type);
  if (type == Type::timestamp && is_string_constant(*expression)) {
    auto time = parse_timestamp(*expression->value.text());
    if (time.ok()) return make_constant(*time, type, expression->span);
    return report.fail(Code::invalid_duration,
                       "'" + *expression->value.text() + "' is not a TIMESTAMP", expression->span,
                       "write it like '2026-01-31 12:00:00'");
  }
  const bool real_literal =
      expression->kind == Expression::Kind::constant && expression->value.real() != nullptr;
  if (real_literal && type == Type::float32) return with_type(*expression, type);
  if (!widens(expression->type, type)) return does_not_fit(*expression, type, report);
  if (expression->kind == Expression::Kind::constant) return widened_constant(*expression, type);
  const Span span = expression->span;
  return make_cast(std::move(expression), type, span);
}

Result<Type> common_type_of(std::span<const ExpressionPtr> operands, Report& report) {
  std::optional<Type> found;
  const bool decimals = are_decimal(operands);
  bool text_as_time = false;
  for (const ExpressionPtr& operand : operands)
    if (operand->type == Type::timestamp && !is_null_literal(*operand)) text_as_time = true;
  for (const ExpressionPtr& operand : operands) {
    if (is_null_literal(*operand)) continue;
    const bool time = text_as_time && is_string_constant(*operand);
    Type type = time ? Type(Type::timestamp) : operand->type;
    if (decimals) type = *decimal_type(*operand);
    const auto common = found ? common_type(*found, type) : std::optional<Type>(type);
    if (!common) return does_not_fit(*operand, *found, report);
    found = common;
  }
  return found.value_or(Type::string);
}

Result<Type> unify(std::vector<ExpressionPtr>& operands, Report& report) {
  EF_TRY(const Type type, common_type_of(operands, report));
  for (ExpressionPtr& operand : operands) {
    EF_TRY(operand, coerce_common(std::move(operand), type, report));
  }
  return type;
}

Result<ExpressionPtr> coerce_common(ExpressionPtr expression, Type type, Report& report) {
  const Span span = expression->span;
  const bool digits = expression->type == Type::decimal && type == Type::decimal;
  if (digits && expression->type != type) return make_cast(std::move(expression), type, span);
  return coerce(std::move(expression), type, report);
}

}  // namespace eventflux::semantic
