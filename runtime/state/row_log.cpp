#include "runtime/state/row_log.hpp"

#include <algorithm>

#include "runtime/state/row_codec.hpp"

namespace eventflux::runtime {
namespace {

enum Section : std::uint8_t {
  row_section,     // by number of the chunk: its rows
  closed_section,  // by number of the chunk: it is gone
};

}  // namespace

RowLog::Chunk& RowLog::chunk_of(RowId id) {
  return chunks_.try_emplace(id / rows_per_chunk, schema_).first->second;
}

RowId RowLog::append(const Batch& batch, std::uint32_t row) {
  Chunk& chunk = chunk_of(next_);
  for (std::size_t c = 0; c < batch.columns.size(); ++c)
    chunk.rows.column(c).append_from(batch.columns[c], row);
  chunk.rows.end_row(Timestamp{batch.time[row]});
  ++chunk.kept;
  ++kept_;
  return next_++;
}

RowLog::Place RowLog::at(RowId id) {
  Chunk& chunk = chunks_.find(id / rows_per_chunk)->second;
  return {&chunk.rows, static_cast<std::uint32_t>(id % rows_per_chunk)};
}

Result<void> RowLog::retain(RowId id) {
  const auto found = chunks_.find(id / rows_per_chunk);
  if (found == chunks_.end() || id % rows_per_chunk >= found->second.rows.rows())
    return Error{Code::store_damaged, "a window names a row that is not stored"};
  ++found->second.kept;
  ++kept_;
  return {};
}

void RowLog::release(RowId id) {
  const auto found = chunks_.find(id / rows_per_chunk);
  --kept_;
  // The last chunk goes on taking rows.
  if (--found->second.kept == 0 && found->first != next_ / rows_per_chunk) close(found);
}

RowLog::Chunks::iterator RowLog::close(Chunks::iterator chunk) {
  if (chunk->second.persisted) closed_.push_back(chunk->first);
  return chunks_.erase(chunk);
}

std::uint64_t RowLog::note_changes() {
  std::uint64_t sum = closed_.size();
  for (auto chunk = chunks_.lower_bound(first_changed_); chunk != chunks_.end(); ++chunk) {
    const std::uint32_t rows = chunk->second.rows.rows() - chunk->second.stored;
    if (rows != 0) sum += rows / rows_per_record + 1;
  }
  return sum;
}

void RowLog::write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) {
  for (const std::uint64_t number : closed_) {
    writer.block(section + closed_section, number);
    writer.record(0);
  }
  closed_.clear();
  for (auto chunk = chunks_.lower_bound(cursor.position(section));
       chunk != chunks_.end() && !cursor.is_exhausted(); ++chunk)
    write_chunk(chunk, section, cursor, writer);
  // Only the last chunks can have grown.
  for (auto chunk = chunks_.lower_bound(first_changed_); chunk != chunks_.end(); ++chunk)
    if (chunk->second.stored != chunk->second.rows.rows())
      write_chunk(chunk, section, cursor, writer);
  first_changed_ = next_ / rows_per_chunk;
}

/// Writes rows of a chunk that no delta holds, and the cursor's share of it.
void RowLog::write_chunk(Chunks::iterator found, std::uint8_t section, CompactionCursor& cursor,
                         DeltaWriter& writer) {
  auto& [number, chunk] = *found;
  const std::uint32_t rows = chunk.rows.rows();
  const std::uint32_t records = (rows + rows_per_record - 1) / rows_per_record;
  const auto share = cursor.take({section, number}, records);
  const std::uint32_t first = chunk.stored < rows ? chunk.stored / rows_per_record : records;
  if (share.first == share.second && first == records) return;
  writer.block(section + row_section, number);
  for (std::uint32_t record = std::min(share.first, first); record < records; ++record) {
    if ((record < share.first || record >= share.second) && record < first) continue;
    const std::uint32_t begin = record * rows_per_record;
    save_rows(chunk.rows, begin, std::min(begin + rows_per_record, rows), writer.record(record));
  }
  chunk.stored = rows;
  chunk.persisted = true;
}

Result<void> RowLog::restore(std::uint8_t section, const StoredRecord& record) {
  if (restored_closed_.contains(record.unit)) return {};
  if (section == closed_section) {
    restored_closed_.insert(record.unit);
    return {};
  }
  Records& records = restored_[record.unit];
  if (record.part >= records.size())
    return Error{Code::store_damaged, "a record has no place in the state"};
  if (records[record.part].data() == nullptr) records[record.part] = record.bytes;
  return {};
}

Result<void> RowLog::end_restore() {
  for (const auto& [number, records] : restored_) {
    Chunk& chunk = chunks_.try_emplace(number, schema_).first->second;
    for (const std::string_view record : records) {
      if (record.data() == nullptr) break;
      SnapshotReader reader(record);
      EF_CHECK(load_rows(chunk.rows, reader));
    }
    if (chunk.rows.rows() > rows_per_chunk)
      return Error{Code::store_damaged, "a chunk has more rows than it can hold"};
    chunk.stored = chunk.rows.rows();
    chunk.persisted = true;
    next_ = number * rows_per_chunk + chunk.rows.rows();
  }
  restored_.clear();
  restored_closed_.clear();
  first_changed_ = next_ / rows_per_chunk;
  return {};
}

void RowLog::drop_unused() {
  for (auto chunk = chunks_.begin(); chunk != chunks_.end();) {
    const bool last = chunk->first == next_ / rows_per_chunk;
    chunk = chunk->second.kept == 0 && !last ? close(chunk) : std::next(chunk);
  }
}

}  // namespace eventflux::runtime
