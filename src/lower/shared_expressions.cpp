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

std::size_t SharedExpressions::Hash::operator()(const semantic::Expression* expression) const {
  return semantic::hash_of(*expression);
}

bool SharedExpressions::Same::operator()(const semantic::Expression* a,
                                         const semantic::Expression* b) const {
  return semantic::same(*a, *b);
}

void SharedExpressions::count(const semantic::ExpressionPtr& expression) {
  if (expression == nullptr || !has_call(*expression)) return;
  if (++entries_[expression.get()].places > 1) return;
  for (const semantic::ExpressionPtr& operand : expression->operands)
    count(operand);
}

SharedExpressions::Entry* SharedExpressions::find(const semantic::Expression& expression) {
  if (entries_.empty()) return nullptr;
  const auto found = entries_.find(&expression);
  return found != entries_.end() && found->second.places > 1 ? &found->second : nullptr;
}

}  // namespace eventflux::lower
