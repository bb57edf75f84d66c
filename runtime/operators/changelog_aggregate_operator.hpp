#pragma once

#include <array>

#include "runtime/operators/keyed_aggregate_operator.hpp"

namespace eventflux::runtime {

/// Aggregates over rows that come and are taken back: a row that comes is added, one that expires
/// is taken out, oldest first.
class ChangelogAggregateOperator final : public KeyedAggregateOperator {
 public:
  ChangelogAggregateOperator(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
                             OutputSpec output, std::uint64_t seed)
      : KeyedAggregateOperator(std::move(input), aggregates, slide_ops_of(aggregates),
                               std::move(output), seed),
        ends_(batch_rows_max) {}

 protected:
  void begin(const Batch& batch, Selection rows) override;
  void apply(std::size_t i, Selection rows, ColumnWriter& out,
             std::span<const StateReader> others) override;

 private:
  std::vector<std::uint32_t> expired_;  // groups that rows leave
  std::vector<std::uint32_t> ends_;     // per entry: how many of them by then
  std::array<std::uint64_t, batch_rows_max / 64> counted_{};
};

}  // namespace eventflux::runtime
