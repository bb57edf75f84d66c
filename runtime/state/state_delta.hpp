#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/state.hpp"

#include "base/function_ref.hpp"

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

/// One record of a delta.
struct StoredRecord {
  std::uint8_t section;
  std::uint64_t unit;
  std::uint32_t part;
  std::string_view bytes;
};

/// The records of an operator's deltas, of which the newest of a section, unit and part counts.
/// Owns: nothing; the deltas outlive it.
class MergedState {
 public:
  using Visit = base::FunctionRef<Result<void>(const StoredRecord&)>;

  /// Shape: deltas from the oldest to the newest. Fails: EF0702.
  static Result<MergedState> read(std::span<const std::string_view> deltas);

  /// Visits all records, those of newer deltas first, and those of a delta in the order in which
  /// they were written; ends with the first that fails. Fails: EF0702, and what `visit` fails with.
  Result<void> for_each(Visit visit) const;

  /// Returns a number that the records are no more than. Nothing may be allocated for more entries.
  std::uint64_t records_max() const { return records_max_; }

 private:
  static Result<void> for_each_of(std::string_view delta, Visit visit);

  std::vector<std::string_view> deltas_;
  std::uint64_t records_max_ = 0;
};

}  // namespace eventflux::runtime
