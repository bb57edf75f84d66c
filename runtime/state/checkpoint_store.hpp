#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventflux/sink.hpp"
#include "eventflux/source.hpp"

#include "runtime/delivery/dead_letter.hpp"
#include "runtime/graph/graph.hpp"
#include "runtime/state/plan_part.hpp"

namespace eventflux::runtime {

/// A position of a source, by the source's name.
struct StoredCursor {
  std::string source;
  Cursor cursor;
  std::uint64_t generation = 0;  ///< See Acknowledger; not stored.
};

/// A cursor of a resource as ${checkpoint.resource.column} shows it.
struct ResourceCursor {
  std::string resource;
  std::string column;
  std::string text;
};

/// The last transaction of a sink that a checkpoint covers. What the sink has prepared up to it, in
/// the same run, is to be committed, and the rest to be aborted.
struct SinkProgress {
  std::string sink;
  WriteToken token;
};

/// All that a barrier makes durable at once. Shape: `states` are the segments of the epoch; as
/// load() returns it, all segments that the store still holds, those of a node from the oldest on.
struct Checkpoint {
  std::uint64_t epoch = 0;
  std::vector<PlanPart> plan;          ///< Whose state it is; those missing from the program, too.
  std::vector<std::string> forgotten;  ///< Operators whose stored state goes with this commit.
  std::vector<StateDelta> states;
  std::vector<StoredCursor> positions;
  std::vector<ResourceCursor> cursors;
  std::vector<SinkProgress> progress;
};

struct StoredDeadLetter {
  std::string id;
  DeadLetter letter;
};

/// Where checkpoints and dead letters are kept.
/// Thread: one writer; the others may read dead letters.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  /// Returns the last checkpoint; nothing when there never was one. Fails: EF0702 damaged.
  virtual Result<std::optional<Checkpoint>> load() = 0;
  /// Stores a checkpoint and dead letters in one transaction; durable when it returns.
  /// Fails: EF0703 full, EF0704 I/O, EF0707 an epoch or cursor that goes back; nothing is changed.
  virtual Result<void> commit(const Checkpoint& checkpoint,
                              const std::vector<DeadLetter>& letters) = 0;
  /// Returns dead letters, oldest first. Fails: EF0702.
  virtual Result<std::vector<StoredDeadLetter>> dead_letters(std::size_t limit) = 0;
  /// Deletes dead letters by id, in ascending order; all of them when `ids` is empty. Returns how
  /// many were deleted. Fails: EF0703, EF0704.
  virtual Result<std::size_t> purge_dead_letters(const std::vector<std::string>& ids) = 0;
  /// Returns how many bytes all dead letters take. Thread: the one that commits.
  virtual std::uint64_t dead_letter_bytes() const = 0;
  /// Returns the number of this run: no earlier run that had this store open had the same.
  virtual std::uint64_t run() const = 0;
};

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
