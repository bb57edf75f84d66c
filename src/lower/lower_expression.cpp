#include "lower/lower_expression.hpp"

#include <algorithm>

#include "runtime/expression/arithmetic_program.hpp"

namespace eventflux::lower {
namespace {

using runtime::EvaluatorPtr;
using runtime::Operation;
using semantic::Expression;
using semantic::Operator;

Error no_kernel(const Expression& expression) {
  return {Code::internal, "no kernel for this operation", "please report this query",
          expression.span};
}

Result<EvaluatorPtr> lower_like(const Expression& expression, std::vector<EvaluatorPtr> operands) {
  std::string escape;
  if (expression.operands.size() > 2) {
    const std::string* text = expression.operands[2]->value.text();
    if (text != nullptr) escape = *text;
  }
  return make_like(std::move(operands[0]), std::move(operands[1]), std::move(escape),
                   expression.op == Operator::ilike);
}

Result<EvaluatorPtr> lower_kernel(const Expression& expression,
                                  std::vector<EvaluatorPtr> operands) {
  const auto operation = kernel_operation(expression.op);
  if (!operation) return no_kernel(expression);
  if (operands.size() == 2 && runtime::is_real_arithmetic(*operation, operands[0]->type()))
    return make_real(*operation, std::move(operands[0]), std::move(operands[1]));
  const runtime::Kernel kernel = runtime::find_kernel(*operation, operands[0]->type());
  if (kernel == nullptr) return no_kernel(expression);
  if (operands.size() == 1) return make_unary(kernel, expression.type, std::move(operands[0]));
  const Type type = operands[0]->type();
  return make_binary(kernel, expression.type, std::move(operands[0]), std::move(operands[1]),
                     runtime::find_selection(*operation, type));
}

Result<EvaluatorPtr> lower_operation(const Expression& expression,
                                     std::vector<EvaluatorPtr> operands) {
  switch (expression.op) {
    case Operator::logic_and:
      return make_and(std::move(operands[0]), std::move(operands[1]));
    case Operator::logic_or:
      return make_or(std::move(operands[0]), std::move(operands[1]));
    case Operator::logic_not:
      return make_not(std::move(operands[0]));
    case Operator::like:
    case Operator::ilike:
      return lower_like(expression, std::move(operands));
    case Operator::in_list: {
      const runtime::Kernel equal = runtime::find_kernel(Operation::equal, operands[0]->type());
      if (equal == nullptr) return no_kernel(expression);
      return make_in_list(equal, std::move(operands));
    }
    default:
      return lower_kernel(expression, std::move(operands));
  }
}

Result<EvaluatorPtr> lower_cast(const Expression& expression, std::vector<EvaluatorPtr> operands) {
  if (operands[0]->type() == expression.type) return std::move(operands[0]);
  const runtime::Kernel kernel =
      runtime::find_cast(operands[0]->type(), expression.type, expression.null_on_failure);
  if (kernel == nullptr) return no_kernel(expression);
  return make_unary(kernel, expression.type, std::move(operands[0]));
}

}  // namespace

std::optional<Operation> kernel_operation(Operator op) {
  switch (op) {
    case Operator::negate:
      return Operation::negate;
    case Operator::add:
      return Operation::add;
    case Operator::subtract:
      return Operation::subtract;
    case Operator::multiply:
      return Operation::multiply;
    case Operator::divide:
      return Operation::divide;
    case Operator::modulo:
      return Operation::modulo;
    case Operator::concat:
      return Operation::concat;
    case Operator::equal:
      return Operation::equal;
    case Operator::not_equal:
      return Operation::not_equal;
    case Operator::less:
      return Operation::less;
    case Operator::less_equal:
      return Operation::less_equal;
    case Operator::greater:
      return Operation::greater;
    case Operator::greater_equal:
      return Operation::greater_equal;
    case Operator::is_null:
      return Operation::is_null;
    case Operator::is_not_null:
      return Operation::is_not_null;
    case Operator::is_distinct:
      return Operation::is_distinct;
    case Operator::is_not_distinct:
      return Operation::is_not_distinct;
    default:
      return std::nullopt;
  }
}

std::size_t Layout::index(const Expression& column) const {
  switch (column.space) {
    case semantic::ColumnSource::input:
      return input + column.index;
    case semantic::ColumnSource::group_key:
      return key + column.index;
    case semantic::ColumnSource::aggregate:
      return aggregate + column.index;
    case semantic::ColumnSource::window_bound:
      return bound + column.index;
  }
  return column.index;
}

namespace {

Result<EvaluatorPtr> lower_alone(const Expression& expression, const Layout& layout) {
  std::vector<EvaluatorPtr> operands;
  for (const semantic::ExpressionPtr& operand : expression.operands) {
    EF_TRY(auto lowered, lower_expression(*operand, layout));
    operands.push_back(std::move(lowered));
  }
  switch (expression.kind) {
    case Expression::Kind::column:
      return runtime::make_column(expression.type, layout.index(expression));
    case Expression::Kind::constant:
      return runtime::make_constant(expression.type, expression.value);
    case Expression::Kind::operation:
      return lower_operation(expression, std::move(operands));
    case Expression::Kind::cast:
      return lower_cast(expression, std::move(operands));
    case Expression::Kind::call:
      return runtime::make_call(*expression.function, expression.type, expression.call_id,
                                std::move(operands));
    case Expression::Kind::choice:
      return runtime::make_choice(expression.type, std::move(operands));
  }
  return no_kernel(expression);
}

}  // namespace

Result<EvaluatorPtr> lower_expression(const Expression& expression, const Layout& layout) {
  auto* entry = layout.shared == nullptr ? nullptr : layout.shared->find(expression);
  if (entry == nullptr) return lower_alone(expression, layout);
  if (entry->value == nullptr) {
    EF_TRY(EvaluatorPtr value, lower_alone(expression, layout));
    entry->value = std::make_shared<runtime::SharedValue>(std::move(value));
  }
  return runtime::make_use(entry->value);
}

namespace {

/// Returns whether a row can fail in an expression.
bool can_fail(const Expression& expression) {
  const auto real = [](Type type) { return type == Type::float64 || type == Type::float32; };
  switch (expression.kind) {
    case Expression::Kind::cast:
    case Expression::Kind::call:
      return true;
    case Expression::Kind::operation:
      // Arithmetic comes first among the operators.
      if (expression.op <= Operator::modulo && !real(expression.type)) return true;
      break;
    case Expression::Kind::column:
    case Expression::Kind::constant:
    case Expression::Kind::choice:
      break;
  }
  return std::any_of(expression.operands.begin(), expression.operands.end(),
                     [](const semantic::ExpressionPtr& operand) { return can_fail(*operand); });
}

/// Text of an expression for a message. Shape: at most some 80 characters.
std::string short_text(const Expression& expression, const plan::ColumnNames& names) {
  constexpr std::size_t longest = 80;
  std::string text = plan::to_text(expression, names);
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  return text.substr(0, end) + " …";
}

}  // namespace

Result<EvaluatorPtr> lower_whole(const Expression& expression, const Layout& layout) {
  EF_TRY(EvaluatorPtr lowered, lower_expression(expression, layout));
  if (layout.names == nullptr || !can_fail(expression)) return lowered;
  return runtime::make_named(std::move(lowered), short_text(expression, *layout.names));
}

Result<std::vector<EvaluatorPtr>> lower_expressions(
    const std::vector<semantic::ExpressionPtr>& expressions, const Layout& layout) {
  std::vector<EvaluatorPtr> lowered;
  for (const semantic::ExpressionPtr& expression : expressions) {
    if (expression == nullptr) {
      lowered.push_back(nullptr);
      continue;
    }
    EF_TRY(auto one, lower_whole(*expression, layout));
    lowered.push_back(std::move(one));
  }
  return lowered;
}

Result<void> lower_conjuncts(const semantic::ExpressionPtr& condition, const Layout& layout,
                             std::vector<EvaluatorPtr>& out) {
  if (condition == nullptr) return {};
  if (condition->kind == Expression::Kind::operation && condition->op == Operator::logic_and) {
    for (const semantic::ExpressionPtr& operand : condition->operands)
      EF_CHECK(lower_conjuncts(operand, layout, out));
    return {};
  }
  EF_TRY(auto lowered, lower_whole(*condition, layout));
  out.push_back(std::move(lowered));
  return {};
}

}  // namespace eventflux::lower
