#pragma once

#include <optional>
#include <string>
#include <vector>

#include "semantic/bind_expression.hpp"
#include "semantic/bound.hpp"
#include "syntax/ast_query.hpp"

namespace eventflux::semantic {

/// Binds the items of SELECT with their names; stars become columns.
Result<std::vector<SelectItem>> bind_select_list(const std::vector<syntax::SelectItem>& items,
                                                 const Scope& scope, Binding& binding);

/// Rewrites expressions over the input into expressions over groups: what equals a key becomes the
/// key; over a batch window any other column becomes its value in the last row, otherwise it stays,
/// as the row at hand is the last one.
class GroupByRewriter {
 public:
  GroupByRewriter(Query& query, const Stream& input, Binding& binding)
      : query_(query), input_(input), binding_(binding) {}

  Result<ExpressionPtr> rewrite(const ExpressionPtr& expression);
  /// Returns the first column that was not a key since the last call.
  std::optional<syntax::Name> take_last_row_column();

 private:
  Result<ExpressionPtr> last_row_value(const Expression& column);

  Query& query_;
  const Stream& input_;
  Binding& binding_;
  std::optional<syntax::Name> last_row_column_;
};

}  // namespace eventflux::semantic
