#pragma once

#include <memory>
#include <vector>

#include "eventflux/window.hpp"

#include "runtime/graph/operator.hpp"
#include "runtime/operators/group_index.hpp"
#include "runtime/operators/projection.hpp"
#include "runtime/operators/row_log.hpp"
#include "runtime/state/blob_state.hpp"

namespace eventflux::runtime {

/// A window that rows leave oldest first, and says so: for each row that comes, first the rows that
/// leave because of it go on as expired ones, then the row itself.
/// Shape: columns as they came in. Expired rows carry the time and the place of the row that made
/// them leave.
class SlidingWindowOperator final : public Operator {
 public:
  SlidingWindowOperator(Schema schema, Projection partition, std::unique_ptr<WindowEvictor> window,
                        std::uint64_t seed);

  void on_batch(Port port, const Batch& batch) override;

  bool has_state() const override { return true; }

  std::uint32_t snapshot(DeltaWriter& writer) override;
  Result<void> restore(const MergedState& records) override;

 private:
  using Members = SlotRing<RowId>;

  void evict(const Batch& batch, Selection rows);
  void emit_row(RowLog::Place row, const Batch& cause, std::uint32_t cause_row, RowKind kind);
  void emit_pending(const Batch& cause);

  Projection partition_by_;
  std::unique_ptr<WindowEvictor> window_;
  std::uint64_t seed_;
  GroupIndex partitions_;
  RowLog log_;
  std::vector<Members> members_;  // by partition, oldest first
  BlobState stored_window_;
  DirtySet changed_partitions_;
  CompactionCursor compaction_;

  RowErrors errors_;
  Arena arena_;
  WithoutFailed without_failed_;
  std::vector<Column> keys_;
  std::vector<std::uint32_t> partition_of_row_;
  std::vector<std::uint32_t> partition_;  // per entry
  std::vector<std::int64_t> time_;        // per entry
  std::vector<std::uint32_t> leaving_;    // per entry: how many
  BatchBuilder pending_;
  std::vector<Column> columns_;
  std::vector<std::int64_t> out_arrived_;
  std::vector<std::uint32_t> out_origin_;
  std::vector<RowKind> out_kinds_;
};

}  // namespace eventflux::runtime
