#include "eventflux/state_directory.hpp"

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

int run(const Arguments& arguments) {
  const std::string& verb = arguments.words[0];
  if (verb != "ls") {
    print_error("error: there is no 'gaps " + verb + "'\nhelp: gaps ls\n");
    return exit_usage;
  }
  const auto gaps = StateDirectory(arguments.get("state", "state"), arguments.get("app")).gaps();
  if (!gaps.ok()) return report(gaps.error());
  const bool json = arguments.has("json");
  for (const StoredRecord& gap : *gaps)
    print_data((json ? gap.json : gap.line) + "\n");
  if (!json) print_error(std::to_string(gaps->size()) + " gaps\n");
  return exit_ok;
}

}  // namespace

Command gaps_command() {
  return {.name = "gaps",
          .group = "Durable",
          .purpose = "lists the stretches of input that are known to be lost",
          .words = "ls",
          .words_min = 1,
          .words_max = 1,
          .options = {{"--state", "DIR", "state directory of the run; default 'state'"},
                      {"--app", "NAME", "when the directory holds several apps"},
                      {"--json", "", "one JSON object per gap"}},
          .examples = {"eventflux gaps ls --state state"},
          .run = run};
}

}  // namespace eventflux::cli
