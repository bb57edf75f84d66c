#include <algorithm>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/terminal.hpp"
#include "engine/compile.hpp"

namespace eventflux::cli {
namespace {

std::vector<std::string> program_files(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.path().extension() == ".efql") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

/// Says whether a source or sink was reached, and returns the exit status for it. `what` is "source
/// name".
int report_reached(const std::string& what, const std::string& extension,
                   const Result<void>& reached) {
  if (reached.ok()) {
    print_error(what + ": ok\n");
    return exit_ok;
  }
  if (reached.error().code != Code::not_supported_yet) return report(reached.error());
  print_error(what + ": not checked, '" + extension + "' has nothing to connect to\n");
  return exit_ok;
}

/// Reaches every source and sink as its run would.
int connect(const plan::Plan& plan, const SystemHost& host) {
  int status = exit_ok;
  for (const semantic::Source& source : plan.app.sources) {
    Context context = host.context(source.name);
    auto params = model::resolve_variables(source.params, host.host().variables);
    if (!params.ok()) return report(params.error());
    auto payloads = host.payload_rules(source);
    if (!payloads.ok()) return report(payloads.error());
    context.payloads = payloads->get();
    auto made = source.entry->make(*params, context);
    const Result<void> reached = made.ok() ? (*made)->probe() : Result<void>(made.error());
    status = std::max(status, report_reached("source " + source.name, source.entry->name, reached));
  }
  for (const semantic::Sink& sink : plan.app.sinks) {
    Context context = host.context(sink.name);
    auto params = model::resolve_variables(sink.params, host.host().variables);
    if (!params.ok()) return report(params.error());
    auto made = sink.entry->make(*params, context);
    const Result<void> reached = made.ok() ? (*made)->probe() : Result<void>(made.error());
    status = std::max(status, report_reached("sink " + sink.name, sink.entry->name, reached));
  }
  return status;
}

int check_file(const std::string& file, const Arguments& arguments, const SystemHost& host) {
  const auto text = read_file(file);
  if (!text.ok()) return report(text.error());
  const engine::Compiled compiled =
      engine::compile(*text, host.registry(),
                      {.durable = arguments.has("state"), .variables = host.host().variables});
  report(compiled.diagnostics, file, *text, arguments.has("json"));
  if (!compiled.ok()) return exit_code(compiled.first_error());
  if (arguments.has("deny-warnings") && !compiled.diagnostics.empty()) return exit_no;
  if (!arguments.has("json")) print_error(file + ": ok\n");
  return arguments.has("connect") ? connect(compiled.plan, host) : exit_ok;
}

int run(const Arguments& arguments) {
  const SystemHost system_host;
  int status = exit_ok;
  for (const std::string& word : arguments.words) {
    const std::vector<std::string> files = program_files(word);
    if (files.empty())
      return report_usage({Code::unknown_target, "there is no .efql file below '" + word + "'"});
    for (const std::string& file : files)
      status = std::max(status, check_file(file, arguments, system_host));
  }
  return status;
}

}  // namespace

Command check_command() {
  return {
      .name = "check",
      .group = "Develop",
      .purpose = "finds mistakes in programs without running them",
      .words = "FILE|DIR…",
      .words_min = 1,
      .words_max = 1000,
      .options = {{"--connect", "",
                   "also reach every source and sink: connect, log in, subscribe, leave"},
                  {"--state", "DIR", "check it as if it ran with this state directory"},
                  {"--deny-warnings", "", "exit 1 when there are warnings"},
                  {"--json", "", "one JSON object per finding on standard output"}},
      .examples = {"eventflux check queries/trades.efql", "eventflux check --state state queries"},
      .run = run};
}

}  // namespace eventflux::cli
