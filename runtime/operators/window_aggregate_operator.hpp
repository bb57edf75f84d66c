#pragma once

#include <memory>
#include <optional>

#include "eventflux/window.hpp"

#include "runtime/operators/expiring_rows.hpp"
#include "runtime/operators/key_columns.hpp"
#include "runtime/operators/keyed_aggregate_operator.hpp"
#include "runtime/operators/late_action.hpp"
#include "runtime/operators/top_n.hpp"
#include "runtime/operators/window_state.hpp"
#include "runtime/state/blob_state.hpp"
#include "runtime/time/time_domain.hpp"

namespace eventflux::runtime {

/// Which rows of a window leave: those that enter it, those that it gives up, or both, the latter
/// first.
struct EmittedKinds {
  bool current = true;
  bool expired = false;
};

/// How a window that closes keeps its rows and what it emits.
struct WindowSpec {
  std::unique_ptr<WindowAssigner> assigner;
  bool aggregated = true;
  std::vector<const AggregateFunction*> aggregates;
  Schema kept;                         ///< Not aggregated: the input columns.
  std::optional<OrderLimit> order{};   ///< Acts on what one close emits.
  std::optional<TopNSpec> best{};      ///< Not aggregated: rows beyond these need not be kept.
  LateAction late = LateAction::drop;  ///< Of rows whose window has closed; accept drops them too.
  EmittedKinds kinds{};
  bool ends_emissions = false;  ///< Says when the rows of one close are complete.
};

/// Owns: nothing; both outlive the operator.
struct WindowClocks {
  const TimeDomain& rows;  ///< What closes the windows.
  const TimeDomain& processing;
};

/// A window that emits when an instance of it closes: aggregates per group, in order of first
/// appearance, or all its rows. Rows are kept once per slice; an instance of several slices is
/// merged from them when it closes.
/// Shape: its output expressions see keys, aggregates, window_start, window_end; when not
/// aggregated input columns, window_start, window_end. Rows leave with time `end` - 1 µs.
class WindowAggregateOperator final : public StatefulOperator {
 public:
  WindowAggregateOperator(KeyedInputSpec input, WindowSpec spec, OutputSpec output,
                          std::uint64_t seed, WindowClocks clocks);

  void on_batch(Port port, const Batch& batch) override;
  std::int64_t next_due() const override;
  std::int64_t horizon(std::int64_t now) const override;
  void on_time(std::int64_t due) override;

  void on_start(std::int64_t now) override;

 private:
  struct Run;

  struct GroupRange {
    std::uint32_t first;
    std::uint32_t count;
  };

  /// What a partition is needed for. It is not stored but counted again.
  struct PartitionUse {
    std::uint32_t count = 0;  // slices, and rows that wait to expire
    bool idle = false;        // the next timer looks at it

    void save(SnapshotWriter&) const {}

    Result<void> load(SnapshotReader&) { return {}; }
  };

  /// The row that closed an instance; no batch: a timer.
  struct Cause {
    const Batch* batch = nullptr;
    std::uint32_t row = 0;
  };

  Result<void> restored() override;

  // What comes in.
  void assign(const Batch& batch, Selection rows);
  Run take_run(Selection rows, std::uint32_t first);
  OpenSlice* slice_for(std::uint32_t partition, const WindowInstance& slice);
  OpenSlice* session_for(std::uint32_t partition, const WindowInstance& stretch);
  void merge_sessions(OpenSlice& into, OpenSlice& from);
  void add_rows(OpenSlice& slice, const Batch& batch, Selection rows);
  void keep_rows(OpenSlice& slice, const Batch& batch, Selection rows);
  void add_forever(OpenSlice& slice, Selection rows);
  PartitionUse& use_of(std::uint32_t partition);
  void note_idle(std::uint32_t partition);
  OpenSlice& open_slice(std::uint32_t partition, const WindowInstance& bounds, std::int64_t due);
  void close(OpenSlice& slice);
  void release(std::uint32_t partition);
  void forget_partitions();

  // What goes out: window_close.cpp.
  void close_slice(OpenSlice& slice, Cause cause);
  void close_instance(std::uint32_t partition, const WindowInstance& bounds);
  void close_due(std::int64_t due);
  Batch begin_close(const WindowInstance& bounds, Cause cause);
  void finish_close(const Batch& shape, std::uint32_t partition, const WindowInstance& bounds);
  void merge_groups(OpenSlice& into, OpenSlice& from);
  void append_result(OpenSlice& slice, std::size_t aggregate, GroupRange groups, RowErrors& failed);
  void emit_groups(OpenSlice& slice, const WindowInstance& bounds, const Batch& shape);
  void emit_rows(OpenSlice& slice, const WindowInstance& bounds, const Batch& shape);
  void emit_slice(Batch& slice, std::uint32_t count, const WindowInstance& bounds);
  void emit_builder(const BatchBuilder& rows, const Batch& shape);
  void expire_at_tick();

  KeyedInput input_;
  WindowSpec spec_;
  Output output_;
  const TimeDomain& domain_;
  const TimeDomain& processing_;
  bool by_time_;
  KeyedState& partitions_;  // with the use of each
  KeyedState& forever_;     // states that no window forgets
  bool has_forever_ = false;
  StateSharing sharing_;
  std::vector<StateOps> slice_ops_;  // of the groups of a slice
  WindowState& slices_;
  ExpiringRows* expiring_ = nullptr;       // null pointer: expired rows do not leave
  std::optional<BatchBuilder> collected_;  // of one close, when it may not leave at once
  std::unique_ptr<OpenSlice> merged_;      // of one instance
  std::vector<std::uint32_t> idle_;        // partitions that had nothing since the last timer
  KeyColumns key_columns_;

  RowErrors errors_;
  Arena arena_;
  std::vector<std::uint32_t> partition_of_row_;
  std::vector<std::uint32_t> partition_;
  std::vector<std::int64_t> time_;
  std::vector<AssignedSlice> assigned_;
  std::vector<std::uint32_t> groups_;
  std::array<std::uint16_t, batch_rows_max> run_{};
  std::vector<ColumnVector> results_;
  std::vector<Column> columns_;
  std::vector<Column> slice_columns_;
  std::vector<std::int64_t> out_time_;
  std::vector<std::int64_t> out_arrived_;
  std::vector<std::uint32_t> out_origin_;
  std::vector<std::uint32_t> group_numbers_;
  std::vector<std::uint32_t> merged_numbers_;
};

}  // namespace eventflux::runtime
