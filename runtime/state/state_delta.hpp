#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventflux/state.hpp"

namespace eventflux::runtime {

/// A delta of one operator's state: what a barrier adds to those before it.
struct StateDelta {
  std::string id;
  std::string bytes;
  std::uint32_t deltas_required = 1;  ///< So many of the newest restore the operator; 0: all.
};

/// Writes a delta: the records of an operator's state that a barrier makes durable.
/// Shape: blocks of (section, unit), each of records numbered by `part`; a record replaces the one
/// of the same section, unit and part in deltas before it.
class DeltaWriter {
 public:
  /// Begins a block; the records until the next call belong to it.
  void block(std::uint8_t section, std::uint64_t unit);
  /// Begins a record and returns where its fields go; the next call to this class ends it.
  SnapshotWriter& record(std::uint32_t part);

  bool empty() const { return bytes_.bytes().empty(); }

  std::string take();

 private:
  void end_record();

  SnapshotWriter bytes_;
  std::size_t count_at_ = 0;
  std::size_t length_at_ = 0;
  std::uint32_t records_ = 0;
  bool in_record_ = false;
};

/// The newest records of an operator's deltas. Owns: nothing; the deltas outlive it.
class MergedState {
 public:
  /// By part; parts without a record have no data.
  using Parts = std::vector<std::string_view>;
  using Units = std::map<std::uint64_t, Parts>;

  /// Shape: deltas from the oldest to the newest. Fails: EF0702.
  static Result<MergedState> read(std::span<const std::string_view> deltas);

  /// Returns the units of a section, in ascending order.
  const Units& units(std::uint8_t section) const;
  /// Returns the records of unit 0 of a section; empty when there are none.
  const Parts& parts(std::uint8_t section) const;

 private:
  Result<void> read_delta(std::string_view delta);

  std::map<std::uint8_t, Units> sections_;
  std::size_t places_left_ = 0;  // for parts: a damaged number must not ask for more
};

}  // namespace eventflux::runtime
