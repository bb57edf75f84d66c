#include "runtime/operators/row_log.hpp"

#include <algorithm>

#include "runtime/operators/row_codec.hpp"

namespace eventflux::runtime {

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

std::uint64_t RowLog::changed_entries() const {
  std::uint64_t sum = closed_.size();
  // Only the last chunks can have grown.
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    const std::uint32_t rows = chunk->second.rows.rows() - chunk->second.stored;
    if (rows == 0) break;
    sum += rows / rows_per_record + 1;
  }
  return sum;
}

void RowLog::write(std::uint8_t section, std::uint8_t closed_section, DeltaWriter& writer,
                   CompactionCursor& compaction) {
  for (const std::uint64_t number : closed_)
    writer.block(closed_section, number);
  closed_.clear();
  for (auto& [number, chunk] : chunks_) {
    const std::uint32_t rows = chunk.rows.rows();
    const std::uint32_t records = (rows + rows_per_record - 1) / rows_per_record;
    const auto share = compaction.take({0, number}, records);
    const std::uint32_t first = chunk.stored < rows ? chunk.stored / rows_per_record : records;
    if (share.first == share.second && first == records) continue;
    writer.block(section, number);
    for (std::uint32_t record = std::min(share.first, first); record < records; ++record) {
      if (record >= share.second && record < first) continue;
      const std::uint32_t begin = record * rows_per_record;
      save_rows(chunk.rows, begin, std::min(begin + rows_per_record, rows), writer.record(record));
    }
    chunk.stored = rows;
    chunk.persisted = true;
  }
}

Result<void> RowLog::read(std::uint8_t section, std::uint8_t closed_section,
                          const MergedState& records) {
  const MergedState::Units& closed = records.units(closed_section);
  for (const auto& [number, parts] : records.units(section)) {
    if (closed.contains(number)) continue;
    Chunk& chunk = chunks_.try_emplace(number, schema_).first->second;
    for (const std::string_view part : parts) {
      SnapshotReader reader(part);
      EF_CHECK(load_rows(chunk.rows, reader));
    }
    chunk.stored = chunk.rows.rows();
    chunk.persisted = true;
    next_ = number * rows_per_chunk + chunk.rows.rows();
  }
  return {};
}

void RowLog::drop_unused() {
  for (auto chunk = chunks_.begin(); chunk != chunks_.end();) {
    const bool last = chunk->first == next_ / rows_per_chunk;
    chunk = chunk->second.kept == 0 && !last ? close(chunk) : std::next(chunk);
  }
}

}  // namespace eventflux::runtime
