#pragma once

#include <span>

#include "plan/plan.hpp"
#include "runtime/graph/graph.hpp"
#include "runtime/operators/late_action.hpp"

namespace eventflux::lower {

/// What the operators of a query are built for.
struct StagePlace {
  const semantic::Query& query;
  const Schema& input;          ///< Columns of the stream that the query reads.
  const Schema& target;         ///< Columns of the stream that it fills.
  plan::ColumnLayout layout;    ///< Of the rows that come in.
  runtime::TimeDomain& domain;  ///< Clock of that stream.
  runtime::TimeDomain& processing;
  runtime::LateAction late;  ///< Of rows that its windows cannot take any more.
  std::uint64_t seed = 0;    ///< Of the app.
  /// Columns that an earlier step of the query has appended to the input; a null pointer: none.
  const std::vector<semantic::ExpressionPtr>* computed = nullptr;
};

/// Adds the operator that steps of a plan run as; neither connected nor part of a time domain yet.
/// Fails: EF0901.
Result<runtime::Operator*> lower_stage(std::span<const plan::Operator> steps,
                                       const StagePlace& place, runtime::Graph& graph);

}  // namespace eventflux::lower
