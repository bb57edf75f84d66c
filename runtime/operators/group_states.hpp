#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "eventflux/aggregate.hpp"

namespace eventflux::runtime {

/// States of several aggregates for dense group numbers: one row of bytes per group, so that one
/// group is one cache line.
class GroupStates {
 public:
  explicit GroupStates(std::vector<StateOps> aggregates);

  ~GroupStates() { clear(); }

  GroupStates(const GroupStates&) = delete;
  GroupStates& operator=(const GroupStates&) = delete;

  /// Makes place for groups 0 … count-1; new ones are empty.
  void grow(std::uint32_t count);

  StateLane lane(std::size_t aggregate) { return {bytes_.data() + offsets_[aggregate], stride_}; }

  std::uint32_t size() const { return size_; }

  void clear();

  /// Writes the states of a group.
  void save(std::uint32_t group, SnapshotWriter& writer) const;
  /// Adds the next group with states that save() wrote.
  Result<void> load(SnapshotReader& reader);

 private:
  std::vector<StateOps> aggregates_;
  std::vector<std::size_t> offsets_;
  std::size_t stride_ = 0;
  std::vector<std::byte> bytes_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace eventflux::runtime
