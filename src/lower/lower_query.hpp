#pragma once

#include "plan/plan.hpp"
#include "runtime/graph/graph.hpp"
#include "runtime/operators/late_action.hpp"

namespace eventflux::lower {

/// What a query's operator is built for.
struct QueryPlace {
  const Schema& input;          ///< Columns of the stream that it reads.
  const Schema& target;         ///< Columns of the stream that it fills.
  runtime::TimeDomain& domain;  ///< Clock of that stream.
  runtime::TimeDomain& processing;
  runtime::LateAction late;  ///< Of rows that its windows cannot take any more.
  std::uint64_t seed = 0;    ///< Of the app.
};

/// Adds the operator of a query to the graph; neither connected nor part of a time domain yet.
Result<runtime::Operator*> lower_query(const plan::QueryPlan& plan, const QueryPlace& place,
                                       runtime::Graph& graph);

}  // namespace eventflux::lower
