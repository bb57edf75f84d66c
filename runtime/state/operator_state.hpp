#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/state/dirty_set.hpp"
#include "runtime/state/state_delta.hpp"

namespace eventflux::runtime {

/// A state that an operator declares: what of it changed, and how it is written and read back.
/// When and how much is written, and what is needed to restore, is decided by OperatorState.
/// Thread: that of the task.
class DeclaredState {
 public:
  /// How many sections of a delta one of these may use.
  static constexpr std::uint8_t sections = 4;

  virtual ~DeclaredState() = default;

  /// Returns how many entries changed since the last write(); 0: none.
  virtual std::uint64_t note_changes() = 0;
  /// Writes what changed and the cursor's share of the rest into sections from `section` on.
  virtual void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) = 0;

  /// Writes what begin_restore() has to know before the first record.
  virtual void save_header(SnapshotWriter& /*writer*/) const {}

  /// Begins a restore into an empty state; there are at most `records` records. Fails: EF0702.
  virtual Result<void> begin_restore(SnapshotReader& /*header*/, std::uint64_t /*records*/) {
    return {};
  }

  /// Takes a record; newer ones come first, and those of a delta in the order of write().
  /// `section` counts from the first of this state. Fails: EF0702.
  virtual Result<void> restore(std::uint8_t section, const StoredRecord& record) = 0;

  virtual Result<void> end_restore() { return {}; }

  /// Returns its memory, about.
  virtual std::size_t bytes() const { return 0; }
};

/// What a state is called, and which form it has: one of another version is refused.
struct StateName {
  std::string name;
  std::uint32_t version = 1;
};

/// All state of an operator: it is declared once, and from then on stored and restored by name.
/// A declared state that no delta holds starts empty; one that is no longer declared is dropped.
/// Thread: that of the task.
class OperatorState {
 public:
  /// Declares a state that the caller owns. Shape: before the first snapshot() or restore().
  void declare(StateName name, DeclaredState& state);

  /// Declares a state and keeps it.
  template <class State, class... Args>
  State& make(StateName name, Args&&... args) {
    auto made = std::make_unique<State>(std::forward<Args>(args)...);
    State& state = *made;
    owned_.push_back(std::move(made));
    declare(std::move(name), state);
    return state;
  }

  /// Writes what changed since the last call and, for compaction, a share of the rest; nothing when
  /// nothing changed. Returns how many of the newest deltas suffice to restore; 0: all.
  std::uint32_t snapshot(DeltaWriter& writer);

  /// Restores into new states. Fails: EF0702, EF0705 a state of another version.
  Result<void> restore(const MergedState& records);

  /// Returns the memory of all states, about.
  std::size_t bytes() const;

 private:
  struct Entry {
    StateName name;
    DeclaredState* state;
    bool begun = false;  // its restore
  };

  /// Entries of a delta by their place in it; null pointers are dropped.
  using Places = std::vector<DeclaredState*>;

  void write_header(DeltaWriter& writer) const;
  Result<void> read_header(std::string_view bytes, std::uint64_t records, Places& places);

  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<DeclaredState>> owned_;
  CompactionCursor cursor_;
};

}  // namespace eventflux::runtime
