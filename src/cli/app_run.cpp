#include "cli/app_run.hpp"

#include <map>

#include "cli/exit_code.hpp"
#include "cli/printer.hpp"
#include "cli/requests.hpp"
#include "cli/status_line.hpp"
#include "cli/talk.hpp"
#include "cli/terminal.hpp"
#include "engine/compatibility.hpp"

namespace eventflux::cli {
namespace {

std::string counted(std::uint64_t rows, std::string_view what) {
  return rows == 0 ? std::string() : ", " + std::to_string(rows) + " " + std::string(what);
}

std::string summary(const engine::RunStatus& status) {
  std::map<std::string_view, std::uint64_t> dropped;
  for (const engine::OperatorStatus& node : status.nodes)
    for (const auto& [reason, rows] : node.dropped)
      dropped[reason] += rows;
  std::uint64_t rejected = 0;
  std::string text = "stopped:";
  for (const engine::SourceStatus& source : status.sources) {
    rejected += source.rejected;
    text += " " + source.name + " " + std::to_string(source.rows) + " rows" +
            (source.unmatched != 0 ? ", " + std::to_string(source.unmatched) + " unmatched" : "") +
            (source.network ? ", " + std::to_string(source.reconnects) + " reconnects" : "") +
            (source.gaps != 0 ? ", " + std::to_string(source.gaps) + " gaps" : "") + ",";
  }
  text += " " + std::to_string(dropped["duplicate"]) + " duplicates removed, " +
          std::to_string(status.dead_letters) + " dead letters";
  return text + counted(rejected, "rejected") + counted(dropped["late"], "late") +
         counted(dropped["ahead"], "too far ahead") + counted(dropped["failed"], "failed");
}

/// Runs a program, and the one that takes its place when it is reloaded.
class AppRun {
 public:
  explicit AppRun(const AppRunOptions& options)
      : options_(options),
        system_host_(options.verbose ? LogLevel::debug : LogLevel::info,
                     options.json_log ? base::LogFormat::json : base::LogFormat::text),
        talk_(system_host_.log(), options.json_log) {}

  ~AppRun() { requests_.serve(nullptr); }

  AppRun(const AppRun&) = delete;
  AppRun& operator=(const AppRun&) = delete;

  int run();

 private:
  Result<std::string> read_text() const;
  engine::Compiled compile(const std::string& text) const;
  int prepare(const std::string& text, RowFormat format);
  Result<void> start(plan::Plan plan, RowFormat format);
  int report_failed(const engine::Compiled& compiled, const std::string& text) const;
  bool watch();
  bool reload();
  Result<void> stop();
  int finish();

