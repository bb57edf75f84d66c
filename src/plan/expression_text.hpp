#pragma once

#include <string>

#include "semantic/bound.hpp"

namespace eventflux::plan {

/// What the columns of an expression are called. Null pointers: the space does not occur.
struct ColumnNames {
  const Schema* input = nullptr;
  const semantic::Query* query = nullptr;  ///< For keys and aggregates.
  /// Columns that a Compute appended to the input.
  const std::vector<semantic::ExpressionPtr>* computed = nullptr;
};

/// Writes a typed expression so that equal texts mean equal values over equal columns; used for
/// people in explain and for the identity of operators.
std::string to_text(const semantic::Expression& expression, const ColumnNames& names);
std::string to_text(const semantic::AggregateCall& call, const ColumnNames& names);
/// Writes "TUMBLING(10 s)".
std::string to_text(const semantic::Window& window);

}  // namespace eventflux::plan
