#pragma once

#include <string>

#include "plan/plan.hpp"

namespace eventflux::plan {

/// Names the operators of a query. An id is the query's @id, or a hash of what the operator
/// computes: kind, inputs by name, conditions, keys, window, output columns. Position, spelling,
/// comments and other queries do not change it.
void name_operators(QueryPlan& plan, const semantic::App& app);

/// Makes ids unique: the second operator that computes the same gets "#2".
void number_equal_operators(std::vector<QueryPlan>& queries);

/// Returns the parts that own state, each with what its state depends on. Queries are called by
/// their names, else by the stream that they fill.
std::vector<StatefulPart> stateful_parts(const semantic::App& app,
                                         const std::vector<QueryPlan>& queries);

/// Returns a hash of all that stored state depends on.
std::string fingerprint(const std::vector<StatefulPart>& parts);

}  // namespace eventflux::plan
