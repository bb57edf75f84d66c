#pragma once

#include <memory>

#include "runtime/operators/group_index.hpp"
#include "runtime/operators/group_state_codec.hpp"
#include "runtime/operators/group_states.hpp"
#include "runtime/operators/keyed_input.hpp"

namespace eventflux::runtime {

/// Running aggregates without a window: each row changes the state of its group and leaves with the
/// new results.
/// Shape: its output expressions see input columns, then keys, then aggregates.
class RunningAggregateOperator final : public Operator {
 public:
  RunningAggregateOperator(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
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
  std::vector<ColumnVector> results_;
  std::vector<Column> columns_;
};

/// Returns the running-state or sliding-state operations of aggregates.
std::vector<StateOps> state_ops_of(const std::vector<const AggregateFunction*>& aggregates);
std::vector<StateOps> slide_ops_of(const std::vector<const AggregateFunction*>& aggregates);
std::vector<ColumnVector> result_vectors(const std::vector<const AggregateFunction*>& aggregates);

}  // namespace eventflux::runtime
