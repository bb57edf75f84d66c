#include "runtime/operators/expiring_rows.hpp"

#include <algorithm>

#include "runtime/graph/operator.hpp"
#include "runtime/state/row_codec.hpp"

namespace eventflux::runtime {

void ExpiringRows::put(std::uint32_t partition, BatchBuilder rows,
                       std::optional<std::int64_t> tick) {
  static_cast<void>(take(partition));
  if (tick) ticks_.emplace(*tick, partition);
  kept_.insert_or_assign(partition, Kept{std::move(rows), tick});
  end_ = std::max(end_, partition + 1);
  changed_.mark(partition);
}

std::optional<BatchBuilder> ExpiringRows::take(std::uint32_t partition) {
  auto found = kept_.extract(partition);
  if (found.empty()) return std::nullopt;
  changed_.mark(partition);
  Kept& kept = found.mapped();
  if (kept.tick) ticks_.erase({*kept.tick, partition});
  return std::move(kept.rows);
}

std::int64_t ExpiringRows::next_due() const {
  return ticks_.empty() ? never : ticks_.begin()->first;
}

void ExpiringRows::write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) {
  const auto [first, last] = cursor.take({section, 0}, end_);
  if (!changed_.any() && first == last) return;
  writer.block(section, 0);
  changed_.take(first, last, end_, [&](std::uint32_t partition) {
    SnapshotWriter& record = writer.record(partition);
    const auto found = kept_.find(partition);
    if (found == kept_.end()) return;
    const Kept& kept = found->second;
    record.put(kept.tick.has_value());
    record.put(kept.tick.value_or(0));
    save_rows(kept.rows, 0, kept.rows.rows(), record);
  });
}

Result<void> ExpiringRows::restore(std::uint8_t, const StoredRecord& record) {
  const std::uint32_t partition = record.part;
  if (kept_.contains(partition) || restored_empty_.contains(partition)) return {};
  if (record.bytes.empty()) {
    restored_empty_.insert(partition);
    return {};
  }
  SnapshotReader reader(record.bytes);
  EF_TRY(const bool has_tick, reader.get<bool>());
  EF_TRY(const auto tick, reader.get<std::int64_t>());
  Kept kept{BatchBuilder(schema_), std::nullopt};
  if (has_tick) kept.tick = tick;
  EF_CHECK(load_rows(kept.rows, reader));
  if (has_tick) ticks_.emplace(tick, partition);
  kept_.emplace(partition, std::move(kept));
  return {};
}

Result<void> ExpiringRows::end_restore() {
  if (!kept_.empty()) end_ = kept_.rbegin()->first + 1;
  restored_empty_.clear();
  return {};
}

}  // namespace eventflux::runtime
