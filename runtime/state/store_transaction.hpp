#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "eventflux/sink.hpp"
#include "eventflux/source.hpp"

#include "runtime/state/dead_letter_record.hpp"
#include "runtime/state/plan_part.hpp"
#include "runtime/state/state_delta.hpp"

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

/// Input that a source has lost.
struct StoredGap {
  Timestamp time{};  ///< When the source said so.
  std::string source;
  Gap gap;
  std::uint64_t epoch = 0;  ///< Of the checkpoint that it became durable with.
};

/// All that a barrier makes durable at once. Shape: `states` are the deltas of the epoch; as
/// load() returns it, all deltas that the store still holds, those of a node from the oldest on.
struct Checkpoint {
  std::uint64_t epoch = 0;
  std::vector<PlanPart> plan;          ///< Whose state it is; those missing from the program, too.
  std::vector<std::string> forgotten;  ///< Operators whose stored state goes with this commit.
  std::vector<StateDelta> states;
  std::vector<StoredCursor> positions;
  std::vector<ResourceCursor> cursors;
  std::vector<SinkProgress> progress;
};

/// What one commit of a store makes durable, all of it or nothing: a checkpoint, which takes the
/// place of the one before, and records, which are kept beside those that are there.
class StoreTransaction {
 public:
  explicit StoreTransaction(Checkpoint content = {}) : checkpoint(std::move(content)) {}

  StoreTransaction(Checkpoint content, std::vector<DeadLetter> letters)
      : checkpoint(std::move(content)) {
    add(std::move(letters));
  }

  /// Adds records of a kind after those that are there.
  template <class Record>
  void add(std::vector<Record> added) {
    std::vector<Record>& all = std::get<std::vector<Record>>(records_);
    all.insert(all.end(), std::move_iterator(added.begin()), std::move_iterator(added.end()));
  }

  /// Returns the records of a kind, in the order in which they were added.
  template <class Record>
  const std::vector<Record>& records() const {
    return std::get<std::vector<Record>>(records_);
  }

  Checkpoint checkpoint;

 private:
  /// Every kind of record; a store says with append() how it keeps one.
  std::tuple<std::vector<DeadLetter>, std::vector<StoredGap>> records_;
};

}  // namespace eventflux::runtime
