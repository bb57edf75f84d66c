// How rows of a host and of callbacks enter the graph.
// Invariant: the graph is only touched by the thread that holds its mutex. A callback has it
// already, so what it sends waits in callback_rows_ until the batch it was called with is through.
#include <algorithm>
#include <limits>
#include <utility>

#include "engine/app_runtime.hpp"

namespace eventflux::engine {
namespace {

/// Ends a sender's wait once the app no longer runs.
struct NotRunning final : StopSignal {
  explicit NotRunning(const std::atomic<AppState>& of) : state(of) {}

  bool stopping() const noexcept override { return state != AppState::running; }

  const std::atomic<AppState>& state;
};

/// Appends one row to an empty builder. Fails: EF0807 when it does not fit the stream; the builder
/// is then empty.
Result<void> append_row(BatchBuilder& rows, std::span<const Value> row, const semantic::Stream& to,
                        Timestamp arrived) {
  for (std::size_t i = 0; i < std::min(row.size(), to.schema.size()); ++i) {
    if (row[i].is_null() && to.schema.fields[i].not_null) [[unlikely]]
      return Error{Code::row_mismatch,
                   "column '" + to.schema.fields[i].name + "' of " + to.name + " takes no NULL"};
  }
  return rows.append(row, arrived);
}

}  // namespace

void AppRuntime::with_graph_lock(const std::function<void()>& body) {
  if (graph_mutex_.held_by_this_thread()) return body();
  const std::lock_guard lock(graph_mutex_);
  body();
}

SubscriberId AppRuntime::add_subscriber(std::size_t stream, Subscriber subscriber) {
  SubscriberId id = 0;
  with_graph_lock([&] { id = dataflow_->add_subscriber(stream, std::move(subscriber)); });
  return id;
}

void AppRuntime::remove_subscriber(std::size_t stream, SubscriberId id) {
  with_graph_lock([&] { dataflow_->remove_subscriber(stream, id); });
}

Result<void> AppRuntime::check_running() const {
  if (state_ != AppState::running) return Error{Code::wrong_lifecycle, "the app is not running"};
  if (dataflow_->failure().is_ending()) return *dataflow_->failure().error();
  return {};
}

BatchBuilder AppRuntime::new_rows(std::size_t stream) const {
  return BatchBuilder(dataflow_->stream(stream).schema);
}

Result<void> AppRuntime::push(std::size_t stream, BatchBuilder& rows) {
  if (graph_mutex_.held_by_this_thread()) {
    // While the app drains, callbacks still pass on what is left.
    if (state_ != AppState::draining) EF_CHECK(check_running());
    callback_rows_.push_back({stream, std::exchange(rows, new_rows(stream))});
    return {};
  }
  if (!options_.inline_graph) return push_queued(stream, rows);
  const std::lock_guard lock(graph_mutex_);
  return push_inline(stream, rows, host_.clock.now());
}

Result<void> AppRuntime::push_row(std::size_t stream, std::span<const Value> row) {
  const semantic::Stream& to = dataflow_->stream(stream);
  if (graph_mutex_.held_by_this_thread()) {
    BatchBuilder rows = new_rows(stream);
    EF_CHECK(append_row(rows, row, to, host_.clock.now()));
    return push(stream, rows);
  }
  if (!options_.inline_graph) {
    EF_CHECK(check_running());
    auto source_batch = empty_source_batch(stream);
    EF_CHECK(append_row(source_batch->parts[0].rows, row, to, host_.clock.now()));
    source_batch->add_run(0, 0, 1);
    return push_batch(source_batch);
  }
  const std::lock_guard lock(graph_mutex_);
  if (row_builders_.empty()) row_builders_.resize(dataflow_->plan().app.streams.size());
  std::optional<BatchBuilder>& rows = row_builders_[stream];
  if (!rows) rows = new_rows(stream);
  if (rows->rows() != 0) rows->clear();  // of a call that failed
  const Timestamp now = host_.clock.now();
  EF_CHECK(append_row(*rows, row, to, now));
  return push_inline(stream, *rows, now);
}

/// Gives the rows to the graph's thread, in the place of others that it is done with. Rows that are
/// not taken stay the caller's.
Result<void> AppRuntime::push_queued(std::size_t stream, BatchBuilder& rows) {
  EF_CHECK(check_running());
  auto source_batch = empty_source_batch(stream);
  std::swap(source_batch->parts[0].rows, rows);
  source_batch->add_run(0, 0, source_batch->parts[0].rows.rows());
  auto taken = push_batch(source_batch);
  if (!taken.ok()) std::swap(source_batch->parts[0].rows, rows);
  return taken;
}

std::unique_ptr<runtime::SourceBatch> AppRuntime::empty_source_batch(std::size_t stream) {
  auto spare = queue_.acquire(static_cast<std::uint32_t>(sources_.size() + stream));
  return spare != nullptr ? std::move(spare) : rows_of_host(stream, new_rows(stream));
}

std::unique_ptr<runtime::SourceBatch> AppRuntime::rows_of_host(std::size_t stream,
                                                               BatchBuilder rows) const {
  const std::uint32_t count = rows.rows();
  auto source_batch = std::make_unique<runtime::SourceBatch>();
  source_batch->source = static_cast<std::uint32_t>(sources_.size() + stream);
  source_batch->parts.push_back({&dataflow_->entry(stream), std::move(rows)});
  source_batch->add_run(0, 0, count);
  return source_batch;
}

Result<void> AppRuntime::push_batch(std::unique_ptr<runtime::SourceBatch>& source_batch) {
  const NotRunning stopped(state_);
  return queue_.try_push(source_batch, stopped);
}

/// Runs the graph on the caller's thread.
Result<void> AppRuntime::push_inline(std::size_t stream, BatchBuilder& rows, Timestamp now) {
  if (!runs()) [[unlikely]]  // It may have been stopped while others had the mutex.
    return check_running();
  run_graph([&] {
    run_rows(stream, rows);
    run_callback_rows();
    advance_clock(now);
    run_callback_rows();
    cut_epoch_if_due();
    close_batches_of_idle_sinks();
  });
  if (runs()) [[likely]]
    return {};
  note_end_of_source();
  return check_running();
}

/// Leaves `rows` empty.
void AppRuntime::run_rows(std::size_t stream, BatchBuilder& rows) {
  epochs_->begin_rows();
  dataflow_->push_rows(dataflow_->entry(stream), rows, 0, rows.rows());
  epochs_->add_rows(rows.rows(), rows.bytes());
  rows.clear();
}

/// Processes what callbacks sent, and what callbacks send because of that.
void AppRuntime::run_callback_rows() {
  while (!callback_rows_.empty() && !give_up_ && !dataflow_->failure().is_ending()) {
    std::vector<CallbackRows> sent = std::exchange(callback_rows_, {});
    for (CallbackRows& one : sent)
      run_rows(one.stream, one.rows);
  }
}

Result<std::unique_ptr<runtime::SourceBatch>> AppRuntime::InlineTarget::push(
    std::unique_ptr<runtime::SourceBatch> source_batch, const StopSignal& /*stop*/) {
  const std::lock_guard lock(app_runtime.graph_mutex_);
  app_runtime.run_graph([&] { app_runtime.run_source_batch(source_batch); });
  if (app_runtime.dataflow_->failure().is_ending()) app_runtime.note_end_of_source();
  if (source_batch != nullptr) source_batch->clear();
  return source_batch;
}

Result<void> AppRuntime::advance() {
  if (graph_mutex_.held_by_this_thread())
    return Error{Code::wrong_lifecycle, "a callback cannot move the time of the app that runs it"};
  return run_in_turn([this] {
    advance_clock(host_.clock.now());
    run_callback_rows();
    if (options_.inline_graph) cut_epoch_if_due();
  });
}

Result<std::uint64_t> AppRuntime::checkpoint() {
  if (graph_mutex_.held_by_this_thread()) {
    return Error{Code::wrong_lifecycle,
                 "a callback cannot cut an epoch: its batch belongs to the one that is open"};
  }
  if (store_ == nullptr)
    return Error{Code::wrong_lifecycle, "the app has no state directory to keep a checkpoint in"};
  std::uint64_t epoch = 0;
  EF_CHECK(run_in_turn([&] { epoch = epochs_->cut_now(); }));
  return epoch;
}

/// Runs what works on the graph, behind the rows that were pushed before.
Result<void> AppRuntime::run_in_turn(base::FunctionRef<void()> body) {
  EF_CHECK(check_running());
  if (options_.inline_graph) {
    const std::lock_guard lock(graph_mutex_);
    EF_CHECK(check_running());
    run_graph(body);
    return check_running();
  }
  // It goes the way of rows, so that those sent before are through when the time moves.
  bool done = false;  // guarded by wait_mutex_
  auto source_batch = std::make_unique<runtime::SourceBatch>();
  source_batch->source = std::numeric_limits<std::uint32_t>::max();
  source_batch->turn = [&] {
    run_graph(body);
    const std::lock_guard lock(wait_mutex_);
    done = true;
    wait_changed_.notify_all();
  };
  EF_CHECK(push_batch(source_batch));
  exec::Lock lock(wait_mutex_);
  wait_changed_.wait(lock, [&] { return done; });
  lock.unlock();
  return check_running();
}

}  // namespace eventflux::engine
