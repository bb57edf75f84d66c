#pragma once

#include "runtime/operators/running_aggregate_operator.hpp"

namespace eventflux::runtime {

/// Aggregates of groups over rows that come and are taken back: a row that comes is added, one that
/// expires is taken out, oldest first, and both leave with what their group is then.
/// Shape: its output expressions see input columns, then keys, then aggregates.
class ChangelogAggregateOperator final : public Operator {
 public:
  ChangelogAggregateOperator(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
                             OutputSpec output, std::uint64_t seed);

  void on_batch(Port port, const Batch& batch) override;

  bool has_state() const override { return true; }

  std::uint32_t snapshot(DeltaWriter& writer) override;
  Result<void> restore(const MergedState& records) override;

 private:
  KeyedInput input_;
  std::vector<const AggregateFunction*> aggregates_;
  Output output_;
  GroupIndex index_;
  GroupStates states_;
  DirtySet changed_;
  CompactionCursor compaction_;
  RowErrors errors_;
  Arena arena_;
  std::vector<std::uint32_t> groups_;
  std::vector<std::uint32_t> expired_;
  std::vector<std::uint32_t> ends_;
  std::array<std::uint64_t, batch_rows_max / 64> counted_{};
  std::vector<ColumnVector> results_;
  std::vector<Column> columns_;
};

}  // namespace eventflux::runtime
