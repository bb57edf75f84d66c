#include "runtime/operators/window_state.hpp"

#include <algorithm>

#include "runtime/graph/operator.hpp"
#include "runtime/state/row_codec.hpp"

namespace eventflux::runtime {
namespace {

enum Section : std::uint8_t {
  header_section,  // by age: bounds and counts; an empty one: the slice is gone
  group_section,   // by age of the slice: groups
  row_section,     // by age of the slice: chunks of rows
};

/// Rows of a slice that are stored as one record.
constexpr std::uint32_t chunk_rows = 64;

// More than this many are given back rather than kept for reuse.
constexpr std::size_t spare_max = 1024;

}  // namespace

OpenSlice::OpenSlice(std::vector<Type> keys, std::vector<StateOps> states, const Schema& kept,
                     const std::optional<TopNSpec>& best_rows)
    : groups(std::move(keys), std::move(states)), rows(kept) {
  if (best_rows) best.emplace(*best_rows, kept);
}

std::int64_t WindowState::next_due() const {
  return slices_.empty() ? never : slices_.begin()->first.first;
}

OpenSlice* WindowState::find(std::uint32_t partition, std::int64_t start) {
  if (last_ != nullptr && last_->partition == partition && last_->bounds.start == start)
    return last_;
  const auto found = by_start_.find({partition, start});
  if (found == by_start_.end()) return nullptr;
  last_ = found->second;
  return last_;
}

OpenSlice* WindowState::find_overlapping(std::uint32_t partition, const WindowInstance& stretch) {
  if (partition >= by_partition_.size()) return nullptr;
  for (OpenSlice* slice : by_partition_[partition])
    if (stretch.start < slice->bounds.end && slice->bounds.start < stretch.end) return slice;
  return nullptr;
}

WindowState::Slices::node_type WindowState::take_spare() {
  if (spare_.empty()) {
    Slices made;
    made.emplace(OpenSlice::Key(),
                 std::make_unique<OpenSlice>(spec_.keys, spec_.states, spec_.kept, spec_.best));
    return made.extract(made.begin());
  }
  auto slice = std::move(spare_.back());
  spare_.pop_back();
  return slice;
}

/// Takes a slice whose fields are set.
void WindowState::enter(Slices::node_type node) {
  OpenSlice& slice = *node.mapped();
  if (spec_.merges) {
    if (slice.partition >= by_partition_.size()) by_partition_.resize(slice.partition + 1);
    by_partition_[slice.partition].push_back(&slice);
  } else {
    by_start_[{slice.partition, slice.bounds.start}] = &slice;
    last_ = &slice;
  }
  if (durable_) by_age_.emplace_hint(by_age_.end(), slice.key.second, &slice);
  node.key() = slice.key;
  slices_.insert(std::move(node));
}

/// Says that the next delta has to hold what changed of a slice, the header at least.
void WindowState::list(OpenSlice& slice) {
  if (slice.listed || !durable_) return;
  slice.listed = true;
  changed_.push_back(slice.key.second);
}

OpenSlice& WindowState::open(std::uint32_t partition, const WindowInstance& bounds,
                             std::int64_t due) {
  auto node = take_spare();
  OpenSlice& opened = *node.mapped();
  opened.bounds = bounds;
  opened.partition = partition;
  opened.key = {due, next_age_++};
  enter(std::move(node));
  list(opened);
  return opened;
}

void WindowState::reschedule(OpenSlice& slice, std::int64_t due) {
  if (slice.key.first == due) return;
  auto node = slices_.extract(slice.key);
  slice.key.first = due;
  list(slice);
  node.key() = slice.key;
  slices_.insert(std::move(node));
}

void WindowState::resize(OpenSlice& slice, const WindowInstance& bounds, std::int64_t due) {
  slice.bounds = bounds;
  list(slice);
  // A session moves its end with every row: its timer stays early and is set again when it fires.
  if (due < slice.key.first) reschedule(slice, due);
}

void WindowState::hold(OpenSlice& slice, std::uint64_t rows) {
  slice.held += rows;
  held_ += rows;
  list(slice);
}

void WindowState::close(OpenSlice& slice) {
  held_ -= slice.held;
  slice.held = 0;
  slice.groups.clear();
  slice.rows.clear();
  if (slice.best) slice.best->clear();
  slice.chunks = 0;
  if (slice.persisted) closed_.push_back(slice.key.second);
  slice.listed = false;
  slice.persisted = false;
  slice.changed_chunks.clear();
  if (last_ == &slice) last_ = nullptr;
  if (spec_.merges) {
    std::erase(by_partition_[slice.partition], &slice);
  } else {
    by_start_.erase({slice.partition, slice.bounds.start});
  }
  if (durable_) by_age_.erase(slice.key.second);
  auto node = slices_.extract(slice.key);
  if (spare_.size() < spare_max) spare_.push_back(std::move(node));
}

void WindowState::mark_rows(OpenSlice& slice, std::uint32_t first_changed) {
  const std::uint32_t chunks = (slice.rows.rows() + chunk_rows - 1) / chunk_rows;
  // After rows were dropped, chunks after the last row are stored once more, as empty ones.
  const std::uint32_t end = first_changed == 0 ? std::max(chunks, slice.chunks) : chunks;
  slice.chunks = std::max(chunks, slice.chunks);
  if (!durable_) return;
  for (std::uint32_t chunk = first_changed / chunk_rows; chunk < end; ++chunk)
    slice.changed_chunks.mark(chunk);
  list(slice);
}

void WindowState::set_durable() {
  if (durable_) return;
  durable_ = true;
  for (const auto& [key, slice] : slices_)
    by_age_.emplace(key.second, slice.get());
}

std::uint64_t WindowState::note_changes() {
  std::uint64_t sum = closed_.size();
  for (const std::uint64_t age : changed_) {
    const auto found = by_age_.find(age);
    if (found == by_age_.end()) continue;
    sum += found->second->groups.changed() + found->second->changed_chunks.count() + 1;
  }
  return sum;
}

void WindowState::write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) {
  for (const std::uint64_t age : closed_) {
    writer.block(section + header_section, age);
    writer.record(0);
  }
  closed_.clear();
  // By age: a slice that is scheduled anew keeps its place in the walk.
  for (auto slice = by_age_.lower_bound(cursor.position(section));
       slice != by_age_.end() && !cursor.is_exhausted(); ++slice)
    write_slice(*slice->second, section, cursor, writer);
  for (const std::uint64_t age : changed_) {
    const auto found = by_age_.find(age);
    if (found != by_age_.end() && found->second->listed)
      write_slice(*found->second, section, cursor, writer);
  }
  changed_.clear();
}

