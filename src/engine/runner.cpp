#include "engine/runner.hpp"

#include <algorithm>
#include <utility>

#include "base/fail_point.hpp"
#include "engine/live_parts.hpp"

namespace eventflux::engine {

using runtime::CommitPoint;
using runtime::SinkWriter;

namespace {

/// The writer needs its policy, which is made with its node, which needs the writer.
struct Forward final : runtime::OutputTarget {
  SinkWriter* writer = nullptr;

  void put(runtime::OutputItem item) override { writer->put(std::move(item)); }

  bool idle() const override { return writer->idle(); }

  runtime::OutputItem spare() override { return writer->spare(); }
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

Runner::Runner(Host host, RunOptions options)
    : host_(std::move(host)), options_(std::move(options)), rng_(0) {}

Runner::~Runner() {
  if (state_ == RunState::running) {
    request_stop();
    static_cast<void>(stop());
  }
}

Result<std::unique_ptr<Runner>> Runner::make(plan::Plan plan, Host host, RunOptions options) {
  std::unique_ptr<Runner> runner(new Runner(std::move(host), std::move(options)));
  Result<void> built;
  EF_CHECK(exec::run_foreign("an extension", [&] { built = runner->build(std::move(plan)); }));
  EF_CHECK(built);
  return runner;
}

Result<void> Runner::build(plan::Plan plan) {
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
  EF_TRY(core_, Core::make(std::move(plan), host_));
  EF_CHECK(open_store());
  std::vector<std::string> sink_names;
  for (const semantic::Sink& sink : core_->plan().app.sinks)
    sink_names.push_back(sink.name);
  commit_point_ = std::make_unique<CommitPoint>(
      CommitPoint::Spec{store_.get(), std::move(sink_names),
                        static_cast<std::uint64_t>(core_->plan().app.options.epochs_in_flight),
                        core_->plan().app.options.dlq_max.bytes,
                        core_->plan().app.options.on_dlq_full == model::OnDlqFull::fail},
      core_->failure(), host_.clock, host_.log);
  commit_point_->on_commit = [this] { queue_.poke(); };
  EF_CHECK(build_sinks());
  if (store_ == nullptr) return build_sources();
  EF_TRY(auto stored, store_->load());
  if (stored) {
    EF_CHECK(core_->restore(*stored));
    for (const auto& sink : sinks_)
      sink->context->resumed = true;
    epoch_ = stored->epoch;
    commit_point_->restore(*stored);
  }
  return build_sources();
}

Result<void> Runner::open_store() {
  if (options_.state_dir.empty()) return {};
  const model::AppOptions& app = core_->plan().app.options;
  EF_TRY(store_, runtime::open_lmdb_store({.directory = options_.state_dir + "/" + app.name,
                                           .bytes_max = app.store_max.bytes}));
  return {};
}

Context Runner::make_context(const std::string& name, const StopSignal* stop) {
  return Context{.clock = host_.clock,
                 .rng = rng_,
                 .files = host_.files,
                 .transport = host_.transport,
                 .log = host_.log,
                 .name = name,
                 .out = host_.out,
                 .stop = stop};
}

std::function<Result<std::unique_ptr<Sink>>()> Runner::sink_maker(std::size_t index,
                                                                  Context& context) {
  return [this, index, &context]() -> Result<std::unique_ptr<Sink>> {
    const semantic::Sink& sink = core_->plan().app.sinks[index];
    EF_TRY(const ParamValues params, model::resolve_variables(sink.params, host_.variables));
    return sink.entry->make(params, context);
  };
}

runtime::SinkWriterSpec Runner::writer_spec(std::size_t index, const LiveSink& live) {
  const semantic::Sink& sink = core_->plan().app.sinks[index];
  runtime::SinkWriterSpec spec;
  spec.name = sink.name;
  spec.schema = core_->stream(sink.stream).schema;
  spec.prologue = live.node->prologue();
  spec.options = core_->sink_options(index);
  spec.make = sink_maker(index, *live.context);
  spec.acknowledge = [this, index](std::uint64_t epoch) {
    commit_point_->acknowledge(index, epoch, core_->take_sink_letters(index));
    if (core_->has_dead_letter_rows()) queue_.poke();
  };
  spec.dry_run = options_.dry_run;
  spec.network = sink.entry->traits.network;
  return spec;
}

Result<void> Runner::build_sinks() {
  for (std::size_t i = 0; i < core_->plan().app.sinks.size(); ++i) {
    const semantic::Sink& sink = core_->plan().app.sinks[i];
    auto live = std::make_unique<LiveSink>();

    auto owned = std::make_unique<Forward>();
    Forward& forward = *owned;
    forwards_.push_back(std::move(owned));
    EF_TRY(live->node, core_->add_sink(i, forward));
    live->context = std::make_unique<Context>(make_context(sink.name, nullptr));
    EF_TRY(const auto probe,
           sink_maker(i, *live->context)());  // Parameters are checked before anything runs.
    live->writer =
        std::make_unique<SinkWriter>(writer_spec(i, *live), core_->sink_policy(i), core_->failure(),
                                     host_.clock, Rng(rng_.next()), host_.log);
    live->context->stop = live->writer.get();
    forward.writer = live->writer.get();
    sinks_.push_back(std::move(live));
  }
  return {};
}

runtime::RunLoop::MakeSource Runner::source_maker(std::size_t index, Context& context) {
  return [this, index, &context]() -> Result<std::unique_ptr<Source>> {
    const semantic::Source& source = core_->plan().app.sources[index];
    EF_TRY(ParamValues params, model::resolve_variables(source.params, host_.variables));
    if (options_.until_eof && has_param(source.entry->params, "when.done")) end_when_done(params);
    return source.entry->make(params, context);
  };
}

Result<void> Runner::build_sources() {
  for (std::size_t i = 0; i < core_->plan().app.sources.size(); ++i) {
    const semantic::Source& source = core_->plan().app.sources[i];
    auto live = std::make_unique<LiveSource>();
    live->name = source.name;
    live->network = source.entry->traits.network;
    runtime::IntakeTarget& target =
        options_.inline_graph ? static_cast<runtime::IntakeTarget&>(inline_target_) : queue_;
    EF_TRY(live->node, core_->make_source(i, target));
    live->context = std::make_unique<Context>(make_context(source.name, live->node.get()));
    live->context->payloads = &live->node->payloads();
    live->context->resumed = epoch_ != 0;
    EF_TRY(const auto probe, source_maker(i, *live->context)());
    model::SourceOptions options = core_->source_options(i);
    queue_.set_limit(static_cast<std::uint32_t>(i),
                     static_cast<std::uint64_t>(options.buffer_rows));
    if (options_.until_eof) options.reconnect = false;
    live->loop = std::make_unique<runtime::RunLoop>(source_maker(i, *live->context), *live->node,
                                                    live->network, options, host_.clock,
                                                    Rng(rng_.next()), host_.log);
    sources_.push_back(std::move(live));
  }
  return {};
}

Result<void> Runner::start() {
  if (state_ != RunState::created)
    return Error{Code::wrong_lifecycle, "the app was started before"};
  core_->graph().start(host_.clock.now());
  activity_at_epoch_ = activity();
  state_ = RunState::running;
  for (const auto& sink : sinks_) {
    sink->thread = exec::Thread(
        "sink " + sink->writer->name(),
        [writer = sink->writer.get(), this] {
          writer->run();
          if (core_->failure().is_set()) note_end_of_source();
        },
        fail_);
  }
  committer_ = exec::Thread(
      "the commit point",
      [this] {
        commit_point_->run();
        if (core_->failure().is_set()) note_end_of_source();
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
            core_->failure().set(std::move(outcome).error());
          ended_sources_.fetch_add(1);
          note_end_of_source();
        },
        fail_);
  }
  return {};
}

/// Runs what may call functions, aggregates, sinks and mappers: an exception of theirs ends the app
/// and not its host.
void Runner::run_graph(base::FunctionRef<void()> body) {
  if (auto ran = exec::run_foreign("the graph", body); !ran.ok()) fail_(std::move(ran).error());
}

void Runner::note_end_of_source() {
  const bool all_ended = !sources_.empty() && ended_sources_ == sources_.size();
  if (!all_ended && !core_->failure().is_ending()) return;
  finished_ = true;
  const std::lock_guard lock(wait_mutex_);
  wait_changed_.notify_all();
}

void Runner::wait() {
  std::unique_lock lock(wait_mutex_);
  wait_changed_.wait(
      lock, [&] { return finished_.load() || stop_requests_ != 0 || state_ > RunState::running; });
}

void Runner::request_stop() {
  if (++stop_requests_ > 1) {
    for (const auto& sink : sinks_)
      sink->writer->stop();
    commit_point_->stop();
  }
  const std::lock_guard lock(wait_mutex_);
  wait_changed_.notify_all();
}

void Runner::shard_loop() {
  while (!shard_stopping_) {
    run_intakes(queue_.take(wait_time()));
    in_turn([this] {
      run_graph([this] {
        advance_clock(host_.clock.now());
        run_sent();
        push_dead_letter_rows();
        cut_epoch_if_due();
        seal_for_idle_sinks();
      });
    });
    // After a failure it keeps taking, so that no source waits for ever on a full edge.
    if (core_->failure().is_ending()) note_end_of_source();
  }
  run_intakes(queue_.take(Duration(0)));
  shard_done_ = true;
}

void Runner::run_intakes(std::vector<std::unique_ptr<runtime::Intake>> intakes) {
  for (auto& intake : intakes) {
    in_turn([&] { run_graph([&] { run_intake(intake); }); });
    if (intake != nullptr) queue_.done(std::move(intake));
  }
}

void Runner::run_intake(std::unique_ptr<runtime::Intake>& intake) {
  const std::function<void()> after = std::exchange(intake->after, nullptr);
  if (!core_->failure().is_ending()) process(intake);
  if (after) after();
  cut_epoch_if_due();
}

/// What such a source leaves open will never be continued.
bool Runner::ends_for_good(std::size_t source) const {
  return options_.until_eof ||
         (sources_[source]->network && !core_->source_options(source).reconnect);
}

void Runner::process(std::unique_ptr<runtime::Intake>& intake) {
  if (rows_since_ == 0) dirty_since_ = host_.clock.steady();
  core_->process(*intake);
  rows_since_ += std::max<std::uint64_t>(intake->rows(), 1);
  bytes_since_ += intake->bytes();
  if (core_->failure().is_ending()) return;
  const bool ended = intake->end_of_input;
  const bool bounded = options_.sources_only || (ended && ends_for_good(intake->source));
  if (ended && ++ended_inputs_ == sources_.size() && bounded)
    core_->graph().end_of_input();
  run_sent();
}

void Runner::advance_clock(Timestamp now) {
  if (core_->failure().is_ending()) return;
  core_->graph().advance(now);
  for (const auto& sink : sinks_)
    sink->node->tick(now.us);
  if (rows_since_ == 0 && activity() != activity_at_epoch_) {
    rows_since_ = 1;
    dirty_since_ = host_.clock.steady();
  }
}

/// When nothing else is on its way, what is there leaves now and not at the next barrier: batches
/// grow by load alone.
void Runner::seal_for_idle_sinks() {
  if (!queue_.idle()) return;
  for (const auto& sink : sinks_)
    sink->node->seal_if_idle();
}

/// How long the graph's thread may sleep: until a timer, a lingering batch or an epoch is due.
Duration Runner::wait_time() const {
  constexpr Duration longest = std::chrono::milliseconds(200);
  std::int64_t due = core_->graph().processing_time().next_due();
  for (const auto& sink : sinks_)
    due = std::min(due, sink->node->deadline());
  Duration wait = longest;
  if (due != runtime::never)
    wait = std::clamp(Timestamp{due} - host_.clock.now(), Duration(0), longest);
  if (rows_since_ != 0 && has_epochs() && commit_point_->has_room()) {
    const Timestamp epoch_due = dirty_since_ + core_->plan().app.options.epoch_interval;
    wait = std::clamp(epoch_due - host_.clock.steady(), Duration(0), wait);
  }
  return wait;
}

std::uint64_t Runner::activity() const {
  std::uint64_t sum = 0;
  for (const auto& node : core_->graph().nodes())
    sum += node->counters.out.load(std::memory_order_relaxed);
  return sum;
}

/// Cuts an epoch when one is due, unless too many wait for sinks: then the epoch grows.
void Runner::cut_epoch_if_due() {
  const model::AppOptions& app = core_->plan().app.options;
  if (rows_since_ == 0 || core_->failure().is_ending()) return;
  if (!sent_.empty()) return;  // An epoch holds rows together with all that callbacks made of them.
  const bool large = rows_since_ >= static_cast<std::uint64_t>(app.epoch_records) ||
                     bytes_since_ >= app.epoch_bytes.bytes;
  if (!has_epochs()) return large ? drop_epoch() : void();
  const Duration age = host_.clock.steady() - dirty_since_;
  // Encoding large state takes a share of the time only: ten times its cost lies between two
  // epochs.
  if (age < epoch_cost_ * 10) return;
  // Rows and bytes bound what a restart reads again, which it does from a store only.
  if (age < app.epoch_interval && (store_ == nullptr || !large)) return;
  if (commit_point_->has_room()) cut_epoch();
}

/// Forgets what an epoch would have taken along.
void Runner::drop_epoch() {
  static_cast<void>(core_->take_dead_letters());
  rows_since_ = 0;
  bytes_since_ = 0;
  activity_at_epoch_ = activity();
}

void Runner::cut_epoch() {
  EF_FAIL("epoch.barrier");
  const Timestamp begun = host_.clock.steady();
  core_->push_dead_letter_rows();
  ++epoch_;
  for (const auto& sink : sinks_)
    sink->node->barrier(epoch_);
  runtime::Epoch epoch;
  epoch.abandoned = core_->failure().is_ending();
  // Their rows come before the state that is taken with them.
  epoch.letters = core_->take_dead_letters();
  if (store_ != nullptr && !epoch.abandoned) epoch.checkpoint = core_->checkpoint(epoch_);
  epoch.checkpoint.epoch = epoch_;
  EF_FAIL("epoch.sealed");
  epoch_cost_ = host_.clock.steady() - begun;
  rows_since_ = 0;
  bytes_since_ = 0;
  activity_at_epoch_ = activity();
  commit_point_->submit(std::move(epoch));
}

/// Waits for a condition; returns whether it came true before the deadline, a failure or a second
/// request to stop.
bool Runner::wait_until_true(const std::function<bool()>& condition, Timestamp deadline) {
  // Threads have to get on also when the clock stands still, so it is asked and not waited for.
  std::unique_lock lock(wait_mutex_);
  while (!condition()) {
    if (core_->failure().is_set() || stop_requests_ > 1 || host_.clock.steady() >= deadline)
      return false;
    wait_changed_.wait_for(lock, std::chrono::milliseconds(2));
  }
  return true;
}

Result<void> Runner::stop(Duration timeout) {
  if (turn_.mine())
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

void Runner::stop_sources() {
  for (const auto& source : sources_)
    source->loop->stop();
  queue_.wake();
  for (const auto& source : sources_)
    source->thread.join();
  // In this order, so that the shard's last look finds all that was taken.
  queue_.close();
  shard_stopping_ = true;
}

void Runner::give_up_sinks() {
  give_up_ = true;
  for (const auto& sink : sinks_)
    sink->writer->stop();
}

/// Waits until all that was taken is processed, written and stored; false: not before the deadline.
bool Runner::drain(Timestamp deadline) {
  const bool processed = wait_until_true([this] { return shard_done_.load(); }, deadline);
  if (!processed) give_up_sinks();
  shard_.join();
  // What no checkpoint covers is read again: nothing of it may be stored now.
  if (!processed || core_->failure().is_set()) return false;
  // Rows that a sink refuses in the last epoch are rows of a stream, too, and make another one.
  do {
    in_turn([this] {
      run_graph([this] {
        push_dead_letter_rows();
        for (const auto& sink : sinks_)
          sink->node->seal();
        if (rows_since_ != 0 || activity() != activity_at_epoch_) cut_epoch();
      });
    });
    if (!wait_until_true([this] { return commit_point_->drained(); }, deadline)) return false;
  } while (core_->has_dead_letter_rows() && !core_->failure().is_ending());
  return true;
}

/// Sends dead letters into their streams; they count as rows of the open epoch.
void Runner::push_dead_letter_rows() {
  if (!core_->has_dead_letter_rows()) return;
  if (rows_since_ == 0) dirty_since_ = host_.clock.steady();
  ++rows_since_;
  core_->push_dead_letter_rows();
}

void Runner::end_sinks(bool drained) {
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
}

Result<void> Runner::outcome(bool drained) {
  if (const auto error = core_->failure().error()) {
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
