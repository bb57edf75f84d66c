#include "runtime/operators/group_states.hpp"

#include <algorithm>
#include <cstring>

namespace eventflux::runtime {

GroupStates::GroupStates(std::vector<StateOps> aggregates) : aggregates_(std::move(aggregates)) {
  const auto round_up = [](std::size_t bytes, std::size_t to) {
    return (bytes + to - 1) / to * to;
  };
  std::size_t align = 1;
  for (const StateOps& ops : aggregates_) {
    stride_ = round_up(stride_, ops.align);
    offsets_.push_back(stride_);
    stride_ += ops.size;
    align = std::max(align, ops.align);
  }
  stride_ = round_up(stride_, align);
}

void GroupStates::grow(std::uint32_t count) {
  if (count <= size_) return;
  if (count > capacity_) {
    const std::uint32_t larger = std::max({count, capacity_ * 2, std::uint32_t{16}});
    // States are moved as bytes: aggregates keep to that.
    bytes_.resize(larger * stride_ + 1);
    capacity_ = larger;
  }
  for (std::uint32_t group = size_; group < count; ++group) {
    for (std::size_t i = 0; i < aggregates_.size(); ++i)
      aggregates_[i].construct(bytes_.data() + group * stride_ + offsets_[i]);
  }
  size_ = count;
}

void GroupStates::clear() {
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (aggregates_[i].destroy == nullptr) continue;
    for (std::uint32_t group = 0; group < size_; ++group)
      aggregates_[i].destroy(bytes_.data() + group * stride_ + offsets_[i]);
  }
  size_ = 0;
}

void GroupStates::save(std::uint32_t group, SnapshotWriter& writer) const {
  for (std::size_t i = 0; i < aggregates_.size(); ++i)
    aggregates_[i].save(bytes_.data() + group * stride_ + offsets_[i], writer);
}

Result<void> GroupStates::load(SnapshotReader& reader) {
  const std::uint32_t group = size_;
  grow(group + 1);
  for (std::size_t i = 0; i < aggregates_.size(); ++i)
    EF_CHECK(aggregates_[i].load(bytes_.data() + group * stride_ + offsets_[i], reader));
  return {};
}

}  // namespace eventflux::runtime
