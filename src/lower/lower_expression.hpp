#pragma once

#include <optional>
#include <vector>

#include "lower/shared_expressions.hpp"
#include "plan/expression_text.hpp"
#include "runtime/expression/evaluator.hpp"
#include "semantic/bound.hpp"

namespace eventflux::lower {

/// Where the columns of each space begin in the frame of an evaluation.
struct Layout {
  std::size_t input = 0;
  std::size_t key = 0;
  std::size_t aggregate = 0;
  std::size_t bound = 0;
  SharedExpressions* shared = nullptr;  ///< Null: each place computes its own.
  /// Of an expression in the errors of its rows. Null: they do not name it. Borrowed.
  const plan::ColumnNames* names = nullptr;

  std::size_t index(const semantic::Expression& column) const;
};

/// Returns what kernels call an operator; nothing for those that are no kernel.
std::optional<runtime::Operation> kernel_operation(semantic::Operator op);

/// Compiles an expression. Fails: EF0901 when the binder let types through that no kernel takes.
Result<runtime::EvaluatorPtr> lower_expression(const semantic::Expression& expression,
                                               const Layout& layout);

/// Compiles an expression as it stands in the text: errors of rows name it. Fails: as above.
Result<runtime::EvaluatorPtr> lower_whole(const semantic::Expression& expression,
                                          const Layout& layout);

/// Compiles several whole ones; null pointers stay null.
Result<std::vector<runtime::EvaluatorPtr>> lower_expressions(
    const std::vector<semantic::ExpressionPtr>& expressions, const Layout& layout);

/// Appends the operands of the top-level ANDs of a condition, in the order of the text.
Result<void> lower_conjuncts(const semantic::ExpressionPtr& condition, const Layout& layout,
                             std::vector<runtime::EvaluatorPtr>& out);

}  // namespace eventflux::lower
