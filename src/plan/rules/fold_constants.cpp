#include "plan/rules/fold_constants.hpp"

#include <optional>
#include <utility>

namespace eventflux::plan {

namespace {

using semantic::Expression;
using semantic::ExpressionPtr;
using semantic::Operator;

ExpressionPtr constant(Value value, const Expression& place) {
  return std::make_shared<const Expression>(
      Expression{.type = place.type, .span = place.span, .value = std::move(value)});
}

bool is_constant(const Expression& expression) {
  return expression.kind == Expression::Kind::constant && !expression.value.is_null();
}

const bool* truth(const Expression& expression) {
  return expression.kind == Expression::Kind::constant ? expression.value.boolean() : nullptr;
}

std::optional<std::int64_t> whole(Operator op, std::int64_t a, std::int64_t b, Type type) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Operator::add:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::subtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::multiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      return std::nullopt;
  }
  if (type == Type::int32 && result != static_cast<std::int32_t>(result)) overflow = true;
  if (overflow) return std::nullopt;
  return result;
}

// FLOAT is rounded after each operation at run time, so only DOUBLE is computed here.
std::optional<double> real(Operator op, double a, double b) {
  switch (op) {
    case Operator::add:
      return a + b;
    case Operator::subtract:
      return a - b;
    case Operator::multiply:
      return a * b;
    case Operator::divide:
      if (b == 0) return std::nullopt;
      return a / b;
    default:
      return std::nullopt;
  }
}

std::optional<Value> arithmetic(const Expression& expression) {
  const Value& left = expression.operands[0]->value;
  const Value& right = expression.operands[1]->value;
  if (left.integer() != nullptr && right.integer() != nullptr) {
    const auto result = whole(expression.op, *left.integer(), *right.integer(), expression.type);
    if (result) return Value(*result);
  }
  if (left.real() != nullptr && right.real() != nullptr && expression.type == Type::float64) {
    const auto result = real(expression.op, *left.real(), *right.real());
    if (result) return Value(*result);
  }
  return std::nullopt;
}

// TRUE AND x is x; FALSE AND x is FALSE, NULL or not; OR is its mirror.
ExpressionPtr logic(const Expression& expression, const ExpressionPtr& folded) {
  const bool neutral = expression.op == Operator::logic_and;
  for (std::size_t side = 0; side < 2; ++side) {
    const bool* value = truth(*expression.operands[side]);
    if (value == nullptr) continue;
    return *value == neutral ? expression.operands[1 - side] : expression.operands[side];
  }
  return folded;
}

ExpressionPtr operation(const ExpressionPtr& folded) {
  const Expression& expression = *folded;
  if (expression.op == Operator::logic_and || expression.op == Operator::logic_or)
    return logic(expression, folded);
  if (expression.op == Operator::logic_not) {
    const bool* value = truth(*expression.operands[0]);
    return value != nullptr ? constant(!*value, expression) : folded;
  }
  if (expression.operands.size() != 2) return folded;
  if (!is_constant(*expression.operands[0]) || !is_constant(*expression.operands[1])) return folded;
  const auto value = arithmetic(expression);
  return value ? constant(*value, expression) : folded;
}

void fold_condition(ExpressionPtr& condition) {
  if (!condition) return;
  condition = fold_constants(condition);
  const bool* value = truth(*condition);
  if (value != nullptr && *value) condition = nullptr;
}

void fold_all(std::vector<ExpressionPtr>& expressions) {
  for (ExpressionPtr& expression : expressions)
    expression = fold_constants(expression);
}

}  // namespace

ExpressionPtr fold_constants(const ExpressionPtr& expression) {
  if (expression->operands.empty()) return expression;
  Expression copy = *expression;
  fold_all(copy.operands);
  const auto folded = std::make_shared<const Expression>(std::move(copy));
  return folded->kind == Expression::Kind::operation ? operation(folded) : folded;
}

void fold_constants(semantic::Query& query) {
  fold_condition(query.filter);
  fold_condition(query.where);
  fold_condition(query.having);
  if (query.window) fold_all(query.window->per);
  fold_all(query.keys);
  for (semantic::AggregateCall& call : query.aggregates)
    if (call.argument) call.argument = fold_constants(call.argument);
  for (semantic::SelectItem& item : query.select)
    item.value = fold_constants(item.value);
  for (semantic::OrderItem& item : query.order)
    item.value = fold_constants(item.value);
}

}  // namespace eventflux::plan
