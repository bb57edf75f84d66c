#pragma once

#include <string>

#include "plan/plan.hpp"

namespace eventflux::plan {

/// What the steps of a query are called.
struct QueryNames {
  std::string state;        ///< Id of its state; empty when it keeps none.
  std::string state_label;  ///< "window TUMBLING(10 s) by symbol"
  std::string project;      ///< Id of what it computes.
};

/// Names each query. An id is the query's @id, or a hash of what it computes: inputs by name,
/// conditions, keys, window, output columns. Position, spelling, comments and other queries do not
/// change it; the second query that computes the same gets "#2".
std::vector<QueryNames> name_queries(const semantic::App& app);

/// Returns the parts that own state, each with what its state depends on. Queries are called by
/// their ids, else by the stream that they fill.
std::vector<StatefulPart> stateful_parts(const semantic::App& app,
                                         const std::vector<Operator>& operators);

/// Returns a hash of all that stored state depends on.
std::string fingerprint(const std::vector<StatefulPart>& parts);

}  // namespace eventflux::plan
