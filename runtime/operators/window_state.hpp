#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "eventflux/window.hpp"

#include "base/flat_map.hpp"
#include "runtime/operators/group_index.hpp"
#include "runtime/operators/group_states.hpp"
#include "runtime/operators/top_n.hpp"
#include "runtime/state/dirty_set.hpp"
#include "runtime/state/state_delta.hpp"

namespace eventflux::runtime {

/// A slice of a window's time with the groups or rows that it holds.
struct OpenSlice {
  /// When the next instance that holds it ends, then its age: the order in which slices close.
  using Key = std::pair<std::int64_t, std::uint64_t>;

  OpenSlice(std::vector<Type> keys, const std::vector<StateOps>& states, const Schema& kept,
            const std::optional<TopNSpec>& best);

  WindowInstance bounds{};
  std::uint32_t partition = 0;
  Key key{};
  std::uint64_t held = 0;  ///< Rows that it took, or keeps.
  GroupIndex index;
  GroupStates states;
  std::vector<std::uint32_t> forever{};  ///< Group → number in the index that never forgets.
  BatchBuilder rows;
  std::optional<TopN> best{};
  std::uint32_t chunks = 0;  ///< Of rows, those that became empty included.
  // What the deltas so far do not hold.
  bool stored = false;     ///< The header is as it was written.
  bool persisted = false;  ///< Some delta holds it.
  DirtySet changed{};      ///< Groups, or chunks of rows.
};

/// The open slices of a window, by the time at which they close and by partition.
/// Thread: that of the task.
class WindowState {
 public:
  struct Spec {
    std::vector<Type> keys;
    std::vector<StateOps> states;
    Schema kept;  ///< Columns of kept rows; empty: groups are kept.
    std::optional<TopNSpec> best{};
    bool has_forever = false;
    bool merges = false;  ///< Slices of a partition are found by overlap.
  };

  using Slices = std::map<OpenSlice::Key, std::unique_ptr<OpenSlice>>;

  explicit WindowState(Spec spec) : spec_(std::move(spec)) {}

  const Slices& slices() const { return slices_; }

  /// Returns when the first slice closes; `never` when none is open.
  std::int64_t next_due() const;

  /// Returns how many rows wait inside.
  std::uint64_t held() const { return held_; }

  /// Returns the slice of a partition that begins at `start`, or a null pointer.
  OpenSlice* find(std::uint32_t partition, std::int64_t start);
  /// Returns a slice of the partition that overlaps the stretch, or a null pointer.
  OpenSlice* find_overlapping(std::uint32_t partition, const WindowInstance& stretch);
  OpenSlice& open(std::uint32_t partition, const WindowInstance& bounds, std::int64_t due);
  /// Gives a slice other bounds, and another time to close.
  void resize(OpenSlice& slice, const WindowInstance& bounds, std::int64_t due);
  void reschedule(OpenSlice& slice, std::int64_t due);
  /// Adds rows to what the slice holds.
  void hold(OpenSlice& slice, std::uint64_t rows);
  void close(OpenSlice& slice);
  /// Gives every partition the number `numbers[its number]`.
  void renumber(const std::vector<std::uint32_t>& numbers);

  std::uint64_t changed_entries() const;
  void write(DeltaWriter& writer, CompactionCursor& compaction);
  /// Fails: EF0702.
  Result<void> read(const MergedState& records);

  void save(SnapshotWriter& writer) const { writer.put(next_age_); }

  Result<void> load(SnapshotReader& reader);

 private:
  Slices::node_type take_spare();
  void enter(Slices::node_type node);
  void write_slice(OpenSlice& slice, DeltaWriter& writer, CompactionCursor& compaction);
  Result<void> read_slice(std::uint64_t age, std::string_view header, const MergedState& records);
  Result<void> read_rows(OpenSlice& slice, const MergedState::Parts& chunks) const;

  bool keeps_rows() const { return spec_.kept.size() != 0; }

  Spec spec_;
  Slices slices_;
  base::FlatMap<std::pair<std::uint32_t, std::int64_t>, OpenSlice*> by_start_;
  std::vector<std::vector<OpenSlice*>> by_partition_;  // of a window that merges
  std::vector<Slices::node_type> spare_;               // closed slices with their memory
  OpenSlice* last_ = nullptr;
  std::uint64_t next_age_ = 0;
  std::uint64_t held_ = 0;
  std::vector<std::uint64_t> closed_;  // ages of slices that left since the last delta
};

/// Rows of a slice that are stored as one record.
inline constexpr std::uint32_t chunk_rows = 64;

}  // namespace eventflux::runtime
