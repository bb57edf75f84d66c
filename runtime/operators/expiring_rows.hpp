#pragma once

#include <map>
#include <optional>
#include <set>

#include "eventflux/batch_builder.hpp"

#include "runtime/state/operator_state.hpp"

namespace eventflux::runtime {

/// What windows emitted last, per partition, until it leaves as expired rows: when the next
/// instance of the partition closes, or at the tick at which that would have been due.
class ExpiringRows final : public DeclaredState {
 public:
  explicit ExpiringRows(Schema schema) : schema_(std::move(schema)) {}

  const Schema& schema() const { return schema_; }

  /// Keeps rows in place of those before. `tick` is when they leave at the latest; nothing: only
  /// the next instance makes them leave.
  void put(std::uint32_t partition, BatchBuilder rows, std::optional<std::int64_t> tick);
  /// Returns the rows of a partition, which is then empty; nothing when there are none.
  std::optional<BatchBuilder> take(std::uint32_t partition);

  /// Returns when the first rows leave; `never` when none have to.
  std::int64_t next_due() const;

  /// Returns the partition whose rows leave first; only when next_due() is a time.
  std::uint32_t first_due() const { return ticks_.begin()->second; }

  /// Calls visit(partition) for each that has rows.
  template <class Visit>
  void for_each_partition(Visit visit) const {
    for (const auto& [partition, kept] : kept_)
      visit(partition);
  }

  std::uint64_t note_changes() override { return changed_.count(); }

  void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) override;
  Result<void> restore(std::uint8_t section, const StoredRecord& record) override;
  Result<void> end_restore() override;

 private:
  struct Kept {
    BatchBuilder rows;
    std::optional<std::int64_t> tick;
  };

  Schema schema_;
  std::map<std::uint32_t, Kept> kept_;
  std::set<std::pair<std::int64_t, std::uint32_t>> ticks_;
  DirtySet changed_;
  std::uint32_t end_ = 0;                   // one more than the greatest partition that had rows
  std::set<std::uint32_t> restored_empty_;  // partitions whose newest record has no rows
};

}  // namespace eventflux::runtime
