#pragma once

#include "runtime/operators/group_index.hpp"
#include "runtime/operators/group_states.hpp"
#include "runtime/operators/keyed_input.hpp"
#include "runtime/state/dirty_set.hpp"

namespace eventflux::runtime {

/// Aggregates of groups in which each row changes the state of its group and leaves with what that
/// is then.
/// Shape: its output expressions see input columns, then keys, then aggregates.
class KeyedAggregateOperator : public Operator {
 public:
  void on_batch(Port port, const Batch& batch) final;

  bool has_state() const override { return true; }

  std::uint32_t snapshot(DeltaWriter& writer) override;
  Result<void> restore(const MergedState& records) override;

 protected:
  /// `states` says how the state of each aggregate is kept.
  KeyedAggregateOperator(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
                         const std::vector<StateOps>& states, OutputSpec output,
                         std::uint64_t seed);

  /// Called once per batch, when the groups of its rows are known.
  virtual void begin(const Batch& /*batch*/, Selection /*rows*/) {}

  /// Takes the rows into aggregate i and writes to each what the aggregate of its group is then.
  virtual void apply(std::size_t i, Selection rows, ColumnWriter& out) = 0;

  const AggregateFunction& aggregate(std::size_t i) const { return *aggregates_[i]; }

  StateLane lane(std::size_t i) { return states_.lane(i); }

  const Column& argument(std::size_t i) const { return input_.argument(i); }

  /// Returns the group of each row, by row.
  const std::uint32_t* groups() const { return groups_.data(); }

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

/// Returns how the running or the sliding state of aggregates is kept.
std::vector<StateOps> state_ops_of(const std::vector<const AggregateFunction*>& aggregates);
std::vector<StateOps> slide_ops_of(const std::vector<const AggregateFunction*>& aggregates);
std::vector<ColumnVector> result_vectors(const std::vector<const AggregateFunction*>& aggregates);

}  // namespace eventflux::runtime
