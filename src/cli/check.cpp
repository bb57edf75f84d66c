#include <algorithm>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/terminal.hpp"

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
int connect(const Program& program) {
  int status = exit_ok;
  for (const Reached& reached : program.reach())
    status = std::max(status, report_reached(reached.what, reached.type, reached.outcome));
  return status;
}

int check_file(const std::string& file, const Arguments& arguments, const Engine& engine) {
  const auto text = read_file(file);
  if (!text.ok()) return report(text.error());
  const Program program = engine.compile(*text, program_options(file));
  report(program.diagnostics(), arguments.has("json"));
  if (!program.ok()) return exit_code(program.error());
  if (arguments.has("deny-warnings") && !program.diagnostics().empty()) return exit_no;
  if (!arguments.has("json")) print_error(file + ": ok\n");
  return arguments.has("connect") ? connect(program) : exit_ok;
}

int run(const Arguments& arguments) {
  const Host host(arguments.get("state"));
  int status = exit_ok;
  for (const std::string& word : arguments.words) {
    const std::vector<std::string> files = program_files(word);
    if (files.empty())
      return report_usage({Code::unknown_target, "there is no .efql file below '" + word + "'"});
    for (const std::string& file : files)
      status = std::max(status, check_file(file, arguments, host.engine()));
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
