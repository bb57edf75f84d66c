#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "eventflux/window.hpp"

#include "base/flat_map.hpp"
#include "runtime/operators/top_n.hpp"
#include "runtime/state/keyed_state.hpp"

namespace eventflux::runtime {

/// A slice of a window's time with the groups or rows that it holds.
struct OpenSlice {
  /// When the next instance that holds it ends, then its age: the order in which slices close.
  using Key = std::pair<std::int64_t, std::uint64_t>;

  OpenSlice(std::vector<Type> keys, std::vector<StateOps> states, const Schema& kept,
            const std::optional<TopNSpec>& best);

  WindowInstance bounds{};
  std::uint32_t partition = 0;
  Key key{};
  std::uint64_t held = 0;  ///< Rows that it took, or keeps.
  KeyedState groups;
  BatchBuilder rows;
  std::optional<TopN> best{};
  std::uint32_t chunks = 0;  ///< Of rows, those that became empty included.
  // What the deltas so far do not hold.
  bool listed = false;        ///< Something, the header at least.
  bool persisted = false;     ///< Some delta holds it.
  DirtySet changed_chunks{};  ///< Of rows.
};

/// The open slices of a window, by the time at which they close and by partition.
/// Thread: that of the task.
class WindowState final : public DeclaredState {
 public:
  struct Spec {
    std::vector<Type> keys;
    std::vector<StateOps> states;
    Schema kept;  ///< Columns of kept rows; empty: groups are kept.
    std::optional<TopNSpec> best{};
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

  /// Says that kept rows from `first_changed` on are others now.
  void mark_rows(OpenSlice& slice, std::uint32_t first_changed);

  /// From now on it is remembered what changes: note_changes() and write() will be called.
  void set_durable();

  std::uint64_t note_changes() override;
  void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) override;

  void save_header(SnapshotWriter& writer) const override { writer.put(next_age_); }

  Result<void> begin_restore(SnapshotReader& header, std::uint64_t records) override;
  Result<void> restore(std::uint8_t section, const StoredRecord& record) override;
  Result<void> end_restore() override;

 private:
  /// A slice that is being restored; the newest record of each chunk of its rows.
  struct Restored {
    Slices::node_type node;
    std::vector<std::string_view> chunks;
  };

  Slices::node_type take_spare();
  void enter(Slices::node_type node);
  void list(OpenSlice& slice);
  void write_slice(OpenSlice& slice, std::uint8_t section, CompactionCursor& cursor,
                   DeltaWriter& writer);
  Result<void> restore_header(const StoredRecord& record);
  Result<void> restore_rows(Restored& restored) const;

  bool keeps_rows() const { return spec_.kept.size() != 0; }

  Spec spec_;
  Slices slices_;
  base::FlatMap<std::pair<std::uint32_t, std::int64_t>, OpenSlice*> by_start_;
  std::vector<std::vector<OpenSlice*>> by_partition_;  // of a window that merges
  std::map<std::uint64_t, OpenSlice*> by_age_;         // for the walk of compaction
  std::vector<Slices::node_type> spare_;               // closed slices with their memory
  OpenSlice* last_ = nullptr;
  std::uint64_t next_age_ = 0;
  std::uint64_t held_ = 0;
  bool durable_ = false;
  std::vector<std::uint64_t> changed_;  // ages of slices that are listed, perhaps closed since
  std::vector<std::uint64_t> closed_;   // ages of slices that left since the last delta
  // Of a restore.
  std::map<std::uint64_t, Restored> restored_;
  std::set<std::uint64_t> restored_closed_;
  std::uint64_t records_ = 0;
  std::uint64_t places_left_ = 0;  // for chunks of rows
};

}  // namespace eventflux::runtime
