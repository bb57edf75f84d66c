#pragma once

#include <map>
#include <memory>
#include <optional>

#include "eventflux/window.hpp"

#include "runtime/operators/late_action.hpp"
#include "runtime/operators/running_aggregate_operator.hpp"
#include "runtime/operators/top_n.hpp"
#include "runtime/state/blob_state.hpp"
#include "runtime/time/time_domain.hpp"

namespace eventflux::runtime {

/// How a pane query keeps its rows and what it emits.
struct PaneSpec {
  std::unique_ptr<PaneWindow> window;
  bool aggregated = true;
  std::vector<const AggregateFunction*> aggregates;
  Schema kept;                         ///< Not aggregated: the input columns.
  std::optional<OrderLimit> order{};   ///< Acts on what one close emits.
  std::optional<TopNSpec> best{};      ///< Not aggregated: rows beyond these need not be kept.
  LateAction late = LateAction::drop;  ///< Of rows whose pane has closed; accept drops them too.
};

/// Owns: nothing; both outlive the node.
struct PaneClocks {
  const TimeDomain& rows;  ///< What the panes are cut by.
  const TimeDomain& processing;
};

/// A window that emits when a pane closes: aggregates per group, in order of first appearance, or
/// all rows of the pane.
/// Shape: its output expressions see keys, aggregates, window_start, window_end; when not
/// aggregated input columns, window_start, window_end. Rows leave with time `end` - 1 µs.
class WindowAggregateOperator final : public Operator {
 public:
  WindowAggregateOperator(KeyedInputSpec input, PaneSpec spec, OutputSpec output,
                          std::uint64_t seed, PaneClocks clocks);

  ~WindowAggregateOperator() override;
  WindowAggregateOperator(const WindowAggregateOperator&) = delete;
  WindowAggregateOperator& operator=(const WindowAggregateOperator&) = delete;

  void on_batch(Port port, const Batch& batch) override;
  std::int64_t next_due() const override;
  std::int64_t horizon(std::int64_t now) const override;
  void on_time(std::int64_t due) override;

  bool has_state() const override { return true; }

  std::uint32_t snapshot(DeltaWriter& writer) override;
  Result<void> restore(const MergedState& records) override;

 private:
  struct OpenPane;
  struct Run;

  struct GroupRange {
    std::uint32_t first;
    std::uint32_t count;
  };

  /// By end, then by age: the order in which panes close.
  using Key = std::pair<std::int64_t, std::uint64_t>;
  using Panes = std::map<Key, std::unique_ptr<OpenPane>>;

  OpenPane* find_pane(std::uint32_t partition, const Pane& bounds);
  OpenPane& open_pane(std::uint32_t partition, const Pane& bounds);
  void admit(const Batch& batch, Selection rows);
  Run take_run(Selection rows, std::uint32_t first);
  void add_rows(OpenPane& pane, const Batch& batch, Selection rows);
  void keep_rows(OpenPane& pane, const Batch& batch, Selection rows);
  void add_forever(OpenPane& pane, Selection rows);
  void close(OpenPane& pane, const Batch* cause, std::uint32_t cause_row);
  void append_keys(const OpenPane& pane, std::uint32_t first);
  void append_result(OpenPane& pane, std::size_t aggregate, GroupRange groups, RowErrors& failed);
  void emit_groups(OpenPane& pane, const Batch& shape);
  void emit_rows(OpenPane& pane, const Batch& shape);
  void emit_slice(Batch& slice, std::uint32_t count, const Pane& bounds);
  void finish_close(const Batch& shape);
  Panes::node_type take_spare();
  std::uint64_t changed_units() const;
  void write_pane(OpenPane& pane, DeltaWriter& writer);
  Result<void> read_panes(const MergedState& records);
  Result<void> read_rows(OpenPane& pane, const MergedState::Parts& chunks);
  Result<void> read_pane(std::uint64_t age, std::string_view header, const MergedState& records);

  KeyedInput input_;
  PaneSpec spec_;
  Output output_;
  const TimeDomain& domain_;
  const TimeDomain& processing_;
  GroupIndex partitions_;
  GroupIndex forever_index_;
  GroupStates forever_states_;
  bool has_forever_ = false;
  Panes panes_;
  base::FlatMap<std::pair<std::uint32_t, std::int64_t>, OpenPane*> by_bounds_;
  std::vector<Panes::node_type> spare_;  // closed panes with their memory
  OpenPane* last_ = nullptr;
  std::uint64_t next_age_ = 0;
  std::uint64_t held_ = 0;
  BlobState stored_window_;
  DirtySet changed_partitions_;
  DirtySet changed_forever_;
  std::vector<std::uint64_t> closed_;  // ages of panes that left since the last segment
  CompactionCursor compaction_;

  RowErrors errors_;
  Arena arena_;
  std::vector<std::uint32_t> partition_of_row_;
  std::vector<std::uint32_t> partition_;
  std::vector<std::int64_t> time_;
  std::vector<PaneRow> entries_;
  std::vector<std::uint32_t> groups_;
  std::array<std::uint16_t, batch_rows_max> run_{};
  std::vector<ColumnVector> results_;
  std::vector<Column> columns_;
  std::vector<Column> slice_columns_;
  std::vector<std::int64_t> out_time_;
  std::vector<std::int64_t> out_arrived_;
  std::vector<std::uint32_t> out_origin_;
  std::vector<std::uint32_t> group_numbers_;
};

}  // namespace eventflux::runtime
