#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/state/dirty_set.hpp"
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

  /// Returns the state. Fails: EF0702.
  static Result<std::string> restore(const MergedState& records, std::uint8_t section = 0);

 private:
  std::string state_;
  std::vector<std::uint32_t> checksums_;
  DirtySet changed_;
  CompactionCursor compaction_;
};

}  // namespace eventflux::runtime
