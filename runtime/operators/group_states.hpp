#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "eventflux/aggregate.hpp"

namespace eventflux::runtime {

/// States of several aggregates for dense group numbers: one row of bytes per group, so that one
/// group is one cache line. Shape: chunks, so that a table that grows moves nothing; only the first
/// is moved, until it is as long as the others.
class GroupStates {
 public:
  explicit GroupStates(std::vector<StateOps> aggregates);

  ~GroupStates() { clear(); }

  GroupStates(const GroupStates&) = delete;
  GroupStates& operator=(const GroupStates&) = delete;

  /// Makes place for groups 0 … count-1; new ones are empty.
  void grow(std::uint32_t count);

  StateLane lane(std::size_t aggregate) const {
    return {places_.data(), stride_, offsets_[aggregate]};
  }

  std::uint32_t size() const { return size_; }

  void clear();

  /// Writes the states of a group.
  void save(std::uint32_t group, SnapshotWriter& writer) const;
  /// Adds the next group with states that save() wrote.
  Result<void> load(SnapshotReader& reader);

 private:
  void reserve(std::uint32_t count);

  std::vector<StateOps> aggregates_;
  std::vector<std::size_t> offsets_;
  std::size_t stride_ = 0;
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): not initialised, which a vector would do
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::vector<std::byte*> places_;  // of the chunks
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace eventflux::runtime
