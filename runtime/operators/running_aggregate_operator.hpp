#pragma once

#include "runtime/operators/keyed_aggregate_operator.hpp"

namespace eventflux::runtime {

/// Running aggregates without a window: nothing is ever taken back.
class RunningAggregateOperator final : public KeyedAggregateOperator {
 public:
  RunningAggregateOperator(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
                           OutputSpec output, std::uint64_t seed)
      : KeyedAggregateOperator(std::move(input), aggregates, state_ops_of(aggregates),
                               std::move(output), seed) {}

 protected:
  void apply(std::size_t i, Selection rows, ColumnWriter& out,
             std::span<const StateReader> others) override {
    const AggregateBatch batch{lane(i), groups(), argument(i), rows};
    if (others.empty()) return aggregate(i).add_and_result(batch, out);
    aggregate(i).add_and_results(batch, out, others);
  }
};

}  // namespace eventflux::runtime
