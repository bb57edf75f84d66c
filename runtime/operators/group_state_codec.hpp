#pragma once

#include "runtime/operators/group_index.hpp"
#include "runtime/operators/group_states.hpp"
#include "runtime/state/dirty_set.hpp"
#include "runtime/state/state_delta.hpp"

namespace eventflux::runtime {

/// Groups as deltas hold them: a record per group with its key and its states. Owns: nothing.
struct GroupStateCodec {
  GroupIndex& index;
  GroupStates* states = nullptr;                  ///< Null: keys only.
  std::vector<std::uint32_t>* numbers = nullptr;  ///< One more number per group, perhaps.

  /// Writes the records of changed groups and of [share.first, share.second).
  void write(std::uint8_t section, std::uint64_t unit, DirtySet& changed,
             std::pair<std::uint32_t, std::uint32_t> share, DeltaWriter& writer) const;
  /// Restores into empty groups. Fails: EF0702.
  Result<void> read(const MergedState::Parts& parts) const;
};

}  // namespace eventflux::runtime
