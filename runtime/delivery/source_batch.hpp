#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/source.hpp"

#include "runtime/delivery/dead_letter.hpp"
#include "runtime/exec/mutex.hpp"
#include "runtime/graph/operator.hpp"
#include "runtime/state/store_transaction.hpp"

namespace eventflux::runtime {

/// Rows on their way into the graph, with the position of their source behind them.
/// Shape: `parts[p]` holds rows for one entry; `runs` says in which order they came.
struct SourceBatch {
  struct StreamRows {
    Operator* entry;
    BatchBuilder rows;
  };

  struct Range {
    std::uint32_t part;
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t partition = 0;  ///< Of the source; 0: not told apart.
  };

  /// What the source said of a partition, before run `before_run`.
  struct PartitionNote {
    std::size_t before_run;
    std::uint32_t partition;
    PartitionState state;
    std::string name;
  };

  std::uint32_t source = 0;
  std::vector<StreamRows> parts;
  std::vector<Range> runs;
  std::vector<PartitionNote> partitions;
  std::vector<DeadLetter> dead_letters;  ///< Of payloads that came between these rows.
  std::vector<StoredGap> gaps;           ///< Input that is lost between these rows.
  std::vector<Cursor> cursors;           ///< The last one of each partition.
  std::uint64_t generation = 0;          ///< Of the cursors; see Acknowledger.
  bool in_transaction = false;           ///< It ends inside a transaction of its source.
  bool transaction_lost = false;         ///< The one that was open will not be continued.
  bool end_of_input = false;             ///< The source has ended; nothing else comes from it.
  std::optional<Error> failure{};        ///< Ends the app behind these rows.
  std::function<void()> turn{};          ///< Called in the place of rows; empty: there are rows.
  std::size_t payload_bytes = 0;         ///< Size of the messages that the rows were made of.

  std::uint32_t rows() const;
  std::size_t bytes() const;

  bool empty() const {
    return runs.empty() && cursors.empty() && partitions.empty() && dead_letters.empty() &&
           gaps.empty() && !transaction_lost && !end_of_input && !failure;
  }

  /// Notes the rows that `part` got since the last call.
  void add_run(std::uint32_t part, std::uint32_t first, std::uint32_t count,
               std::uint32_t partition = 0);
  /// Notes what the source says of a partition after the rows so far.
  void set_partition(std::uint32_t partition, PartitionState state, std::string_view name);
  void set_cursor(const Cursor& cursor);
  void clear();

  /// A place between rows.
  struct Mark {
    std::size_t runs;
    std::uint32_t rows_of_last;
  };

  Mark mark() const { return {runs.size(), runs.empty() ? 0 : runs.back().count}; }

  /// Forgets the runs after a mark; their rows stay where they are and belong to nothing.
  void rewind(Mark to) {
    runs.resize(to.runs);
    if (!runs.empty()) runs.back().count = to.rows_of_last;
  }
};

/// Takes source batches to the graph.
class InputConsumer {
 public:
  virtual ~InputConsumer() = default;
  /// Blocks: while too much waits already, until `stop`. Returns an empty source batch of the same
  /// shape to go on with, or nothing when the caller makes its own. Fails: EF0804 once it no longer
  /// takes any.
  virtual Result<std::unique_ptr<SourceBatch>> push(std::unique_ptr<SourceBatch> source_batch,
                                                    const StopSignal& stop) = 0;
};

/// The bounded edges between sources and the graph's thread, one per source.
/// Thread: push() from any, pop() from one.
class InputQueue final : public InputConsumer {
 public:
  /// Says how many rows of a source may wait; before its first push() only.
  void set_limit(std::uint32_t source, std::uint64_t rows_max) {
    edges_[source].rows_max = rows_max;
  }

  Result<std::unique_ptr<SourceBatch>> push(std::unique_ptr<SourceBatch> source_batch,
                                            const StopSignal& stop) override;

  /// As push(), without looking for an empty source_batch; one that is not taken stays the
  /// caller's.
  Result<void> try_push(std::unique_ptr<SourceBatch>& source_batch, const StopSignal& stop);
  /// Returns an empty source batch of a source that the graph is done with; null when there is
  /// none.
  std::unique_ptr<SourceBatch> acquire(std::uint32_t source);

  /// Returns whether nothing waits.
  bool idle() const { return waiting_rows_.load(std::memory_order_relaxed) == 0; }

  /// Blocks: until something is there, wake_consumer(), or `wait` is over. Returns all that waits,
  /// in order.
  std::vector<std::unique_ptr<SourceBatch>> pop(Duration wait);
  /// Says that taken source batches are done, so that their place and memory are free.
  void recycle(std::unique_ptr<SourceBatch> source_batch);
  /// Says that a source batch is done whose memory is kept.
  void credit(const SourceBatch& source_batch);
  /// Ends a waiting pop().
  void wake_consumer();
  /// Makes all that wait in push() look at their stop signals.
  void wake();
  /// Refuses everything from now on and wakes all that wait.
  void close();

 private:
  struct Edge {
    std::uint64_t rows_max = 8192;  // four batches: enough to overlap, little to lose
    std::uint64_t rows = 0;
  };

  mutable exec::Mutex mutex_;
  exec::ConditionVariable filled_;
  exec::ConditionVariable freed_;
  std::deque<std::unique_ptr<SourceBatch>> waiting_;  // guarded by mutex_
  std::vector<std::unique_ptr<SourceBatch>> spare_;   // guarded by mutex_
  std::map<std::uint32_t, Edge> edges_;               // guarded by mutex_; by source
  bool closed_ = false;                               // guarded by mutex_
  bool woken_ = false;                                // guarded by mutex_
  std::atomic<std::uint64_t> waiting_rows_{0};
};

}  // namespace eventflux::runtime
