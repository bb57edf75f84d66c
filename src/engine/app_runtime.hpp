#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventflux/app_status.hpp"

#include "base/function_ref.hpp"
#include "engine/dataflow.hpp"
#include "engine/epoch_coordinator.hpp"
#include "engine/sink_task.hpp"
#include "engine/source_task.hpp"
#include "runtime/delivery/commit_point.hpp"
#include "runtime/exec/fair_mutex.hpp"
#include "runtime/exec/mutex.hpp"
#include "runtime/exec/run_foreign.hpp"
#include "runtime/exec/thread.hpp"

namespace eventflux::engine {

struct RunOptions {
  std::string state_dir{};    ///< Empty keeps state in memory.
  bool until_eof = false;     ///< Files end at their end, connections at the first disconnect.
  bool sources_only = false;  ///< No host sends rows: the input ends with the last source.
  bool dry_run = false;       ///< Sinks count rows and do not write.
  bool inline_graph = false;  ///< No thread of its own: push() and sources run the graph.
  std::uint64_t seed = 0;     ///< Zero takes one from the clock.
  Duration shutdown_timeout = std::chrono::seconds(30);
  /// Opens the store in the place of LMDB in `state_dir`, for simulations; empty: LMDB.
  std::function<Result<std::unique_ptr<runtime::CheckpointStore>>()> open_store{};
};

/// Runs a compiled app: its threads, from the lock of the store to the last commit.
/// The graph is run by one thread at a time, the one that holds its mutex.
/// Thread: start() and stop() one after another; the rest from any. From within a subscriber,
/// push() and subscribers work; stop() and advance() do not.
class AppRuntime {
 public:
  /// Fails: what lowering, the connectors' parameters and the store fail with (EF0701 … EF0705).
  static Result<std::unique_ptr<AppRuntime>> make(plan::Plan plan, Host host, RunOptions options);
  ~AppRuntime();

  Dataflow& dataflow() { return *dataflow_; }

  /// Adds a listener to a stream; `subscriber` runs on the thread that runs the graph.
  /// Blocks: while the graph runs a batch.
  SubscriberId add_subscriber(std::size_t stream, Subscriber subscriber);
  /// Removes a listener; afterwards it is not called again. Blocks: while it runs, unless called
  /// from within it.
  void remove_subscriber(std::size_t stream, SubscriberId id);

  /// Restores state, starts threads and sources. Fails: EF0804 when started before.
  Result<void> start();
  /// Blocks: until all sources have ended, the app failed, request_stop() or stop().
  void wait();
  /// Ends wait(). A second call gives up what is not written yet. Safe in a signal's thread.
  void request_stop();

  /// Stops sources, drains, commits and joins all threads. Returns the error that ended the app;
  /// EF0805 when the deadline passed; EF0804 when not running, or called from within a subscriber.
  Result<void> stop() { return stop(options_.shutdown_timeout); }

  Result<void> stop(Duration timeout);

  /// Takes rows for a stream and leaves `rows` empty, with memory for others. Those sent from
  /// within a subscriber are processed after its batch. Blocks: while the stream is full; with
  /// inline_graph until they are processed. Fails: EF0804 when not running, or the error that ended
  /// the app.
  Result<void> push(std::size_t stream, BatchBuilder& rows);
  /// The same for one row that arrives now. Fails: EF0807 when it does not fit the stream, too.
  Result<void> push_row(std::size_t stream, std::span<const Value> row);
  /// Cuts an epoch now, or as soon as it can be; returns the number of the one that covers all that
  /// was pushed before. Blocks, Fails: as advance(); EF0804 without a store, too.
  Result<std::uint64_t> checkpoint();
  /// Moves the graph to the clock's time: what was pushed before is processed, timers fire.
  /// Blocks: until that is done. Fails: as push(); EF0804 from within a subscriber.
  Result<void> advance();
  AppStatus status() const;

  AppState state() const { return state_; }

  bool finished() const { return finished_.load(); }

  bool stop_requested() const { return stop_requests_ != 0; }

  /// Returns whether the calling thread runs the graph now: it is inside a subscriber.
  bool runs_graph() const { return graph_mutex_.held_by_this_thread(); }

