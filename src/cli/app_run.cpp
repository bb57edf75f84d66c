#include "cli/app_run.hpp"

#include <map>

#include "cli/exit_code.hpp"
#include "cli/printer.hpp"
#include "cli/requests.hpp"
#include "cli/status_line.hpp"
#include "cli/talk.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

std::string counted(std::uint64_t rows, std::string_view what) {
  return rows == 0 ? std::string() : ", " + std::to_string(rows) + " " + std::string(what);
}

std::string summary(const AppStatus& status) {
  std::map<std::string_view, std::uint64_t> dropped;
  for (const OperatorStatus& op : status.operators)
    for (const auto& [reason, rows] : op.dropped)
      dropped[reason] += rows;
  std::uint64_t rejected = 0;
  std::string text = "stopped:";
  for (const SourceStatus& source : status.sources) {
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
        host_(options.state_dir, options.verbose ? LogLevel::debug : LogLevel::info,
              options.json_log ? base::LogFormat::json : base::LogFormat::text),
        talk_(host_.log(), options.json_log) {}

  ~AppRun() { requests_.serve(nullptr); }

  AppRun(const AppRun&) = delete;
  AppRun& operator=(const AppRun&) = delete;

  int run();

 private:
  Result<std::string> read_text() const;
  Program compile(const std::string& text) const;
  int prepare(const std::string& text, RowFormat format);
  Result<void> start(const Program& program, RowFormat format);
  int report_failed(const Program& program) const;
  bool watch();
  bool reload();
  Result<void> stop();
  int finish();

  const AppRunOptions& options_;
  Requests requests_;
  Host host_;
  Talk talk_;
  std::string text_;
  std::optional<Program> next_;  ///< What a reload found, to run after this one.
  std::string next_text_;
  std::optional<Printer> printer_;
  std::optional<App> app_;
  Timestamp end_ = Timestamp::max();
};

Result<std::string> AppRun::read_text() const {
  if (options_.text) return *options_.text;
  return read_file(options_.file);
}

Program AppRun::compile(const std::string& text) const {
  ProgramOptions options = program_options(options_.file);
  options.overrides = options_.overrides;
  return host_.engine().compile(text, options);
}

int AppRun::report_failed(const Program& program) const {
  talk_.diagnostics(program);
  return program.has_bad_override() ? exit_configuration : exit_code(program.error());
}

Result<void> AppRun::start(const Program& program, RowFormat format) {
  EF_TRY(app_, host_.engine().load(program, {.until_eof = options_.until_eof,
                                             .sources_only = true,
                                             .dry_run = options_.dry_run}));
  printer_.emplace(format, host_.out());
  EF_CHECK(printer_->listen(program, *app_, options_.print));
  requests_.serve(&*app_);
  return app_->start();
}

int AppRun::prepare(const std::string& text, RowFormat format) {
  const Program program = compile(text);
  if (!program.ok()) return report_failed(program);
  talk_.diagnostics(program);
  if (requests_.stopping()) return exit_ok;  // Before anything stood: nothing has to be undone.
  talk_.lines(options_.state_dir.empty()
                  ? "state: memory (nothing survives a restart; --state DIR makes it durable)"
                  : "state: " + options_.state_dir);
  text_ = text;
  const auto started = start(program, format);
  return started.ok() ? exit_ok : talk_.error(started.error());
}

/// Waits until the app ends, its time is over or somebody wants it to stop. Returns whether another
/// program is to take its place.
bool AppRun::watch() {
  struct Woken final : StopSignal {
    explicit Woken(const AppRun& of) : app(of) {}

    bool stopping() const noexcept override {
      return app.app_->finished() || app.requests_.stopping() || app.requests_.reload_waits() ||
             app.requests_.report_waits() || output_closed();
    }

    const AppRun& app;
  };

  Clock& clock = host_.clock();
  const Woken woken(*this);
  StatusLine line(*app_, clock, talk_, !options_.state_dir.empty(),
                  [this] { return printer_->printed_only(); });
  bool replace = false;
  while (!replace && clock.steady() < end_) {
    if (requests_.take_report()) talk_.lines(why_text(app_->status()));
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
  Program program = compile(*text);
  if (!program.ok()) {
    report_failed(program);
    return refuse("the program does not compile");
  }
  if (*text == text_) {
    talk_.lines("reload: unchanged; secrets are read again with the next connection");
    return false;
  }
  if (auto same = app_->check_replacement(program); !same.ok())
    return refuse("incompatible: " + to_text(same.error()));
  if (options_.state_dir.empty())
    return refuse("the program has changed, and its state is in memory: restart it");
  talk_.lines("reload: compatible; the new program goes on from the next checkpoint");
  next_ = std::move(program);
  next_text_ = *text;
  return true;
}

Result<void> AppRun::stop() {
  if (requests_.stopping())
    talk_.lines("stopping: what was taken is still written; a second signal gives that up");
  auto outcome = options_.shutdown_timeout ? app_->stop(*options_.shutdown_timeout) : app_->stop();
  printer_->end();
  talk_.lines(summary(app_->status()));
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
  if (const int status = prepare(*text, *format); status != exit_ok || !app_) return status;
  if (options_.run_for) end_ = host_.clock().steady() + *options_.run_for;
  while (watch()) {
    if (const auto stopped = stop(); !stopped.ok() || requests_.stopping())
      return stopped.ok() ? exit_ok : talk_.error(stopped.error());
    app_.reset();
    auto started = start(*std::exchange(next_, std::nullopt), *format);
    if (started.ok()) {
      text_ = next_text_;
      continue;
    }
    // What only a start can find: the program that ran before goes on.
    talk_.error(started.error());
    requests_.serve(nullptr);
    app_.reset();
    if (const int status = prepare(std::string(text_), *format); status != exit_ok || !app_)
      return status;
  }
  return finish();
}

}  // namespace

int run_app(const AppRunOptions& options) {
  return AppRun(options).run();
}

}  // namespace eventflux::cli