  const AppRunOptions& options_;
  Requests requests_;
  SystemHost system_host_;
  Talk talk_;
  std::string text_;
  std::optional<plan::Plan> next_;  ///< What a reload found, to run after this one.
  std::string next_text_;
  std::optional<Printer> printer_;
  std::unique_ptr<engine::AppRuntime> app_runtime_;
  Timestamp end_ = Timestamp::max();
};

Result<std::string> AppRun::read_text() const {
  if (options_.text) return *options_.text;
  return read_file(options_.file);
}

engine::Compiled AppRun::compile(const std::string& text) const {
  return engine::compile(text, system_host_.registry(),
                         {.durable = !options_.state_dir.empty(),
                          .overrides = options_.overrides,
                          .file = options_.file,
                          .variables = system_host_.host().variables});
}

int AppRun::report_failed(const engine::Compiled& compiled, const std::string& text) const {
  talk_.diagnostics(compiled.diagnostics, options_.file, text);
  return compiled.bad_override ? exit_configuration : exit_code(compiled.first_error());
}

Result<void> AppRun::start(plan::Plan plan, RowFormat format) {
  engine::RunOptions run_options{.state_dir = options_.state_dir,
                                 .until_eof = options_.until_eof,
                                 .sources_only = true,
                                 .dry_run = options_.dry_run};
  if (options_.shutdown_timeout) run_options.shutdown_timeout = *options_.shutdown_timeout;
  EF_TRY(app_runtime_, engine::AppRuntime::make(std::move(plan), system_host_.host(), run_options));
  printer_.emplace(format, *system_host_.host().out);
  EF_CHECK(printer_->listen(*app_runtime_, options_.print));
  requests_.serve(app_runtime_.get());
  return app_runtime_->start();
}

int AppRun::prepare(const std::string& text, RowFormat format) {
  engine::Compiled compiled = compile(text);
  if (!compiled.ok()) return report_failed(compiled, text);
  talk_.diagnostics(compiled.diagnostics, options_.file, text);
  if (requests_.stopping()) return exit_ok;  // Before anything stood: nothing has to be undone.
  talk_.lines(options_.state_dir.empty()
                  ? "state: memory (nothing survives a restart; --state DIR makes it durable)"
                  : "state: " + options_.state_dir);
  text_ = text;
  const auto started = start(std::move(compiled.plan), format);
  return started.ok() ? exit_ok : talk_.error(started.error());
}

/// Waits until the app ends, its time is over or somebody wants it to stop. Returns whether another
/// program is to take its place.
bool AppRun::watch() {
  struct Woken final : StopSignal {
    explicit Woken(const AppRun& of) : app(of) {}

    bool stopping() const noexcept override {
      return app.app_runtime_->finished() || app.requests_.stopping() ||
             app.requests_.reload_waits() || app.requests_.report_waits() || output_closed();
    }

    const AppRun& app;
  };

  Clock& clock = system_host_.clock();
  const Woken woken(*this);
  StatusLine line(*app_runtime_, clock, talk_, !options_.state_dir.empty(),
                  [this] { return printer_->printed_only(); });
  bool replace = false;
  while (!replace && clock.steady() < end_) {
    if (requests_.take_report()) talk_.lines(why_text(app_runtime_->status()));
    if (requests_.take_reload()) replace = reload();
    if (woken.stopping() && !requests_.reload_waits() && !requests_.report_waits()) break;
    clock.wait_until(std::min(clock.steady() + std::chrono::milliseconds(250), end_), woken);
    line.update();
  }
  line.clear();
  return replace;
}

/// Looks at the file again. Secrets and certificates are read with every connection; the program is
/// replaced when it differs and its stored state goes on. Returns whether it is to be.
bool AppRun::reload() {
  const auto refuse = [this](const std::string& why) {
    talk_.lines("reload: " + why + "; the app keeps running", LogLevel::warn);
    return false;
  };
  const auto text = read_text();
  if (!text.ok()) return refuse(to_text(text.error()));
  engine::Compiled compiled = compile(*text);
  if (!compiled.ok()) {
    report_failed(compiled, *text);
    return refuse("the program does not compile");
  }
  if (*text == text_) {
    talk_.lines("reload: unchanged; secrets are read again with the next connection");
    return false;
  }
  const plan::Plan& now = app_runtime_->dataflow().plan();
  if (compiled.plan.app.options.name != now.app.options.name)
    return refuse("incompatible: the name in @app has changed, which names the stored state");
  if (auto same = engine::check_compatible(compiled.plan, engine::plan_parts(now)); !same.ok())
    return refuse("incompatible: " + to_text(same.error()));
  if (options_.state_dir.empty())
    return refuse("the program has changed, and its state is in memory: restart it");
  talk_.lines("reload: compatible; the new program goes on from the next checkpoint");
  next_ = std::move(compiled.plan);
  next_text_ = *text;
  return true;
}

Result<void> AppRun::stop() {
  if (requests_.stopping())
    talk_.lines("stopping: what was taken is still written; a second signal gives that up");
  auto outcome = app_runtime_->stop();
  printer_->end();
  talk_.lines(summary(app_runtime_->status()));
  requests_.serve(nullptr);
  return outcome;
}

int AppRun::finish() {
  const auto outcome = stop();
  if (requests_.forced()) return requests_.forced_status();
  if (!outcome.ok()) return talk_.error(outcome.error());
  if (!options_.expect_rows || printer_->printed() >= *options_.expect_rows) return exit_ok;
  talk_.lines("expected " + std::to_string(*options_.expect_rows) + " rows, printed " +
                  std::to_string(printer_->printed()),
              LogLevel::error);
  return exit_no;
}

int AppRun::run() {
  const auto text = read_text();
  if (!text.ok()) return talk_.error(text.error());
  const auto format = ParamCodec<RowFormat>::parse(options_.format);
  if (!format.ok()) {
    talk_.error(format.error());
    return exit_usage;
  }
  if (const int status = prepare(*text, *format); status != exit_ok || app_runtime_ == nullptr)
    return status;
  if (options_.run_for) end_ = system_host_.clock().steady() + *options_.run_for;
  while (watch()) {
    if (const auto stopped = stop(); !stopped.ok() || requests_.stopping())
      return stopped.ok() ? exit_ok : talk_.error(stopped.error());
    app_runtime_.reset();
    auto started = start(*std::exchange(next_, std::nullopt), *format);
    if (started.ok()) {
      text_ = next_text_;
      continue;
    }
    // What only a start can find: the program that ran before goes on.
    talk_.error(started.error());
    requests_.serve(nullptr);
    app_runtime_.reset();
    if (const int status = prepare(std::string(text_), *format);
        status != exit_ok || app_runtime_ == nullptr)
      return status;
  }
  return finish();
}

}  // namespace

int run_app(const AppRunOptions& options) {
  return AppRun(options).run();
}

}  // namespace eventflux::cli
