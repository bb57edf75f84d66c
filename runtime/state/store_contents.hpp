#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "runtime/state/checkpoint_store.hpp"
#include "runtime/state/lmdb_environment.hpp"
#include "runtime/state/store_manifest.hpp"

namespace eventflux::runtime {

inline constexpr std::string_view manifest_key = "manifest";
inline constexpr std::size_t delta_part_bytes = 1U << 20U;

/// Returns the key of a part of a delta: after those of the same operator that are older.
std::string delta_key(std::string_view id, std::uint64_t epoch, std::uint32_t part);

/// When an entry was written, and the hash of its value.
struct WrittenEntry {
  std::uint64_t epoch;
  std::uint64_t hash;
};

/// Reads what a store holds and compares it with its manifest: what is missing, too many or of
/// another epoch is damage (EF0702).
class StoreContents {
 public:
  /// Fails: EF0702 no manifest.
  static Result<StoreContents> open(LmdbTransaction& txn, const StoreDirectory& directory);

  const StoreManifest& manifest() const { return manifest_; }

  /// Appends the deltas of all operators, those of one from the oldest on.
  Result<void> read_states(Checkpoint& checkpoint);
  /// Appends positions and cursors; `written` gets when each was written, by key.
  Result<void> read_cursors(Checkpoint& checkpoint,
                            std::unordered_map<std::string, WrittenEntry>& written);
  /// Visits all dead letters, oldest first.
  Result<void> read_dead_letters(
      const std::function<Result<void>(std::string_view key, DeadLetter letter)>& visit);
  /// Visits all gaps, oldest first.
  Result<void> read_gaps(const std::function<void(StoredGap gap)>& visit);

 private:
  StoreContents(LmdbTransaction& txn, const StoreDirectory& directory)
      : txn_(txn), directory_(directory) {}

  LmdbTransaction& txn_;
  const StoreDirectory& directory_;
  StoreManifest manifest_;
};

}  // namespace eventflux::runtime