void WindowState::write_slice(OpenSlice& slice, std::uint8_t section, CompactionCursor& cursor,
                              DeltaWriter& writer) {
  const std::uint64_t age = slice.key.second;
  writer.block(section + header_section, age);
  SnapshotWriter& header = writer.record(0);
  header.put(slice.bounds);
  header.put(slice.partition);
  header.put(slice.key.first);
  header.put(slice.held);
  header.put(slice.groups.end());
  slice.listed = false;
  slice.persisted = true;
  const CompactionCursor::Key key{section, age};
  if (!keeps_rows())
    return slice.groups.write_unit(section + group_section, age, cursor, key, writer);
  const auto [first, last] = cursor.take(key, slice.chunks);
  writer.block(section + row_section, age);
  slice.changed_chunks.take(first, last, slice.chunks, [&](std::uint32_t chunk) {
    const std::uint32_t begin = std::min(chunk * chunk_rows, slice.rows.rows());
    const std::uint32_t end = std::min((chunk + 1) * chunk_rows, slice.rows.rows());
    save_rows(slice.rows, begin, end, writer.record(chunk));
  });
}

Result<void> WindowState::begin_restore(SnapshotReader& header, std::uint64_t records) {
  records_ = places_left_ = records;
  EF_TRY(next_age_, header.get<std::uint64_t>());
  return {};
}

Result<void> WindowState::restore_header(const StoredRecord& record) {
  const std::uint64_t age = record.unit;
  if (restored_closed_.contains(age) || restored_.contains(age)) return {};
  if (record.bytes.empty()) {
    restored_closed_.insert(age);
    return {};
  }
  Restored& restored = restored_[age];
  restored.node = take_spare();
  OpenSlice& slice = *restored.node.mapped();
  SnapshotReader reader(record.bytes);
  EF_TRY(slice.bounds, reader.get<WindowInstance>());
  EF_TRY(slice.partition, reader.get<std::uint32_t>());
  EF_TRY(const auto due, reader.get<std::int64_t>());
  EF_TRY(slice.held, reader.get<std::uint64_t>());
  EF_TRY(const auto groups, reader.get<std::uint32_t>());
  slice.key = {due, age};
  slice.persisted = true;
  slice.groups.begin_restore_entries(groups, records_);
  return {};
}

Result<void> WindowState::restore(std::uint8_t section, const StoredRecord& record) {
  if (section == header_section) return restore_header(record);
  const auto found = restored_.find(record.unit);
  if (found == restored_.end()) return {};  // it has closed
  Restored& restored = found->second;
  if (section == group_section)
    return restored.node.mapped()->groups.restore_entry(record.part, record.bytes);
  // Each chunk has a record of its own: a damaged number must not ask for more places.
  if (record.part >= restored.chunks.size()) {
    const std::size_t places = record.part + std::size_t{1} - restored.chunks.size();
    if (places > places_left_)
      return Error{Code::store_damaged, "a record has no place in the state"};
    places_left_ -= places;
    restored.chunks.resize(record.part + 1);
  }
  if (restored.chunks[record.part].data() == nullptr) restored.chunks[record.part] = record.bytes;
  return {};
}

Result<void> WindowState::restore_rows(Restored& restored) const {
  OpenSlice& slice = *restored.node.mapped();
  for (const std::string_view chunk : restored.chunks) {
    SnapshotReader part(chunk);
    EF_CHECK(load_rows(slice.rows, part));
    ++slice.chunks;
  }
  if (slice.best) slice.best->rebuild(slice.rows);
  return {};
}

Result<void> WindowState::end_restore() {
  for (auto& [age, restored] : restored_) {
    OpenSlice& slice = *restored.node.mapped();
    slice.groups.end_restore_entries();
    EF_CHECK(restore_rows(restored));
    held_ += slice.held;
    enter(std::move(restored.node));
  }
  restored_.clear();
  restored_closed_.clear();
  return {};
}

}  // namespace eventflux::runtime
