#pragma once

#include <map>
#include <optional>
#include <set>

#include "eventflux/batch_builder.hpp"

#include "runtime/state/dirty_set.hpp"
#include "runtime/state/state_delta.hpp"

namespace eventflux::runtime {

/// What windows emitted last, per partition, until it leaves as expired rows: when the next
/// instance of the partition closes, or at the tick at which that would have been due.
class ExpiringRows {
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

  std::uint64_t changed_entries() const { return changed_.count(); }

  /// Returns how many partitions have rows.
  std::size_t partitions() const { return kept_.size(); }

  /// Says which partitions have rows.
  void mark_live(std::vector<bool>& partitions) const;
  void renumber(const std::vector<std::uint32_t>& numbers);

  /// `partitions` is how many there are.
  void write(std::uint8_t section, std::uint32_t partitions, CompactionCursor& compaction,
             CompactionCursor::Key key, DeltaWriter& writer);
  /// Fails: EF0702.
  Result<void> read(const MergedState::Parts& parts);

 private:
  struct Kept {
    BatchBuilder rows;
    std::optional<std::int64_t> tick;
  };

  Schema schema_;
  std::map<std::uint32_t, Kept> kept_;
  std::set<std::pair<std::int64_t, std::uint32_t>> ticks_;
  DirtySet changed_;
};

}  // namespace eventflux::runtime
