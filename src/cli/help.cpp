#include "eventflux/version.hpp"

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

int help(const Arguments& arguments) {
  if (arguments.words.empty()) {
    print_data(help_text());
    return exit_ok;
  }
  for (const Command& command : commands()) {
    if (command.name != arguments.words[0]) continue;
    print_data(help_text(command));
    return exit_ok;
  }
  print_error("error: there is no command '" + arguments.words[0] + "'\nhelp: eventflux help\n");
  return exit_usage;
}

int print_version(const Arguments&) {
  print_data("eventflux " + std::string(version) + "\n");
  return exit_ok;
}

}  // namespace

Command help_command() {
  return {.name = "help",
          .group = "Help",
          .purpose = "shows this, or the help of one command",
          .words = "[COMMAND]",
          .words_max = 1,
          .run = help};
}

Command version_command() {
  return {
      .name = "version", .group = "Help", .purpose = "prints the version", .run = print_version};
}

}  // namespace eventflux::cli
