#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/state/store_transaction.hpp"

namespace eventflux::runtime {

struct StoredDeadLetter {
  std::string id;
  DeadLetter letter;
};

/// Where checkpoints, dead letters and gaps are kept.
/// Thread: one writer; the others may read dead letters and gaps.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  /// Returns the last checkpoint; nothing when there never was one. Fails: EF0702 damaged.
  virtual Result<std::optional<Checkpoint>> load() = 0;
  /// Stores all of a transaction; durable when it returns.
  /// Fails: EF0703 full, EF0704 I/O, EF0707 an epoch or cursor that goes back; nothing is changed.
  virtual Result<void> commit(const StoreTransaction& transaction) = 0;
  /// Returns dead letters, oldest first. Fails: EF0702.
  virtual Result<std::vector<StoredDeadLetter>> dead_letters(std::size_t limit) = 0;
  /// Returns the gaps of all runs, oldest first; of the last 10,000. Fails: EF0702.
  virtual Result<std::vector<StoredGap>> gaps() = 0;
  /// Deletes dead letters by id, in ascending order; all of them when `ids` is empty. Returns how
  /// many were deleted. Fails: EF0703, EF0704.
  virtual Result<std::size_t> purge_dead_letters(const std::vector<std::string>& ids) = 0;
  /// Returns how many bytes all dead letters take. Thread: the one that commits.
  virtual std::uint64_t dead_letter_bytes() const = 0;
  /// Returns the number of this run: no earlier run that had this store open had the same.
  virtual std::uint64_t run() const = 0;
};

/// How many gaps a store keeps: the oldest go first.
inline constexpr std::uint64_t gaps_max = 10'000;

/// Keeps everything in memory, for tests.
std::unique_ptr<CheckpointStore> make_memory_store();

struct LmdbOptions {
  std::string directory;  ///< Of the app; made when missing.
  std::uint64_t bytes_max = 16ULL << 30U;
  bool read_only = false;
};

/// Opens the LMDB store of an app, verifies all of it and locks it. Fails: EF0701 locked by another
/// process, EF0702 damaged (nothing is changed and nothing made anew), EF0704, EF0705 of another
/// format. Read-only: verified only while no process runs the app.
Result<std::unique_ptr<CheckpointStore>> open_lmdb_store(const LmdbOptions& options);

}  // namespace eventflux::runtime
