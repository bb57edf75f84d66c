#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/state/dirty_set.hpp"
#include "runtime/state/operator_state.hpp"
#include "runtime/state/state_delta.hpp"

namespace eventflux::runtime {

/// State that can only be encoded whole, such as that of an extension: a delta holds those of its
/// chunks of 16 KiB that differ from the delta before.
class BlobState {
 public:
  /// Takes the state as it is now; returns how many chunks changed since the last call.
  std::uint64_t note(std::string state);
  /// Writes what note() found, and the round's share of the rest.
  void write(DeltaWriter& writer, std::uint8_t section, CompactionCursor& round,
             CompactionCursor::Key phase);
  /// Writes a state that has a node to itself; nothing when it did not change.
  /// Returns how many of the newest deltas suffice to restore; 0: all.
  std::uint32_t write_alone(std::string state, DeltaWriter& writer);

  /// Returns the state that write_alone() wrote; empty when there is none. Fails: EF0702.
  static Result<std::string> restore(const MergedState& records);

 private:
  std::string state_;
  std::vector<std::uint32_t> checksums_;
  DirtySet changed_;
  CompactionCursor compaction_;
};

/// Puts a state together again from its chunks, the newest of which come first.
class BlobReader {
 public:
  /// `records` is how many there are at most. Fails: EF0702.
  Result<void> take(std::uint32_t part, std::string_view bytes, std::uint64_t records);
  /// Returns the state; empty when there was no record. Fails: EF0702.
  Result<std::string> finish() const;

 private:
  std::vector<std::string_view> parts_;  // no data: no record
};

/// State that its owner writes and reads as a whole.
class OpaqueState final : public DeclaredState {
 public:
  using Save = std::function<void(SnapshotWriter&)>;
  using Load = std::function<Result<void>(SnapshotReader&)>;

  /// `load` gets what `save` wrote last, and is not called when there was nothing.
  OpaqueState(Save save, Load load) : save_(std::move(save)), load_(std::move(load)) {}

  std::uint64_t note_changes() override;
  void write(std::uint8_t section, CompactionCursor& cursor, DeltaWriter& writer) override;
  Result<void> begin_restore(SnapshotReader& header, std::uint64_t records) override;
  Result<void> restore(std::uint8_t section, const StoredRecord& record) override;
  Result<void> end_restore() override;

 private:
  Save save_;
  Load load_;
  BlobState stored_;
  BlobReader reader_;
  std::uint64_t records_ = 0;
};

}  // namespace eventflux::runtime
