#include "lower/shared_expressions.hpp"

#include <algorithm>

#include "semantic/type_rules.hpp"

namespace eventflux::lower {
namespace {

// What has no call costs less than to share it.
bool has_call(const semantic::Expression& expression) {
  return expression.kind == semantic::Expression::Kind::call ||
         std::any_of(expression.operands.begin(), expression.operands.end(),
                     [](const auto& operand) { return has_call(*operand); });
}

}  // namespace

void SharedExpressions::count(const semantic::ExpressionPtr& expression) {
  if (expression == nullptr || !has_call(*expression)) return;
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return same(*entry.expression, *expression);
  });
  if (known != entries_.end()) {
    ++known->places;
    return;
  }
  entries_.push_back({expression.get(), 1});
  for (const semantic::ExpressionPtr& operand : expression->operands)
    count(operand);
}

SharedExpressions::Entry* SharedExpressions::find(const semantic::Expression& expression) {
  for (Entry& entry : entries_)
    if (entry.places > 1 && same(*entry.expression, expression)) return &entry;
  return nullptr;
}

}  // namespace eventflux::lower
