#pragma once

#include <memory>
#include <vector>

#include "eventflux/window.hpp"

#include "runtime/operators/projection.hpp"
#include "runtime/operators/stateful_operator.hpp"
#include "runtime/state/blob_state.hpp"
#include "runtime/state/keyed_state.hpp"
#include "runtime/state/row_log.hpp"

namespace eventflux::runtime {

/// A window that rows leave oldest first, and says so: for each row that comes, first the rows that
/// leave because of it go on as expired ones, then the row itself.
/// Shape: columns as they came in. Expired rows carry the time and the place of the row that made
/// them leave.
class SlidingWindowOperator final : public StatefulOperator {
 public:
  SlidingWindowOperator(Schema schema, Projection partition, std::unique_ptr<WindowEvictor> window,
                        std::uint64_t seed);

  void on_batch(Port port, const Batch& batch) override;

 private:
  Result<void> restored() override;

  void evict(const Batch& batch, Selection rows);
  void emit_row(RowLog::Place row, const Batch& cause, std::uint32_t cause_row, RowKind kind);
  void emit_pending(const Batch& cause);

  Projection partition_by_;
  std::unique_ptr<WindowEvictor> window_;
  std::uint64_t seed_;
  KeyedState& partitions_;
  RowLog& log_;

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
