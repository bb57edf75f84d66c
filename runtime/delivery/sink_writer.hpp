#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/delivery/backoff.hpp"
#include "runtime/delivery/sink_operator.hpp"
#include "runtime/exec/mutex.hpp"

namespace eventflux::runtime {

/// What a sink has done. Thread: written by one, read by any.
struct SinkCounters {
  std::atomic<std::uint64_t> written{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> possible_duplicates{0};
  std::atomic<bool> blocked{false};
};

struct SinkWriterSpec {
  std::string name;
  Schema schema;
  std::string prologue;  ///< Of the encoder.
  model::SinkOptions options;
  std::function<Result<std::unique_ptr<Sink>>()> make;
  /// Says that everything of an epoch is written and durable.
  std::function<void(std::uint64_t epoch, std::optional<WriteToken> prepared)> acknowledge;
  bool dry_run = false;        ///< Counts and does not write.
  bool transactional = false;  ///< Rows are shown with their checkpoint.
  bool durable = false;        ///< Checkpoints are stored; else a barrier commits at once.
  std::uint64_t run = 0;       ///< Of its tokens.
  bool network = false;        ///< Failures to open wait by `reconnect.*`, others by `retry.*`.
};

/// Writes what a sink operator hands on, in order, on its own thread: opens the sink, retries,
/// splits off rows that the sink rejects and writes them again under error.strategy='retry', and
/// acknowledges epochs. It holds what the sink has accepted until a flush() succeeds: after a lost
/// connection or a failed flush the sink is opened again and gets all of it once more. Thread:
/// push() from the graph's; run() on its own; stop() from any.
class SinkWriter final : public OutputTarget, public StopSignal {
 public:
  SinkWriter(SinkWriterSpec spec, ErrorPolicy& policy, Failure& failure, Clock& clock, Rng rng,
             Log& log);

  void push(SinkMessage message) override;

  bool idle() const override { return pending_.load(std::memory_order_relaxed) == 0; }

  SinkBatch acquire() override;
  /// Blocks: until finish() and everything is written, or stop().
  void run();
  /// Goes on after a restored checkpoint: what earlier runs have prepared is committed up to
  /// `progress` and aborted beyond it. Before run() only.
  void resume(std::uint64_t epoch, std::optional<WriteToken> progress);
  /// Says that the checkpoint of a prepared transaction is stored. Thread: any; does not block.
  void commit(const WriteToken& token);
  /// Says that nothing more comes.
  void finish();
  /// Gives up what is not written yet.
  void stop();

  bool stopping() const noexcept override { return stopping_.load(std::memory_order_relaxed); }

  const SinkCounters& counters() const { return counters_; }

  const std::string& name() const { return spec_.name; }

 private:
  /// Rows that the sink took, or is to take, since its last successful flush().
  struct Held {
    SinkBatch item;
    bool counted = false;  ///< As written.
    bool again = false;    ///< One row, written alone because the sink rejected it before.
  };

  /// A row that the sink rejected.
  struct Refusal {
    SinkBatch row;
    Error error;
    std::int64_t attempts;
  };

  /// One effort to make the sink take what is held, over all its attempts.
  struct Effort {
    Backoff retries;
    Backoff reconnects;
    Timestamp since;
    std::int64_t attempts = 1;
  };

  bool wait_for_work();
  std::optional<SinkMessage> next();
  void keep(SinkBatch item);
  Result<void> open();
  void recover();
  Result<void> resolve_prepared();
  void commit_covered();
  bool commit_now();
  void try_again(const Error& error, Effort& effort);
  Result<void> begin();
  Result<void> make_durable();

  WriteToken transaction() const { return {spec_.run, epoch_, 0}; }

  Effort new_effort();
  void write(SinkBatch item);
  void hold(SinkBatch item, bool again);
  WriteResult write_once(const SinkBatch& item);
  bool write_with_retries(Effort& effort);
  std::optional<WriteResult> open_and_write(const SinkBatch& item);
  void take_answer(WriteResult result, std::int64_t attempts);
  void lose_connection();
  void forget_from(std::size_t first);
  bool may_reconnect() const;
  void retry_rejected_rows();
  void retry_row(Refusal refusal);
  void reject_row(const SinkBatch& row, const Error& error, std::int64_t attempts);
  bool give_up(std::size_t first, const Error& error, const Effort& effort);
  void wait_before_retry(const Error& error, Duration wait);
  void wait_after(const Error& error, Effort& effort);
  void end_epoch(std::uint64_t epoch);
  bool flush();
  std::string row_text(const SinkBatch& item, std::size_t row) const;

  SinkWriterSpec spec_;
  ErrorPolicy& policy_;
  Failure& failure_;
  Clock& clock_;
  Rng rng_;
  Log& log_;
  std::unique_ptr<Sink> sink_;
  bool opened_ = false;
  std::uint64_t epoch_ = 1;         // of the rows that come now
  std::uint64_t next_ordinal_ = 0;  // of a batch in it
  std::optional<WriteToken> progress_;
  bool begun_ = false;             // the open sink is inside a transaction
  bool prepared_ = false;          // that of this epoch
  std::int64_t failed_opens_ = 0;  // in a row
  std::deque<Held> held_;          // since the last successful flush
  std::size_t sent_ = 0;           // how many of held_ the open sink has taken
  std::size_t held_bytes_ = 0;
  std::deque<Refusal> refusals_;
  exec::Mutex mutex_;
  exec::ConditionVariable filled_;
  exec::ConditionVariable freed_;
  std::deque<SinkMessage> waiting_;        // guarded by mutex_
  std::size_t waiting_bytes_ = 0;          // guarded by mutex_
  std::vector<SinkBatch> spares_;          // guarded by mutex_
  std::deque<WriteToken> covered_;         // guarded by mutex_; transactions to commit
  bool finished_ = false;                  // guarded by mutex_
  std::atomic<std::uint32_t> pending_{0};  // items that are not settled yet
  exec::Mutex sink_mutex_;
  Sink* running_ = nullptr;  // guarded by sink_mutex_; for stop()
  std::atomic<bool> stopping_{false};
  SinkCounters counters_;
};

}  // namespace eventflux::runtime
