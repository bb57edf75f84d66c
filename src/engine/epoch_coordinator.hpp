#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "engine/dataflow.hpp"
#include "runtime/delivery/commit_point.hpp"

namespace eventflux::engine {

/// Decides when an epoch ends, cuts its barrier and submits what it takes along. It counts what
/// came since the last barrier and what cutting one costs. Thread: the one that holds the graph
/// mutex, so that a barrier lies between two batches.
class EpochCoordinator {
 public:
  /// Owns: nothing. `durable` says that checkpoints are stored.
  EpochCoordinator(Dataflow& dataflow, runtime::CommitPoint& commit_point, Clock& clock,
                   bool durable)
      : dataflow_(dataflow), commit_point_(commit_point), clock_(clock), durable_(durable) {}

  /// Adds a sink: barriers travel to it, and epochs end when it has written them.
  void add_sink(runtime::SinkOperator& sink) { sinks_.push_back(&sink); }

  /// Says that a source hears of commits: epochs end also where nothing is stored or written.
  void add_acknowledged_source() { acknowledges_ = true; }

  /// Goes on after a stored checkpoint.
  void resume(std::uint64_t epoch) { epoch_ = epoch; }

  /// Returns whether the app goes on after a stored checkpoint.
  bool resumed() const { return epoch_ != 0; }

  /// What operators did before does not count. Called once, when the graph has started.
  void start() { activity_at_epoch_ = activity(); }

  /// Says that rows are about to be processed: the age of the epoch begins with the first.
  void begin_rows();
  /// Counts what was processed.
  void add_rows(std::uint64_t rows, std::uint64_t bytes);
  /// Counts a source batch that was processed, and notes where it ends.
  void add(const runtime::SourceBatch& source_batch);
  /// Begins an epoch when operators have emitted by themselves, because of a timer.
  void note_timers();

  /// Returns whether anything happened since the last barrier.
  bool has_changes() const { return rows_ != 0 || activity() != activity_at_epoch_; }

  /// Cuts an epoch when one is due, unless too many wait for sinks: then the epoch grows.
  void cut_if_due();
  /// Cuts an epoch now if anything has changed, unless too many wait for sinks or a source is
  /// inside a transaction: then it is cut as soon as that is over. Returns the number of the one
  /// that covers all rows so far.
  std::uint64_t cut_now();
  /// Cuts an epoch now. `complete` says that nothing of its rows is left to be processed.
  void cut(bool complete);
  /// Returns when the open epoch is due by its age, on the steady clock; nothing when it is not
  /// open or has to wait for sinks.
  std::optional<Timestamp> due() const;

 private:
  /// Returns whether anything becomes durable, or anybody waits for it.
  bool has_epochs() const { return durable_ || !sinks_.empty() || acknowledges_; }

  bool inside_transaction() const;
  std::uint64_t activity() const;
  void drop();
  void begin_epoch();

  Dataflow& dataflow_;
  runtime::CommitPoint& commit_point_;
  Clock& clock_;
  const bool durable_;
  bool acknowledges_ = false;
  std::vector<runtime::SinkOperator*> sinks_;
  std::uint64_t epoch_ = 0;  // the last that was cut
  std::uint64_t rows_ = 0;   // of the open epoch, as bytes_
  std::uint64_t bytes_ = 0;
  std::uint64_t activity_at_epoch_ = 0;
  std::set<std::uint32_t> open_transactions_;  // sources that are inside of one
  Timestamp dirty_since_{};
  Duration cost_{};  // of the last barrier
};

}  // namespace eventflux::engine
