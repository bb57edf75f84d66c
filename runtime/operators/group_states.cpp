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

void GroupStates::reserve(std::uint32_t count) {
  constexpr std::uint32_t chunk = StateLane::chunk_groups;
  while (capacity_ < count) {
    const bool first = capacity_ < chunk;
    const std::uint32_t groups =
        first ? std::clamp(count, std::max(capacity_ * 2, 16U), chunk) : chunk;
    auto made = std::make_unique_for_overwrite<std::byte[]>(groups * stride_ + 1);
    // States are moved as bytes: aggregates keep to that.
    if (first && size_ != 0) std::memcpy(made.get(), places_[0], size_ * stride_);
    if (first) chunks_.clear();
    if (first) places_.clear();
    places_.push_back(made.get());
    chunks_.push_back(std::move(made));
    capacity_ = first ? groups : capacity_ + chunk;
  }
}

void GroupStates::grow(std::uint32_t count) {
  if (count <= size_) return;
  reserve(count);
  for (std::size_t i = 0; i < aggregates_.size(); ++i)
    for (std::uint32_t group = size_; group < count; ++group)
      aggregates_[i].construct(lane(i).place(group));
  size_ = count;
}

void GroupStates::clear() {
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (aggregates_[i].destroy == nullptr) continue;
    for (std::uint32_t group = 0; group < size_; ++group)
      aggregates_[i].destroy(lane(i).place(group));
  }
  size_ = 0;
}

void GroupStates::save(std::uint32_t group, SnapshotWriter& writer) const {
  for (std::size_t i = 0; i < aggregates_.size(); ++i)
    aggregates_[i].save(lane(i).place(group), writer);
}

Result<void> GroupStates::load(SnapshotReader& reader) {
  const std::uint32_t group = size_;
  grow(group + 1);
  for (std::size_t i = 0; i < aggregates_.size(); ++i)
    EF_CHECK(aggregates_[i].load(lane(i).place(group), reader));
  return {};
}

}  // namespace eventflux::runtime
