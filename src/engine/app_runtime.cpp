#include "engine/app_runtime.hpp"

#include <algorithm>
#include <utility>

#include "base/fail_point.hpp"

namespace eventflux::engine {

using runtime::CommitPoint;

AppRuntime::AppRuntime(Host host, RunOptions options)
    : host_(std::move(host)), options_(std::move(options)), rng_(0) {}

AppRuntime::~AppRuntime() {
  if (state_ == AppState::running) {
    request_stop();
    static_cast<void>(stop());
  }
}

Result<std::unique_ptr<AppRuntime>> AppRuntime::make(plan::Plan plan, Host host,
                                                     RunOptions options) {
  std::unique_ptr<AppRuntime> app_runtime(new AppRuntime(std::move(host), std::move(options)));
  Result<void> built;
  EF_CHECK(exec::run_foreign("an extension", [&] { built = app_runtime->build(std::move(plan)); }));
  EF_CHECK(built);
  return app_runtime;
}

Result<void> AppRuntime::build(plan::Plan plan) {
  if (options_.seed == 0) options_.seed = static_cast<std::uint64_t>(host_.clock.now().us) | 1U;
  host_.seed = options_.seed;
  host_.durable = !options_.state_dir.empty();
  host_.live = !options_.until_eof;
  rng_ = Rng(options_.seed);
  auto variables = host_.variables;
  host_.variables = [this, variables](std::string_view kind,
                                      std::string_view name) -> Result<std::optional<std::string>> {
    if (kind != "checkpoint") return variables(kind, name);
    const std::size_t dot = name.find('.');
    if (commit_point_ == nullptr || dot == std::string_view::npos)
      return std::optional<std::string>();
    return commit_point_->cursor(name.substr(0, dot), name.substr(dot + 1));
  };
  EF_TRY(dataflow_, Dataflow::make(std::move(plan), host_));
  EF_CHECK(open_store());
  std::vector<std::string> sink_names;
  for (const semantic::Sink& sink : dataflow_->plan().app.sinks)
    sink_names.push_back(sink.name);
  commit_point_ = std::make_unique<CommitPoint>(
      CommitPoint::Spec{store_.get(), std::move(sink_names),
                        static_cast<std::uint64_t>(dataflow_->plan().app.options.epochs_in_flight),
                        dataflow_->plan().app.options.dlq_max.bytes,
                        dataflow_->plan().app.options.on_dlq_full == model::OnDlqFull::fail},
      dataflow_->failure(), host_.clock, host_.log);
  epochs_ = std::make_unique<EpochCoordinator>(*dataflow_, *commit_point_, host_.clock,
                                               store_ != nullptr);
  connect_commits();
  EF_CHECK(build_sinks());
  if (store_ == nullptr) return build_sources();
  EF_TRY(auto stored, store_->load());
  if (stored) {
    EF_CHECK(dataflow_->restore(*stored));
    for (const auto& sink : sinks_)
      sink->resume(*stored);
    epochs_->resume(stored->epoch);
    commit_point_->restore(*stored);
  }
  return build_sources();
}

Result<void> AppRuntime::open_store() {
  if (options_.state_dir.empty()) return {};
  if (options_.open_store) {
    EF_TRY(store_, options_.open_store());
    return {};
  }
  const model::AppOptions& app = dataflow_->plan().app.options;
  EF_TRY(store_, runtime::open_lmdb_store({.directory = options_.state_dir + "/" + app.name,
                                           .bytes_max = app.store_max.bytes}));
  return {};
}

Result<void> AppRuntime::build_sinks() {
  for (std::size_t i = 0; i < dataflow_->plan().app.sinks.size(); ++i) {
    SinkTask::Spec spec{.index = i, .dry_run = options_.dry_run, .rng = Rng(rng_.next())};
    // Without a store no run knows of the ones before; time at least rises.
    spec.durable = store_ != nullptr;
    spec.run = store_ != nullptr ? store_->run() : static_cast<std::uint64_t>(host_.clock.now().us);
    spec.acknowledge = [this, i](std::uint64_t epoch, std::optional<WriteToken> prepared) {
      commit_point_->acknowledge(i, epoch, dataflow_->take_sink_letters(i, epoch), prepared);
      if (dataflow_->has_dead_letter_rows()) queue_.wake_consumer();
    };
    EF_TRY(auto sink, SinkTask::make(std::move(spec), *dataflow_, host_));
    epochs_->add_sink(sink->op());
    sinks_.push_back(std::move(sink));
  }
  return {};
}

Result<void> AppRuntime::build_sources() {
  for (std::size_t i = 0; i < dataflow_->plan().app.sources.size(); ++i) {
    runtime::InputConsumer& target =
        options_.inline_graph ? static_cast<runtime::InputConsumer&>(inline_target_) : queue_;
    queue_.set_limit(static_cast<std::uint32_t>(i),
                     static_cast<std::uint64_t>(dataflow_->source_options(i).buffer_rows));
    EF_TRY(auto source, SourceTask::make({.index = i,
                                          .until_eof = options_.until_eof,
                                          .resumed = epochs_->resumed(),
                                          .rng = Rng(rng_.next())},
                                         *dataflow_, host_, target));
    if (source->wants_acknowledgement()) epochs_->add_acknowledged_source();
    sources_.push_back(std::move(source));
  }
  return {};
}

Result<void> AppRuntime::start() {
  if (state_ != AppState::created)
    return Error{Code::wrong_lifecycle, "the app was started before"};
  dataflow_->graph().start(host_.clock.now());
  epochs_->start();
  state_ = AppState::running;
  const auto note_failure = [this] {
    if (dataflow_->failure().is_set()) note_end_of_source();
  };
  for (const auto& sink : sinks_)
    sink->start(note_failure, fail_);
  committer_ = exec::Thread(
      "the commit point",
      [this, note_failure] {
        commit_point_->run();
        note_failure();
      },
      fail_);
  shard_done_ = options_.inline_graph;
  if (!options_.inline_graph)
    shard_ = exec::Thread(
        "the graph", [this] { shard_loop(); }, fail_);
  for (const auto& source : sources_) {
    source->start(
        [this](Result<void> outcome) {
          if (!outcome.ok()) dataflow_->failure().set(std::move(outcome).error());
          ended_sources_.fetch_add(1);
          note_end_of_source();
        },
        fail_);
  }
  return {};
}

/// Runs what may call functions, aggregates, sinks and mappers: an exception of theirs ends the app
/// and not its host.
void AppRuntime::note_end_of_source() {
  const bool all_ended = !sources_.empty() && ended_sources_ == sources_.size();
  if (!all_ended && !dataflow_->failure().is_ending()) return;
  finished_ = true;
  const std::lock_guard lock(wait_mutex_);
  wait_changed_.notify_all();
}

void AppRuntime::wait() {
  exec::Lock lock(wait_mutex_);
  wait_changed_.wait(
      lock, [&] { return finished_.load() || stop_requests_ != 0 || state_ > AppState::running; });
}

void AppRuntime::request_stop() {
  if (++stop_requests_ > 1) {
    for (const auto& sink : sinks_)
      sink->writer().stop();
    commit_point_->stop();
  }
  const std::lock_guard lock(wait_mutex_);
  wait_changed_.notify_all();
}

void AppRuntime::shard_loop() {
  while (!shard_stopping_) {
    run_source_batches(queue_.pop(wait_time()));
    with_graph_lock([this] {
      run_graph([this] {
        advance_clock(host_.clock.now());
        run_callback_rows();
        push_dead_letter_rows();
        cut_epoch_if_due();
        close_batches_of_idle_sinks();
      });
    });
    // After a failure it keeps taking, so that no source waits for ever on a full edge.
    if (dataflow_->failure().is_ending()) note_end_of_source();
  }
  run_source_batches(queue_.pop(Duration(0)));
  shard_done_ = true;
}

void AppRuntime::run_source_batches(
    std::vector<std::unique_ptr<runtime::SourceBatch>> source_batches) {
  for (auto& source_batch : source_batches) {
    with_graph_lock([&] { run_graph([&] { run_source_batch(source_batch); }); });
    if (source_batch != nullptr) queue_.recycle(std::move(source_batch));
  }
}

void AppRuntime::run_source_batch(std::unique_ptr<runtime::SourceBatch>& source_batch) {
  // What only waits for its turn brings no rows, and is no change that an epoch would have to hold.
  if (const std::function<void()> turn = std::exchange(source_batch->turn, nullptr)) {
    turn();
  } else if (!dataflow_->failure().is_ending()) {
    process(source_batch);
  }
  cut_epoch_if_due();
}

/// What such a source leaves open will never be continued.
bool AppRuntime::ends_for_good(std::size_t source) const {
  return options_.until_eof ||
         (sources_[source]->network() && !dataflow_->source_options(source).reconnect);
}

void AppRuntime::process(std::unique_ptr<runtime::SourceBatch>& source_batch) {
  epochs_->begin_rows();
  dataflow_->process(*source_batch);
  epochs_->add(*source_batch);
  if (dataflow_->failure().is_ending()) return;
  const bool ended = source_batch->end_of_input;
  const bool bounded = options_.sources_only || (ended && ends_for_good(source_batch->source));
  if (ended && ++ended_inputs_ == sources_.size() && bounded) dataflow_->graph().end_of_input();
  run_callback_rows();
}

void AppRuntime::advance_clock(Timestamp now) {
  if (dataflow_->failure().is_ending()) return;
  dataflow_->graph().advance(now);
  for (const auto& sink : sinks_)
    sink->op().tick(now.us);
  epochs_->note_timers();
}

/// When nothing else is on its way, what is there leaves now and not at the next barrier: batches
/// grow by load alone.
void AppRuntime::close_batches_of_idle_sinks() {
  if (sinks_.empty() || !queue_.idle()) return;
  for (const auto& sink : sinks_)
    sink->op().close_batch_if_idle();
}

/// How long the graph's thread may sleep: until a timer, a lingering batch or an epoch is due.
Duration AppRuntime::wait_time() const {
  constexpr Duration longest = std::chrono::milliseconds(200);
  std::int64_t due = dataflow_->graph().processing_time().next_due();
  for (const auto& sink : sinks_)
    due = std::min(due, sink->op().deadline());
  Duration wait = longest;
  if (due != runtime::never)
    wait = std::clamp(Timestamp{due} - host_.clock.now(), Duration(0), longest);
  if (const auto epoch_due = epochs_->due())
    wait = std::clamp(*epoch_due - host_.clock.steady(), Duration(0), wait);
  return wait;
}

/// Waits for a condition; returns whether it came true before the deadline, a failure or a second
/// request to stop.
bool AppRuntime::wait_until_true(const std::function<bool()>& condition, Timestamp deadline) {
  // Threads have to get on also when the clock stands still, so it is asked and not waited for.
  exec::Lock lock(wait_mutex_);
  while (!condition()) {
    if (dataflow_->failure().is_set() || stop_requests_ > 1 || host_.clock.steady() >= deadline)
      return false;
    wait_changed_.wait_for(lock, std::chrono::milliseconds(2));
  }
  return true;
}

Result<void> AppRuntime::stop(Duration timeout) {
  if (graph_mutex_.held_by_this_thread())
    return Error{Code::wrong_lifecycle, "a callback cannot stop the app that runs it"};
  if (auto running = AppState::running;
      !state_.compare_exchange_strong(running, AppState::draining))
    return Error{Code::wrong_lifecycle, "the app is not running"};
  {
    const std::lock_guard lock(wait_mutex_);
    wait_changed_.notify_all();
  }
  EF_FAIL("drain.before");
  const Timestamp deadline = host_.clock.steady() + timeout;
  stop_sources();
  bool drained = drain(deadline);
  if (!drained) give_up_sinks();
  end_sinks(drained);
  EF_FAIL("drain.after");
  return outcome(drained);
}

void AppRuntime::stop_sources() {
  for (const auto& source : sources_)
    source->stop();
  queue_.wake();
  for (const auto& source : sources_)
    source->join();
  // In this order, so that the shard's last look finds all that was taken.
  queue_.close();
  shard_stopping_ = true;
}

void AppRuntime::give_up_sinks() {
  give_up_ = true;
  for (const auto& sink : sinks_)
    sink->writer().stop();
}

/// Waits until all that was taken is processed, written and stored; false: not before the deadline.
bool AppRuntime::drain(Timestamp deadline) {
  const bool processed = wait_until_true([this] { return shard_done_.load(); }, deadline);
  if (!processed) give_up_sinks();
  shard_.join();
  // What no checkpoint covers is read again: nothing of it may be stored now.
  if (!processed || dataflow_->failure().is_set()) return false;
  // Rows that a sink refuses in the last epoch are rows of a stream, too, and make another one.
  do {
    with_graph_lock([this] {
      run_graph([this] {
        push_dead_letter_rows();
        for (const auto& sink : sinks_)
          sink->op().close_batch();
        if (epochs_->has_changes()) epochs_->cut(callback_rows_.empty());
      });
    });
    if (!wait_until_true([this] { return commit_point_->drained(); }, deadline)) return false;
  } while (dataflow_->has_dead_letter_rows() && !dataflow_->failure().is_ending());
  return true;
}

void AppRuntime::end_sinks(bool drained) {
  for (const auto& sink : sinks_)
    sink->writer().finish();
  for (const auto& sink : sinks_)
    sink->join();
  if (drained) {
    commit_point_->finish();
  } else {
    commit_point_->stop();
  }
  committer_.join();
  for (const auto& source : sources_)
    source->close();
}

Result<void> AppRuntime::outcome(bool drained) {
  if (const auto error = dataflow_->failure().error()) {
    state_ = AppState::failed;
    return *error;
  }
  state_ = AppState::stopped;
  if (!drained) {
    return Error{
        Code::drain_deadline,
        "stopped before everything was written; what is covered by the last checkpoint is safe",
        "raise --shutdown-timeout"};
  }
  return {};
}

}  // namespace eventflux::engine
