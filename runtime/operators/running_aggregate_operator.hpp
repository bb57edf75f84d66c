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
  void apply(std::size_t i, Selection rows, ColumnWriter& out) override {
    aggregate(i).add_and_result({lane(i), groups(), argument(i), rows}, out);
  }
};

}  // namespace eventflux::runtime
