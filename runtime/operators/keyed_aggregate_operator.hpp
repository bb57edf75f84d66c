#pragma once

#include "runtime/operators/keyed_input.hpp"
#include "runtime/operators/state_sharing.hpp"
#include "runtime/operators/stateful_operator.hpp"
#include "runtime/state/keyed_state.hpp"

namespace eventflux::runtime {

/// Aggregates of groups in which each row changes the state of its group and leaves with what that
/// is then.
/// Shape: its output expressions see input columns, then keys, then aggregates.
class KeyedAggregateOperator : public StatefulOperator {
 public:
  void on_batch(Port port, const Batch& batch) final;

 protected:
  /// `states` says how the state of each aggregate is kept.
  KeyedAggregateOperator(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
                         const std::vector<StateOps>& states, OutputSpec output,
                         std::uint64_t seed);

  /// Called once per batch, when the groups of its rows are known.
  virtual void begin(const Batch& /*batch*/, Selection /*rows*/) {}

  /// Takes the rows into aggregate i and writes to each what the aggregate of its group is then;
  /// `others` are those that read the same state.
  virtual void apply(std::size_t i, Selection rows, ColumnWriter& out,
                     std::span<const StateReader> others) = 0;

  const AggregateFunction& aggregate(std::size_t i) const { return *aggregates_[i]; }

  StateLane lane(std::size_t i) const { return table_.lane(sharing_.place(i)); }

  const Column& argument(std::size_t i) const { return input_.argument(i); }

  /// Returns the group of each row, by row.
  const std::uint32_t* groups() const { return groups_.data(); }

 private:
  void aggregate_rows(Selection rows, RowErrors& failed);

  KeyedInput input_;
  std::vector<const AggregateFunction*> aggregates_;
  StateSharing sharing_;
  Output output_;
  KeyedState& table_;
  RowErrors errors_;
  Arena arena_;
  std::vector<std::uint32_t> groups_;
  std::vector<ColumnVector> results_;
  std::vector<ColumnWriter> writers_;
  std::vector<StateReader> others_;
  std::vector<Column> columns_;
};

/// Returns how the running or the sliding state of aggregates is kept.
std::vector<StateOps> state_ops_of(const std::vector<const AggregateFunction*>& aggregates);
std::vector<StateOps> slide_ops_of(const std::vector<const AggregateFunction*>& aggregates);
std::vector<ColumnVector> result_vectors(const std::vector<const AggregateFunction*>& aggregates);

}  // namespace eventflux::runtime
