#include "tests/simulation/simulation.hpp"

#include <memory>

#include "engine/app_runtime.hpp"
#include "engine/compile.hpp"
#include "tests/simulation/oracle.hpp"

namespace eventflux::tests {
namespace {

constexpr Timestamp start{1'767'225'600'000'000};  // 2026-01-01
constexpr Duration patience = std::chrono::hours(2);

const Registry& registry() {
  static const std::unique_ptr<Registry> all = [] {
    auto made = std::make_unique<Registry>();
    register_extensions(*made);
    register_wire(*made);
    return made;
  }();
  return *all;
}

class TracingLog final : public Log {
 public:
  explicit TracingLog(SimScheduler& scheduler) : scheduler_(scheduler) {}

  void write(LogLevel level, std::string_view text) override {
    if (level >= LogLevel::warn) scheduler_.note(std::string(text));
  }

 private:
  SimScheduler& scheduler_;
};

/// The life of one app.
class Simulation {
 public:
  Simulation(std::uint64_t seed, const std::function<void(const Outcome&)>& on_stuck)
      : case_(draw_case(seed, start)),
        rng_(seed ^ 0x5DEECE66DU),
        scheduler_(rng_.next(), start),
        clock_(scheduler_),
        machine_(scheduler_, rng_.next()),
        log_(scheduler_),
        oracle_(case_, machine_),
        fed_(case_.inputs.size()) {
    outcome_.program = case_.program(case_.strategy);
    scheduler_.on_stuck = [this, on_stuck](const std::string& text) {
      outcome_.faults.push_back(text);
      outcome_.trace = scheduler_.trace_tail();
      on_stuck(outcome_);
    };
  }

  Outcome run() {
    for (const Input& input : case_.inputs)
      machine_.write_from_outside(input.path, "");
    feed();
    for (std::size_t i = 0; i < case_.runs && outcome_.faults.empty(); ++i)
      run_disturbed();
    if (outcome_.faults.empty()) run_to_the_end();
    if (outcome_.faults.empty()) oracle_.finish();
    for (const std::string& fault : oracle_.faults())
      outcome_.faults.push_back(fault);
    outcome_.trace = scheduler_.trace_tail();
    outcome_.digest = scheduler_.digest();
    outcome_.steps = scheduler_.steps();
    return std::move(outcome_);
  }

 private:
  std::unique_ptr<engine::AppRuntime> make_app(bool until_eof) {
    // A row that ends the app under 'fail' would end it for ever: what follows is for its owner.
    const std::string strategy =
        case_.strategy == "fail" && (until_eof || failed_) ? "dlq" : case_.strategy;
    auto compiled = engine::compile(case_.program(strategy), registry(), {.durable = true});
    if (!compiled.ok()) return fail(compiled.first_error());
    engine::Host host{.clock = clock_, .files = machine_, .transport = machine_, .log = log_};
    host.variables = model::defaults_only();
    engine::RunOptions options;
    options.state_dir = "state";
    options.until_eof = until_eof;
    options.sources_only = until_eof;
    options.inline_graph = case_.inline_graph;
    options.seed = case_.seed + machine_.run() + 1;
    options.open_store = [this] { return machine_.open_store(); };
    auto app = engine::AppRuntime::make(std::move(compiled.plan), host, options);
    if (!app.ok()) return fail(app.error());
    if (auto started = (*app)->start(); !started.ok()) return fail(started.error());
    return *std::move(app);
  }

  std::unique_ptr<engine::AppRuntime> fail(const Error& error) {
    outcome_.faults.push_back("the app does not start: " + to_text(error));
    return nullptr;
  }

  /// Others append to the input while the app runs, also half a line.
  void feed() {
    for (std::size_t i = 0; i < case_.inputs.size(); ++i) {
      const std::string text = case_.inputs[i].text();
      const std::size_t more = std::min(text.size() - fed_[i], rng_.below(1200));
      machine_.write_from_outside(case_.inputs[i].path, text.substr(fed_[i], more));
      fed_[i] += more;
    }
    Peer& peer = machine_.peer();
    const auto more = static_cast<std::int64_t>(rng_.below(12));
    peer.count = std::min(case_.messages, peer.count + more);
  }

  void feed_all() {
    for (std::size_t i = 0; i < case_.inputs.size(); ++i) {
      machine_.write_from_outside(case_.inputs[i].path, case_.inputs[i].text().substr(fed_[i]));
      fed_[i] = case_.inputs[i].text().size();
    }
  }

  void set_rates(std::uint64_t most) {
    machine_.rates = {rng_.below(most + 1), rng_.below(most + 1), rng_.below(most + 1),
                      rng_.below(most + 1), rng_.below(most + 1), rng_.below(most + 1)};
  }

  void run_disturbed() {
    oracle_.begin_run();
    set_rates(rng_.below(3) == 0 ? 0 : 60);
    const std::uint64_t kind = rng_.below(4);
    auto app = make_app(false);
    if (app == nullptr) return;
    const std::uint64_t cut_at =
        kind < 2 ? scheduler_.steps() + 1 + rng_.below(kind == 0 ? 160 : 900) : 0;
    machine_.cut_power_at(cut_at);
    const Timestamp until =
        clock_.now() + Duration(static_cast<std::int64_t>(rng_.below(1'500'000)));
    while (clock_.now() < until && !machine_.is_off() && !app->finished()) {
      if (rng_.below(3) == 0) feed();
      const auto nap = static_cast<std::int64_t>(rng_.below(150'000));
      scheduler_.driver_waits_until(std::min(until, clock_.now() + Duration(nap)), cut_at);
    }
    failed_ = failed_ || app->finished();
    end(*app, kind);
    app.reset();
    settle();
  }

  /// Ends a run: all at once, or in order with more or less time to do so.
  void end(engine::AppRuntime& app, std::uint64_t kind) {
    if (machine_.is_off() || kind == 3) {
      machine_.scheduler().note(machine_.is_off() ? "power is cut" : "given up");
      app.request_stop();
      app.request_stop();
      static_cast<void>(app.stop(Duration(0)));
      return;
    }
    machine_.scheduler().note("stops");
    const std::size_t received = machine_.peer().received.size();
    // The last message may be on its way from the connection to the app.
    const std::size_t run = machine_.run();
    const auto stopped = app.stop(Duration(static_cast<std::int64_t>(rng_.below(40'000'000))));
    machine_.scheduler().note(stopped.ok() ? "has stopped" : to_text(stopped.error()));
    if (stopped.ok() && !machine_.is_off()) oracle_.stopped(run, received == 0 ? 0 : received - 1);
  }

  void settle() {
    if (machine_.is_off()) {
      const std::size_t run = machine_.run();
      machine_.restart_after_cut();
      oracle_.end_run(run);
    } else {
      const std::size_t run = machine_.run();
      machine_.end_process();
      oracle_.end_run(run);
    }
    machine_.cut_power_at(0);
  }

  /// Nothing fails any more: all that is there has to come out.
  void run_to_the_end() {
    oracle_.begin_run();
    machine_.rates = {};
    feed_all();
    machine_.peer().count = case_.messages;
    machine_.peer().closes = true;
    auto app = make_app(true);
    if (app == nullptr) return;
    const Timestamp until = clock_.now() + patience;
    while (!app->finished() && clock_.now() < until)
      scheduler_.driver_waits_until(clock_.now() + std::chrono::seconds(1), 0);
    if (!app->finished()) outcome_.faults.push_back("the input does not end");
    const auto stopped = app->stop(patience);
    if (!stopped.ok()) outcome_.faults.push_back("the last run fails: " + to_text(stopped.error()));
    oracle_.stopped(machine_.run(), machine_.peer().received.size());
    app.reset();
    settle();
  }

  Case case_;
  Rng rng_;
  SimScheduler scheduler_;
  SimClock clock_;
  Machine machine_;
  TracingLog log_;
  Oracle oracle_;
  Outcome outcome_;
  std::vector<std::size_t> fed_;
  bool failed_ = false;
};

}  // namespace

Outcome simulate(std::uint64_t seed, const std::function<void(const Outcome&)>& on_stuck) {
  return Simulation(seed, on_stuck).run();
}

std::string describe(std::uint64_t seed, const Outcome& outcome) {
  std::string text = "seed " + std::to_string(seed) +
                     ", again with EVENTFLUX_SEED=" + std::to_string(seed) + "\n" +
                     outcome.program + "\n" + outcome.trace + "\n";
  for (const std::string& fault : outcome.faults)
    text += "FAULT " + fault + "\n";
  return text;
}

}  // namespace eventflux::tests
