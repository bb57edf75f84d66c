#include "cli/app_run.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"

namespace eventflux::cli {
namespace {

int run(const Arguments& arguments) {
  AppRunOptions options;
  options.file = arguments.words[0];
  options.state_dir = arguments.get("state");
  options.until_eof = arguments.has("until-eof");
  options.dry_run = arguments.has("dry-run");
  options.print = arguments.all("print");
  options.verbose = arguments.has("verbose");
  options.json_log = arguments.get("log-format") == "json";
  options.format = arguments.get("format", output_is_terminal() ? "box" : "json");
  for (const auto& [name, member] :
       {std::pair{"for", &AppRunOptions::run_for},
        std::pair{"shutdown-timeout", &AppRunOptions::shutdown_timeout}}) {
    const auto length = arguments.duration(name);
    if (!length.ok()) return report_usage(length.error());
    options.*member = *length;
  }
  for (const std::string& change : arguments.all("set")) {
    const std::size_t equals = change.find('=');
    if (equals == std::string::npos) {
      print_error("error: --set takes path=value, found '" + change + "'\n");
      return exit_usage;
    }
    options.overrides.push_back({change.substr(0, equals), change.substr(equals + 1)});
  }
  return run_app(options);
}

}  // namespace

Command run_command() {
  return {
      .name = "run",
      .group = "Run",
      .purpose = "compiles a program and runs it until stopped",
      .words = "FILE",
      .words_min = 1,
      .words_max = 1,
      .options = {{"--state", "DIR", "keep state, cursors and dead letters here; survives a crash"},
                  {"--for", "DURATION", "stop after this time"},
                  {"--until-eof", "", "stop at end of file or at the first disconnect"},
                  {"--print", "STREAM", "print rows of a stream; may be repeated"},
                  {"--format", "box|json|csv|markdown|line|changelog|raw", "form of printed rows"},
                  {"--dry-run", "", "sinks count rows and do not write"},
                  {"--set", "PATH=VALUE", "override source.NAME.PARAM, sink.NAME.PARAM or app.KEY"},
                  {"--shutdown-timeout", "DURATION",
                   "longest drain after the first signal; default 30s"},
                  {"--log-format", "text|json", "form of the log on standard error"},
                  {"-v,--verbose", "", "also log debug lines"}},
      .examples = {"eventflux run queries/trades.efql --state state",
                   "eventflux run queries/trades.efql --print bars --for 1m"},
      .answers_signals = true,
      .run = run};
}

}  // namespace eventflux::cli
