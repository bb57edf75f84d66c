#pragma once

#include <memory>

#include "runtime/operators/group_index.hpp"
#include "runtime/operators/group_states.hpp"
#include "runtime/operators/keyed_input.hpp"
#include "runtime/operators/stored_groups.hpp"

namespace eventflux::runtime {

/// Running aggregates without a window: each row changes the state of its group and leaves with the
/// new results.
/// Shape: its output expressions see input columns, then keys, then aggregates.
class AggregateNode final : public Node {
 public:
  AggregateNode(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
                OutputSpec output, std::uint64_t seed);

  void on_batch(Port port, const Batch& batch) override;

  bool has_state() const override { return true; }

  std::uint32_t snapshot(SegmentWriter& writer) override;
  Result<void> restore(const SegmentRecords& records) override;

 private:
  KeyedInput input_;
  std::vector<const AggregateFunction*> aggregates_;
  Output output_;
  GroupIndex index_;
  GroupStates states_;
  ChangedUnits changed_;
  Round round_;
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
