#include "runtime/state/blob_state.hpp"

#include "runtime/state/checksum.hpp"

// Record 0 is the length, record 1 + i chunk i: a state that shrinks leaves chunks behind its end.

namespace eventflux::runtime {
namespace {

constexpr std::size_t chunk_bytes = 16384;

}  // namespace

std::uint64_t BlobState::note(std::string state) {
  const std::size_t chunks = (state.size() + chunk_bytes - 1) / chunk_bytes;
  const bool resized = state.size() != state_.size() || checksums_.empty();
  state_ = std::move(state);
  std::uint64_t changed = resized ? 1 : 0;
  if (checksums_.empty()) checksums_.push_back(0);
  checksums_.resize(chunks + 1);
  if (resized) changed_.mark(0);
  for (std::size_t i = 0; i < chunks; ++i) {
    const auto chunk = std::string_view(state_).substr(i * chunk_bytes, chunk_bytes);
    const std::uint32_t checksum = crc32c(0, chunk);
    if (!resized && checksums_[i + 1] == checksum) continue;
    checksums_[i + 1] = checksum;
    changed_.mark(static_cast<std::uint32_t>(i + 1));
    ++changed;
  }
  return changed;
}

void BlobState::write(DeltaWriter& writer, std::uint8_t section, CompactionCursor& round,
                      CompactionCursor::Key phase) {
  const auto size = static_cast<std::uint32_t>(checksums_.size());
  const auto [first, last] = round.take(phase, size);
  if (first == last && !changed_.any()) return;
  writer.block(section, 0);
  changed_.take(first, last, size, [&](std::uint32_t part) {
    SnapshotWriter& record = writer.record(part);
    if (part == 0) {
      record.put(static_cast<std::uint64_t>(state_.size()));
    } else {
      record.put_bytes(std::string_view(state_).substr((part - 1) * chunk_bytes, chunk_bytes));
    }
  });
}

std::uint32_t BlobState::write_alone(std::string state, DeltaWriter& writer) {
  const std::uint64_t changed = note(std::move(state));
  if (changed == 0) return 0;
  compaction_.begin(changed);
  write(writer, 0, compaction_, CompactionCursor::first_key);
  return compaction_.end();
}

Result<std::string> BlobState::restore(const MergedState& records) {
  BlobReader reader;
  EF_CHECK(records.for_each([&](const StoredRecord& record) {
    return reader.take(record.part, record.bytes, records.records_max());
  }));
  return reader.finish();
}

Result<void> BlobReader::take(std::uint32_t part, std::string_view bytes, std::uint64_t records) {
  if (part >= records) return Error{Code::store_damaged, "a record has no place in the state"};
  if (part >= parts_.size()) parts_.resize(part + 1);
  if (parts_[part].data() == nullptr) parts_[part] = bytes;
  return {};
}

Result<std::string> BlobReader::finish() const {
  std::string state;
  if (parts_.empty()) return state;
  SnapshotReader reader(parts_[0]);
  EF_TRY(const auto size, reader.get<std::uint64_t>());
  for (std::size_t i = 1; i < parts_.size() && state.size() < size; ++i)
    state.append(parts_[i]);
  if (state.size() < size) return Error{Code::store_damaged, "a part of a state is missing"};
  state.resize(size);
  return state;
}

std::uint64_t OpaqueState::note_changes() {
  SnapshotWriter writer;
  save_(writer);
  return stored_.note(writer.take());
}

void OpaqueState::write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) {
  stored_.write(writer, section, cursor, {section, 0});
}

Result<void> OpaqueState::begin_restore(SnapshotReader&, std::uint64_t records) {
  records_ = records;
  return {};
}

Result<void> OpaqueState::restore(std::uint8_t, const StoredRecord& record) {
  return reader_.take(record.part, record.bytes, records_);
}

Result<void> OpaqueState::end_restore() {
  EF_TRY(const std::string state, reader_.finish());
  reader_ = {};
  SnapshotReader reader(state);
  return load_(reader);
}

}  // namespace eventflux::runtime
