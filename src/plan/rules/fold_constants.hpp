#pragma once

#include "semantic/bound.hpp"

namespace eventflux::plan {

/// Computes operations on constants, and drops conditions that are always TRUE from AND. What would
/// overflow or divide by zero is left as it is, to fail or be NULL where the language says so.
semantic::ExpressionPtr fold_constants(const semantic::ExpressionPtr& expression);

/// Folds every expression of a query; a condition that is always TRUE disappears.
void fold_constants(semantic::Query& query);

}  // namespace eventflux::plan
