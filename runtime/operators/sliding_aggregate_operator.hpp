#pragma once

#include <memory>

#include "eventflux/sliding.hpp"
#include "eventflux/window.hpp"

#include "runtime/operators/keyed_aggregate_operator.hpp"
#include "runtime/state/blob_state.hpp"

namespace eventflux::runtime {

/// Aggregates over a window that rows leave oldest first: before a row enters, the rows that leave
/// because of it are taken out of their groups.
/// Shape: its output expressions see input columns, then keys, then aggregates.
class SlidingAggregateOperator final : public StatefulOperator {
 public:
  /// `aligned`: the groups are the partitions, so a row that leaves is of the group that one
  /// enters.
  SlidingAggregateOperator(KeyedInputSpec input, std::unique_ptr<WindowEvictor> window,
                           bool aligned, std::vector<const AggregateFunction*> aggregates,
                           OutputSpec output, std::uint64_t seed);

  void on_batch(Port port, const Batch& batch) override;

 private:
  void admit(const Batch& batch, Selection rows);
  void expire_members(Selection rows);
  void mark_changed(Selection rows);
  Selection aggregate(const Batch& batch, Selection rows);

  KeyedInput input_;
  std::unique_ptr<WindowEvictor> window_;
  bool aligned_;
  std::vector<const AggregateFunction*> aggregates_;
  Output output_;
  KeyedState& partitions_;  // aligned, with the states of its group, else with its members
  KeyedState& groups_by_key_;

  RowErrors errors_;
  Arena arena_;
  std::vector<std::uint32_t> partition_of_row_;
  std::vector<std::uint32_t> groups_;
  std::vector<std::uint32_t> partition_;  // per entry
  std::vector<std::int64_t> time_;        // per entry
  std::vector<std::uint32_t> leaving_;    // per entry: how many
  std::vector<std::uint32_t> expired_;
  std::vector<std::uint32_t> ends_;
  std::array<std::uint64_t, batch_rows_max / 64> counted_{};
  std::array<std::uint16_t, batch_rows_max> counted_rows_{};
  std::vector<ColumnVector> results_;
  std::vector<Column> columns_;
};

}  // namespace eventflux::runtime
