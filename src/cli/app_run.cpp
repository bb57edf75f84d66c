#include "cli/app_run.hpp"

#include <atomic>

#include "eventflux/row_text.hpp"

#include "cli/exit_code.hpp"
#include "cli/status_line.hpp"
#include "cli/terminal.hpp"
#include "engine/signals.hpp"

namespace eventflux::cli {
namespace {

/// Prints rows of streams as they leave. Thread: the graph's.
class Printer {
 public:
  explicit Printer(RowFormat format) : format_(format) {}

  /// Adds a stream; before the app starts.
  void listen(engine::Runner& runner, std::size_t index) {
    const semantic::Stream& stream = runner.core().stream(index);
    auto renderer = std::make_shared<RowRenderer>(stream.schema, format_);
    renderers_.push_back(renderer);
    runner.add_tap(index, [this, renderer](const Batch& rows, Timestamp) {
      if (last_ != renderer.get()) renderer->restart();
      last_ = renderer.get();
      print_data(renderer->rows(rows));
      printed_ += rows.size();
    });
  }

  /// Closes what the formats leave open; after the app has stopped.
  void end() {
    for (const auto& renderer : renderers_)
      print_data(renderer->end());
  }

  std::uint64_t printed() const { return printed_; }

 private:
  RowFormat format_;
  std::vector<std::shared_ptr<RowRenderer>> renderers_;
  const RowRenderer* last_ = nullptr;
  std::atomic<std::uint64_t> printed_{0};
};

Result<void> add_printer(engine::Runner& runner, Printer& printer,
                         const std::vector<std::string>& streams) {
  for (const std::string& name : streams) {
    EF_TRY(const std::size_t index, runner.core().find_stream(name));
    printer.listen(runner, index);
  }
  const auto& app = runner.core().plan().app;
  for (std::size_t i = 0; i < app.streams.size(); ++i)
    if (app.streams[i].anonymous) printer.listen(runner, i);  // A bare SELECT prints.
  return {};
}

/// Waits until the app ends, its time is over or somebody wants it to stop.
void watch(engine::Runner& runner, const AppRunOptions& options, Clock& clock) {
  struct Finished final : StopSignal {
    explicit Finished(const engine::Runner& of) : runner(of) {}

    bool stopping() const noexcept override {
      return runner.finished() || runner.stop_requested() || output_closed();
    }

    const engine::Runner& runner;
  };

  const Finished finished(runner);
  StatusLine line(runner, clock);
  const Timestamp end = options.run_for ? clock.steady() + *options.run_for : Timestamp::max();
  while (!finished.stopping() && clock.steady() < end) {
    clock.wait_until(std::min(clock.steady() + std::chrono::milliseconds(250), end), finished);
    line.update();
  }
  line.clear();
}

/// `signal_count` goes on counting while the app drains.
int finish(engine::Runner& runner, const engine::Signals& signals,
           const std::atomic<int>& signal_count) {
  const auto outcome = runner.stop();
  if (signal_count > 1) return signals.last() == 2 ? 130 : 143;
  return outcome.ok() ? exit_ok : report(outcome.error());
}

std::string summary(const engine::RunStatus& status) {
  std::uint64_t duplicates = 0;
  for (const engine::NodeStatus& node : status.nodes) {
    for (const auto& [reason, rows] : node.dropped)
      if (reason == "duplicate") duplicates += rows;
  }
  std::string text = "stopped:";
  for (const engine::SourceStatus& source : status.sources) {
    text += " " + source.name + " " + std::to_string(source.rows) + " rows" +
            (source.network ? ", " + std::to_string(source.reconnects) + " reconnects" : "") +
            (source.gaps != 0 ? ", " + std::to_string(source.gaps) + " gaps" : "") + ",";
  }
  text += " " + std::to_string(duplicates) + " duplicates removed, " +
          std::to_string(status.dead_letters) + " dead letters\n";
  return text;
}

int check_printed(const AppRunOptions& options, std::uint64_t printed) {
  if (!options.expect_rows || printed >= *options.expect_rows) return exit_ok;
  print_error("expected " + std::to_string(*options.expect_rows) + " rows, printed " +
              std::to_string(printed) + "\n");
  return exit_no;
}

}  // namespace

int run_app(const AppRunOptions& options) {
  const auto text = options.text ? Result<std::string>(*options.text) : read_file(options.file);
  if (!text.ok()) return report(text.error());
  std::atomic<engine::Runner*> running{nullptr};
  std::atomic<int> signal_count{0};
  const engine::Signals signals([&](int) {
    ++signal_count;
    if (engine::Runner* runner = running) runner->request_stop();
  });
  const Machine machine(options.verbose ? LogLevel::debug : LogLevel::info,
                        options.json_log ? base::LogFormat::json : base::LogFormat::text);
  engine::Compiled compiled =
      engine::compile(*text, machine.registry(), {!options.state_dir.empty(), options.overrides});
  report(compiled.diagnostics, options.file, *text, false);
  if (!compiled.ok()) return exit_code(compiled.first_error());
  const auto format = ParamCodec<RowFormat>::parse(options.format);
  if (!format.ok()) {
    report(format.error());
    return exit_usage;
  }
  engine::RunOptions run_options{
      .state_dir = options.state_dir, .until_eof = options.until_eof, .dry_run = options.dry_run};
  if (options.shutdown_timeout) run_options.shutdown_timeout = *options.shutdown_timeout;
  auto made = engine::Runner::make(std::move(compiled.plan), machine.host(), run_options);
  if (!made.ok()) return report(made.error());
  engine::Runner& runner = **made;
  Printer printer(*format);
  if (auto added = add_printer(runner, printer, options.print); !added.ok())
    return report(added.error());
  print_error(options.state_dir.empty()
                  ? "state: memory (nothing survives a restart; --state DIR makes it durable)\n"
                  : "state: " + options.state_dir + "\n");
  running = &runner;
  if (auto started = runner.start(); !started.ok()) return report(started.error());
  if (signal_count == 0) watch(runner, options, machine.clock());
  const int status = finish(runner, signals, signal_count);
  running = nullptr;
  printer.end();
  print_error(summary(runner.status()));
  return status == exit_ok ? check_printed(options, printer.printed()) : status;
}

}  // namespace eventflux::cli
