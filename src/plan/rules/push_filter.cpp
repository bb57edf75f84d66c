#include "plan/rules/push_filter.hpp"

#include <utility>

namespace eventflux::plan {

namespace {

using semantic::Expression;
using semantic::ExpressionPtr;

ExpressionPtr conjunction(ExpressionPtr first, ExpressionPtr second) {
  if (!first) return second;
  const Span span = first->span;
  return std::make_shared<const Expression>(
      Expression{.kind = Expression::Kind::operation,
                 .type = Type::boolean,
                 .span = span,
                 .op = semantic::Operator::logic_and,
                 .operands = {std::move(first), std::move(second)}});
}

}  // namespace

void push_filter(semantic::Query& query) {
  if (!query.where || (query.window && !query.window->by_time)) return;
  query.filter = conjunction(std::move(query.filter), std::exchange(query.where, nullptr));
}

}  // namespace eventflux::plan