 private:
  /// Runs what sources of an inline graph emit on their own threads.
  struct InlineTarget final : runtime::InputConsumer {
    explicit InlineTarget(AppRuntime& owner) : app_runtime(owner) {}

    Result<std::unique_ptr<runtime::SourceBatch>> push(
        std::unique_ptr<runtime::SourceBatch> source_batch, const StopSignal& stop) override;

    AppRuntime& app_runtime;
  };

  struct CallbackRows {
    std::size_t stream;
    BatchBuilder rows;
  };

  AppRuntime(Host host, RunOptions options);
  Result<void> build(plan::Plan plan);
  Result<void> build_sinks();
  Result<void> build_sources();
  Result<void> open_store();

  /// Runs what works on the graph. An exception of it ends the app.
  template <class Body>
  void run_graph(const Body& body) {
    if (auto ran = exec::run_foreign("the graph", body); !ran.ok()) fail_(std::move(ran).error());
  }

  void shard_loop();
  Duration wait_time() const;
  void run_source_batches(std::vector<std::unique_ptr<runtime::SourceBatch>> source_batches);
  void run_source_batch(std::unique_ptr<runtime::SourceBatch>& source_batch);
  bool ends_for_good(std::size_t source) const;
  void process(std::unique_ptr<runtime::SourceBatch>& source_batch);
  void run_rows(std::size_t stream, BatchBuilder& rows);
  std::unique_ptr<runtime::SourceBatch> rows_of_host(std::size_t stream, BatchBuilder rows) const;
  void push_dead_letter_rows();
  void run_callback_rows();
  Result<void> run_in_turn(base::FunctionRef<void()> body);

  bool runs() const { return state_ == AppState::running && !dataflow_->failure().is_ending(); }

  Result<void> check_running() const;
  Result<void> push_inline(std::size_t stream, BatchBuilder& rows, Timestamp now);
  Result<void> push_queued(std::size_t stream, BatchBuilder& rows);
  BatchBuilder new_rows(std::size_t stream) const;
  std::unique_ptr<runtime::SourceBatch> empty_source_batch(std::size_t stream);
  Result<void> push_batch(std::unique_ptr<runtime::SourceBatch>& source_batch);
  void with_graph_lock(const std::function<void()>& body);
  void advance_clock(Timestamp now);
  void close_batches_of_idle_sinks();

  void cut_epoch_if_due();
  void stop_sources();
  void give_up_sinks();
  bool drain(Timestamp deadline);
  void end_sinks(bool drained);
  void note_end_of_source();
  SourceTask* find_source(std::string_view name) const;
  void connect_commits();
  bool wait_until_true(const std::function<bool()>& condition, Timestamp deadline);
  Result<void> outcome(bool drained);

  Host host_;
  RunOptions options_;
  std::unique_ptr<runtime::CheckpointStore> store_;
  std::unique_ptr<Dataflow> dataflow_;
  Rng rng_;
  runtime::InputQueue queue_;
  std::unique_ptr<runtime::CommitPoint> commit_point_;
  std::unique_ptr<EpochCoordinator> epochs_;
  std::vector<std::unique_ptr<SourceTask>> sources_;
  std::vector<std::unique_ptr<SinkTask>> sinks_;
  std::atomic<AppState> state_{AppState::created};
  std::atomic<std::uint32_t> ended_sources_{0};
  std::atomic<bool> finished_{false};
  std::atomic<int> stop_requests_{0};
  std::atomic<bool> shard_stopping_{false};
  std::atomic<bool> shard_done_{true};
  exec::Mutex wait_mutex_;
  exec::ConditionVariable wait_changed_;
  std::atomic<bool> give_up_{false};
  InlineTarget inline_target_{*this};
  /// Ends the app because of an exception. Thread: any.
  const exec::FailureSink fail_ = [this](Error error) {
    dataflow_->failure().set(std::move(error));
    note_end_of_source();
  };
  exec::FairMutex graph_mutex_;

  // Of the thread that holds its mutex.
  std::vector<std::optional<BatchBuilder>> row_builders_;  // by stream, for rows sent on their own
  std::vector<CallbackRows> callback_rows_;
  std::size_t ended_inputs_ = 0;

  exec::Thread shard_;
  exec::Thread committer_;
};

}  // namespace eventflux::engine
