#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"

#include "runtime/state/plan_part.hpp"

namespace eventflux::runtime {

/// A fingerprint of a set of entries that does not depend on their order, so that it can follow
/// entries as they come and go. Source: the sum of hashes, as in Bellare and Micciancio, "A new
/// paradigm for collision-free hashing", 1997; here against damage, not against an adversary.
class EntrySet {
 public:
  void add(std::string_view key, std::uint64_t epoch);
  void remove(std::string_view key, std::uint64_t epoch);

  std::uint64_t count() const { return count_; }

  bool operator==(const EntrySet&) const = default;

 private:
  friend struct StoreManifest;

  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

/// What a store must hold: it is written with every commit, under a checksum. An entry that is
/// missing, of another epoch, or too many is damage, also when every single value is whole.
struct StoreManifest {
  /// A delta of one operator, in parts of 1 MiB.
  struct Delta {
    std::uint64_t epoch;
    std::uint32_t parts;

    bool operator==(const Delta&) const = default;
  };

  using Deltas = std::map<std::string, std::deque<Delta>, std::less<>>;

  std::uint64_t epoch = 0;  ///< Zero: nothing was committed yet.
  std::uint32_t boot = 0;   ///< Number of the run that wrote it.
  std::vector<PlanPart> plan{};
  Deltas deltas{};  ///< By operator, the oldest first.
  EntrySet cursors{};
  EntrySet dead_letters{};
  EntrySet gaps{};
  std::uint64_t dead_letter_bytes = 0;

  std::string encode() const;
  /// Fails: EF0702.
  static Result<StoreManifest> decode(std::string_view bytes);
};

}  // namespace eventflux::runtime
