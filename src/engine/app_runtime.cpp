#include "engine/app_runtime.hpp"

#include <algorithm>
#include <utility>

#include "base/fail_point.hpp"
#include "engine/app_tasks.hpp"

namespace eventflux::engine {

using runtime::CommitPoint;
using runtime::SinkWriter;

namespace {

/// The writer needs its policy, which is made with its node, which needs the writer.
struct Forward final : runtime::OutputTarget {
  SinkWriter* writer = nullptr;

  void push(runtime::SinkMessage message) override { writer->push(std::move(message)); }

  bool idle() const override { return writer->idle(); }

  runtime::SinkBatch acquire() override { return writer->acquire(); }
};

void end_when_done(ParamValues& params) {
  std::erase_if(params, [](const ParamValue& value) { return value.name == "when.done"; });
  params.push_back({"when.done", "end", {}});
}

bool has_param(const std::vector<ParamInfo>& params, std::string_view name) {
  return std::any_of(params.begin(), params.end(),
                     [&](const ParamInfo& info) { return info.name == name; });
}

}  // namespace

AppRuntime::AppRuntime(Host host, RunOptions options)
    : host_(std::move(host)), options_(std::move(options)), rng_(0) {}

AppRuntime::~AppRuntime() {
  if (state_ == RunState::running) {
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
  connect_commits();
  EF_CHECK(build_sinks());
  if (store_ == nullptr) return build_sources();
  EF_TRY(auto stored, store_->load());
  if (stored) {
    EF_CHECK(dataflow_->restore(*stored));
    resume_sinks(*stored);
    epoch_ = stored->epoch;
    commit_point_->restore(*stored);
  }
  return build_sources();
}

Result<void> AppRuntime::open_store() {
  if (options_.state_dir.empty()) return {};
  const model::AppOptions& app = dataflow_->plan().app.options;
  EF_TRY(store_, runtime::open_lmdb_store({.directory = options_.state_dir + "/" + app.name,
                                           .bytes_max = app.store_max.bytes}));
  return {};
}

Context AppRuntime::make_context(const std::string& name, Rng& rng, const StopSignal* stop) {
  rng = Rng(rng_.next());
  return Context{.clock = host_.clock,
                 .rng = rng,
                 .files = host_.files,
                 .transport = host_.transport,
                 .log = host_.log,
                 .name = name,
                 .out = host_.out,
                 .stop = stop};
}

std::function<Result<std::unique_ptr<Sink>>()> AppRuntime::sink_maker(std::size_t index,
                                                                      Context& context) {
  return [this, index, &context]() -> Result<std::unique_ptr<Sink>> {
    const semantic::Sink& sink = dataflow_->plan().app.sinks[index];
    EF_TRY(const ParamValues params, model::resolve_variables(sink.params, host_.variables));
    return sink.entry->make(params, context);
  };
}

runtime::SinkWriterSpec AppRuntime::writer_spec(std::size_t index, const SinkTask& live) {
  const semantic::Sink& sink = dataflow_->plan().app.sinks[index];
  runtime::SinkWriterSpec spec;
  spec.name = sink.name;
  spec.schema = dataflow_->stream(sink.stream).schema;
  spec.prologue = live.op->prologue();
  spec.options = dataflow_->sink_options(index);
  spec.make = sink_maker(index, *live.context);
  spec.acknowledge = [this, index](std::uint64_t epoch, std::optional<WriteToken> prepared) {
    commit_point_->acknowledge(index, epoch, dataflow_->take_sink_letters(index), prepared);
    if (dataflow_->has_dead_letter_rows()) queue_.wake_consumer();
  };
  spec.dry_run = options_.dry_run;
  spec.network = sink.entry->traits.network;
  spec.transactional = sink.entry->traits.delivery == SinkClass::s3_transactional;
  spec.run = store_ != nullptr ? store_->run() : static_cast<std::uint64_t>(host_.clock.now().us);
  return spec;
}

Result<void> AppRuntime::build_sinks() {
  for (std::size_t i = 0; i < dataflow_->plan().app.sinks.size(); ++i) {
    const semantic::Sink& sink = dataflow_->plan().app.sinks[i];
    auto live = std::make_unique<SinkTask>();

    auto owned = std::make_unique<Forward>();
    Forward& forward = *owned;
    forwards_.push_back(std::move(owned));
    EF_TRY(live->op, dataflow_->add_sink(i, forward));
    live->context = std::make_unique<Context>(make_context(sink.name, live->rng, nullptr));
    EF_TRY(const auto probe,
           sink_maker(i, *live->context)());  // Parameters are checked before anything runs.
    live->writer = std::make_unique<SinkWriter>(writer_spec(i, *live), dataflow_->sink_policy(i),
                                                dataflow_->failure(), host_.clock, Rng(rng_.next()),
                                                host_.log);
    live->context->stop = live->writer.get();
    forward.writer = live->writer.get();
    sinks_.push_back(std::move(live));
  }
  return {};
}

runtime::RunLoop::MakeSource AppRuntime::source_maker(std::size_t index, Context& context) {
  return [this, index, &context]() -> Result<std::unique_ptr<Source>> {
    const semantic::Source& source = dataflow_->plan().app.sources[index];
    EF_TRY(ParamValues params, model::resolve_variables(source.params, host_.variables));
    if (options_.until_eof && has_param(source.entry->params, "when.done")) end_when_done(params);
    return source.entry->make(params, context);
  };
}

Result<void> AppRuntime::build_sources() {
  for (std::size_t i = 0; i < dataflow_->plan().app.sources.size(); ++i) {
    const semantic::Source& source = dataflow_->plan().app.sources[i];
    auto live = std::make_unique<SourceTask>();
    live->name = source.name;
    live->network = source.entry->traits.network;
    runtime::InputConsumer& target =
        options_.inline_graph ? static_cast<runtime::InputConsumer&>(inline_target_) : queue_;
    live->acknowledger = std::make_unique<runtime::Acknowledger>(
        runtime::wants_acknowledgement(source.entry->traits));
    acknowledges_ = acknowledges_ || live->acknowledger->wanted();
    EF_TRY(live->op, dataflow_->make_source(i, target, live->acknowledger.get()));
    live->context = std::make_unique<Context>(make_context(source.name, live->rng, live->op.get()));
    live->context->payloads = &live->op->payloads();
    live->context->resumed = epoch_ != 0;
    EF_TRY(const auto probe, source_maker(i, *live->context)());
    model::SourceOptions options = dataflow_->source_options(i);
    queue_.set_limit(static_cast<std::uint32_t>(i),
                     static_cast<std::uint64_t>(options.buffer_rows));
    if (options_.until_eof) options.reconnect = false;
    live->loop = std::make_unique<runtime::RunLoop>(source_maker(i, *live->context), *live->op,
                                                    live->network, options, host_.clock,
                                                    Rng(rng_.next()), host_.log,
                                                    *live->acknowledger);
    sources_.push_back(std::move(live));
  }
  return {};
}

Result<void> AppRuntime::start() {
  if (state_ != RunState::created)
    return Error{Code::wrong_lifecycle, "the app was started before"};
  dataflow_->graph().start(host_.clock.now());
  activity_at_epoch_ = activity();
  state_ = RunState::running;
  for (const auto& sink : sinks_) {
    sink->thread = exec::Thread(
        "sink " + sink->writer->name(),
        [writer = sink->writer.get(), this] {
          writer->run();
          if (dataflow_->failure().is_set()) note_end_of_source();
        },
        fail_);
  }
  committer_ = exec::Thread(
      "the commit point",
      [this] {
        commit_point_->run();
        if (dataflow_->failure().is_set()) note_end_of_source();
      },
      fail_);
  shard_done_ = options_.inline_graph;
  if (!options_.inline_graph)
    shard_ = exec::Thread(
        "the graph", [this] { shard_loop(); }, fail_);
  for (const auto& source : sources_) {
    source->thread = exec::Thread(
        "source " + source->name,
        [loop = source->loop.get(), this] {
          if (auto outcome = loop->run(); !outcome.ok())
            dataflow_->failure().set(std::move(outcome).error());
          ended_sources_.fetch_add(1);
          note_end_of_source();
        },
        fail_);
  }
  return {};
}

/// Runs what may call functions, aggregates, sinks and mappers: an exception of theirs ends the app
/// and not its host.
void AppRuntime::run_graph(base::FunctionRef<void()> body) {
  if (auto ran = exec::run_foreign("the graph", body); !ran.ok()) fail_(std::move(ran).error());
}

void AppRuntime::note_end_of_source() {
  const bool all_ended = !sources_.empty() && ended_sources_ == sources_.size();
  if (!all_ended && !dataflow_->failure().is_ending()) return;
  finished_ = true;
  const std::lock_guard lock(wait_mutex_);
  wait_changed_.notify_all();
}

void AppRuntime::wait() {
  std::unique_lock lock(wait_mutex_);
  wait_changed_.wait(
      lock, [&] { return finished_.load() || stop_requests_ != 0 || state_ > RunState::running; });
}

void AppRuntime::request_stop() {
  if (++stop_requests_ > 1) {
    for (const auto& sink : sinks_)
      sink->writer->stop();
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
  const std::function<void()> after = std::exchange(source_batch->after, nullptr);
  if (!dataflow_->failure().is_ending()) process(source_batch);
  if (after) after();
  cut_epoch_if_due();
}

/// What such a source leaves open will never be continued.
bool AppRuntime::ends_for_good(std::size_t source) const {
  return options_.until_eof ||
         (sources_[source]->network && !dataflow_->source_options(source).reconnect);
}

void AppRuntime::process(std::unique_ptr<runtime::SourceBatch>& source_batch) {
  if (rows_since_ == 0) dirty_since_ = host_.clock.steady();
  dataflow_->process(*source_batch);
  note_transaction(*source_batch);
  rows_since_ += std::max<std::uint64_t>(source_batch->rows(), 1);
  bytes_since_ += source_batch->bytes();
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
    sink->op->tick(now.us);
  if (rows_since_ == 0 && activity() != activity_at_epoch_) {
    rows_since_ = 1;
    dirty_since_ = host_.clock.steady();
  }
}

/// When nothing else is on its way, what is there leaves now and not at the next barrier: batches
/// grow by load alone.
void AppRuntime::close_batches_of_idle_sinks() {
  if (!queue_.idle()) return;
  for (const auto& sink : sinks_)
    sink->op->close_batch_if_idle();
}

/// How long the graph's thread may sleep: until a timer, a lingering batch or an epoch is due.
Duration AppRuntime::wait_time() const {
  constexpr Duration longest = std::chrono::milliseconds(200);
  std::int64_t due = dataflow_->graph().processing_time().next_due();
  for (const auto& sink : sinks_)
    due = std::min(due, sink->op->deadline());
  Duration wait = longest;
  if (due != runtime::never)
    wait = std::clamp(Timestamp{due} - host_.clock.now(), Duration(0), longest);
  if (rows_since_ != 0 && has_epochs() && commit_point_->has_room()) {
    const Timestamp epoch_due = dirty_since_ + dataflow_->plan().app.options.epoch_interval;
    wait = std::clamp(epoch_due - host_.clock.steady(), Duration(0), wait);
  }
  return wait;
}

/// Waits for a condition; returns whether it came true before the deadline, a failure or a second
/// request to stop.
bool AppRuntime::wait_until_true(const std::function<bool()>& condition, Timestamp deadline) {
  // Threads have to get on also when the clock stands still, so it is asked and not waited for.
  std::unique_lock lock(wait_mutex_);
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
  if (auto running = RunState::running;
      !state_.compare_exchange_strong(running, RunState::draining))
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
    source->loop->stop();
  queue_.wake();
  for (const auto& source : sources_)
    source->thread.join();
  // In this order, so that the shard's last look finds all that was taken.
  queue_.close();
  shard_stopping_ = true;
}

void AppRuntime::give_up_sinks() {
  give_up_ = true;
  for (const auto& sink : sinks_)
    sink->writer->stop();
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
          sink->op->close_batch();
        if (rows_since_ != 0 || activity() != activity_at_epoch_) cut_epoch();
      });
    });
    if (!wait_until_true([this] { return commit_point_->drained(); }, deadline)) return false;
  } while (dataflow_->has_dead_letter_rows() && !dataflow_->failure().is_ending());
  return true;
}

void AppRuntime::end_sinks(bool drained) {
  for (const auto& sink : sinks_)
    sink->writer->finish();
  for (const auto& sink : sinks_)
    sink->thread.join();
  if (drained) {
    commit_point_->finish();
  } else {
    commit_point_->stop();
  }
  committer_.join();
  for (const auto& source : sources_)
    source->loop->close();
}

Result<void> AppRuntime::outcome(bool drained) {
  if (const auto error = dataflow_->failure().error()) {
    state_ = RunState::failed;
    return *error;
  }
  state_ = RunState::stopped;
  if (!drained) {
    return Error{
        Code::drain_deadline,
        "stopped before everything was written; what is covered by the last checkpoint is safe",
        "raise --shutdown-timeout"};
  }
  return {};
}

}  // namespace eventflux::engine
