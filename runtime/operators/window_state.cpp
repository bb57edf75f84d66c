#include "runtime/operators/window_state.hpp"

#include <algorithm>

#include "runtime/graph/operator.hpp"
#include "runtime/operators/group_state_codec.hpp"
#include "runtime/operators/row_codec.hpp"

namespace eventflux::runtime {
namespace {

// Sections 0 to 2 are those of the operator.
enum Section : std::uint8_t {
  slice_section = 3,  // by age: bounds and counts
  group_section,      // by age of the slice: groups
  row_section,        // by age of the slice: chunks of rows
  closed_section,     // by age: the slice is gone
};

// More than this many are given back rather than kept for reuse.
constexpr std::size_t spare_max = 1024;

}  // namespace

OpenSlice::OpenSlice(std::vector<Type> keys, const std::vector<StateOps>& state_ops,
                     const Schema& kept, const std::optional<TopNSpec>& best_rows)
    : index(std::move(keys)), states(state_ops), rows(kept) {
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
  node.key() = slice.key;
  slices_.insert(std::move(node));
}

OpenSlice& WindowState::open(std::uint32_t partition, const WindowInstance& bounds,
                             std::int64_t due) {
  auto node = take_spare();
  OpenSlice& opened = *node.mapped();
  opened.bounds = bounds;
  opened.partition = partition;
  opened.key = {due, next_age_++};
  enter(std::move(node));
  return opened;
}

void WindowState::reschedule(OpenSlice& slice, std::int64_t due) {
  if (slice.key.first == due) return;
  auto node = slices_.extract(slice.key);
  slice.key.first = due;
  slice.stored = false;
  node.key() = slice.key;
  slices_.insert(std::move(node));
}

void WindowState::resize(OpenSlice& slice, const WindowInstance& bounds, std::int64_t due) {
  slice.bounds = bounds;
  slice.stored = false;
  // A session moves its end with every row: its timer stays early and is set again when it fires.
  if (due < slice.key.first) reschedule(slice, due);
}

void WindowState::hold(OpenSlice& slice, std::uint64_t rows) {
  slice.held += rows;
  held_ += rows;
}

void WindowState::close(OpenSlice& slice) {
  held_ -= slice.held;
  slice.held = 0;
  slice.index.clear();
  slice.states.clear();
  slice.forever.clear();
  slice.rows.clear();
  if (slice.best) slice.best->clear();
  slice.chunks = 0;
  if (slice.persisted) closed_.push_back(slice.key.second);
  slice.stored = false;
  slice.persisted = false;
  slice.changed.clear();
  if (last_ == &slice) last_ = nullptr;
  if (spec_.merges) {
    std::erase(by_partition_[slice.partition], &slice);
  } else {
    by_start_.erase({slice.partition, slice.bounds.start});
  }
  auto node = slices_.extract(slice.key);
  if (spare_.size() < spare_max) spare_.push_back(std::move(node));
}

void WindowState::renumber(const std::vector<std::uint32_t>& numbers) {
  by_start_.clear();
  by_partition_.clear();
  last_ = nullptr;
  for (auto& [key, slice] : slices_) {
    slice->partition = numbers[slice->partition];
    slice->stored = false;
    if (spec_.merges) {
      if (slice->partition >= by_partition_.size()) by_partition_.resize(slice->partition + 1);
      by_partition_[slice->partition].push_back(slice.get());
    } else {
      by_start_[{slice->partition, slice->bounds.start}] = slice.get();
    }
  }
}

std::uint64_t WindowState::changed_entries() const {
  std::uint64_t sum = closed_.size();
  for (const auto& [key, slice] : slices_)
    sum += slice->changed.count() + (slice->stored ? 0 : 1);
  return sum;
}

void WindowState::write(DeltaWriter& writer, CompactionCursor& compaction) {
  for (const std::uint64_t age : closed_)
    writer.block(closed_section, age);
  closed_.clear();
  // By age: a slice that is scheduled anew keeps its place in the walk.
  std::vector<OpenSlice*> by_age;
  for (const auto& [key, slice] : slices_)
    by_age.push_back(slice.get());
  std::sort(by_age.begin(), by_age.end(),
            [](const auto* a, const auto* b) { return a->key.second < b->key.second; });
  for (OpenSlice* slice : by_age)
    write_slice(*slice, writer, compaction);
}

void WindowState::write_slice(OpenSlice& slice, DeltaWriter& writer, CompactionCursor& compaction) {
  const std::uint32_t entries = keeps_rows() ? slice.chunks : slice.index.size();
  const std::uint64_t age = slice.key.second;
  const auto share = compaction.take({0, age}, entries);
  if (slice.stored && !slice.changed.any() && share.first == share.second) return;
  writer.block(slice_section, age);
  SnapshotWriter& header = writer.record(0);
  header.put(slice.bounds);
  header.put(slice.partition);
  header.put(slice.key.first);
  header.put(slice.held);
  slice.stored = true;
  slice.persisted = true;
  if (!keeps_rows()) {
    auto* forever = spec_.has_forever ? &slice.forever : nullptr;
    return GroupStateCodec{slice.index, &slice.states, forever}.write(group_section, age,
                                                                      slice.changed, share, writer);
  }
  writer.block(row_section, age);
  slice.changed.take(share.first, share.second, entries, [&](std::uint32_t chunk) {
    const std::uint32_t first = std::min(chunk * chunk_rows, slice.rows.rows());
    const std::uint32_t last = std::min((chunk + 1) * chunk_rows, slice.rows.rows());
    save_rows(slice.rows, first, last, writer.record(chunk));
  });
}

Result<void> WindowState::load(SnapshotReader& reader) {
  EF_TRY(next_age_, reader.get<std::uint64_t>());
  return {};
}

Result<void> WindowState::read(const MergedState& records) {
  const MergedState::Units& closed = records.units(closed_section);
  for (const auto& [age, parts] : records.units(slice_section))
    if (!closed.contains(age)) EF_CHECK(read_slice(age, parts[0], records));
  return {};
}

Result<void> WindowState::read_rows(OpenSlice& slice, const MergedState::Parts& chunks) const {
  for (const std::string_view chunk : chunks) {
    SnapshotReader part(chunk);
    EF_CHECK(load_rows(slice.rows, part));
    ++slice.chunks;
  }
  if (slice.best) slice.best->rebuild(slice.rows);
  return {};
}

Result<void> WindowState::read_slice(std::uint64_t age, std::string_view header,
                                     const MergedState& records) {
  SnapshotReader reader(header);
  auto node = take_spare();
  OpenSlice& slice = *node.mapped();
  EF_TRY(slice.bounds, reader.get<WindowInstance>());
  EF_TRY(slice.partition, reader.get<std::uint32_t>());
  EF_TRY(const auto due, reader.get<std::int64_t>());
  EF_TRY(slice.held, reader.get<std::uint64_t>());
  slice.key = {due, age};
  slice.stored = true;
  slice.persisted = true;
  if (const auto groups = records.units(group_section).find(age);
      groups != records.units(group_section).end()) {
    auto* forever = spec_.has_forever ? &slice.forever : nullptr;
    EF_CHECK((GroupStateCodec{slice.index, &slice.states, forever}.read(groups->second)));
  }
  if (const auto rows = records.units(row_section).find(age);
      rows != records.units(row_section).end())
    EF_CHECK(read_rows(slice, rows->second));
  held_ += slice.held;
  enter(std::move(node));
  return {};
}

}  // namespace eventflux::runtime
