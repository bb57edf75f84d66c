#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/state/changes.hpp"
#include "runtime/state/segment.hpp"

namespace eventflux::runtime {

/// State that can only be encoded whole, such as that of an extension: a segment holds those of its
/// chunks of 16 KiB that differ from the segment before.
class OpaqueState {
 public:
  /// Takes the state as it is now; returns how many chunks changed since the last call.
  std::uint64_t note(std::string state);
  /// Writes what note() found, and the round's share of the rest.
  void write(SegmentWriter& writer, std::uint8_t section, Round& round, Round::Phase phase);
  /// Writes a state that has a node to itself; nothing when it did not change.
  /// Returns how many of the newest segments suffice to restore; 0: all.
  std::uint32_t write_alone(std::string state, SegmentWriter& writer);

  /// Returns the state. Fails: EF0702.
  static Result<std::string> restore(const SegmentRecords& records, std::uint8_t section = 0);

 private:
  std::string state_;
  std::vector<std::uint32_t> checksums_;
  ChangedUnits changed_;
  Round round_;
};

}  // namespace eventflux::runtime
