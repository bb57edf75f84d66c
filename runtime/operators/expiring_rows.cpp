#include "runtime/operators/expiring_rows.hpp"

#include "runtime/graph/operator.hpp"
#include "runtime/operators/row_codec.hpp"

namespace eventflux::runtime {

void ExpiringRows::put(std::uint32_t partition, BatchBuilder rows,
                       std::optional<std::int64_t> tick) {
  static_cast<void>(take(partition));
  if (tick) ticks_.emplace(*tick, partition);
  kept_.insert_or_assign(partition, Kept{std::move(rows), tick});
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

void ExpiringRows::mark_live(std::vector<bool>& partitions) const {
  for (const auto& [partition, kept] : kept_)
    partitions[partition] = true;
}

void ExpiringRows::renumber(const std::vector<std::uint32_t>& numbers) {
  std::map<std::uint32_t, Kept> kept;
  ticks_.clear();
  for (auto& [partition, rows] : kept_) {
    const std::uint32_t number = numbers[partition];
    if (rows.tick) ticks_.emplace(*rows.tick, number);
    changed_.mark(number);
    kept.emplace(number, std::move(rows));
  }
  kept_ = std::move(kept);
}

void ExpiringRows::write(std::uint8_t section, std::uint32_t partitions,
                         CompactionCursor& compaction, CompactionCursor::Key key,
                         DeltaWriter& writer) {
  const auto [first, last] = compaction.take(key, partitions);
  if (!changed_.any() && first == last) return;
  writer.block(section, 0);
  changed_.take(first, last, partitions, [&](std::uint32_t partition) {
    SnapshotWriter& record = writer.record(partition);
    const auto found = kept_.find(partition);
    record.put(found != kept_.end());
    if (found == kept_.end()) return;
    const Kept& kept = found->second;
    record.put(kept.tick.has_value());
    record.put(kept.tick.value_or(0));
    save_rows(kept.rows, 0, kept.rows.rows(), record);
  });
}

Result<void> ExpiringRows::read(const MergedState::Parts& parts) {
  for (std::uint32_t partition = 0; partition < parts.size(); ++partition) {
    if (parts[partition].empty()) continue;
    SnapshotReader reader(parts[partition]);
    EF_TRY(const bool present, reader.get<bool>());
    if (!present) continue;
    EF_TRY(const bool has_tick, reader.get<bool>());
    EF_TRY(const auto tick, reader.get<std::int64_t>());
    Kept kept{BatchBuilder(schema_), std::nullopt};
    if (has_tick) kept.tick = tick;
    EF_CHECK(load_rows(kept.rows, reader));
    if (has_tick) ticks_.emplace(tick, partition);
    kept_.emplace(partition, std::move(kept));
  }
  return {};
}

}  // namespace eventflux::runtime
