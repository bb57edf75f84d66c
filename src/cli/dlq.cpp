#include "eventflux/params.hpp"
#include "eventflux/state_directory.hpp"

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

int show_one(const std::vector<StoredRecord>& letters, const std::string& id) {
  for (const StoredRecord& letter : letters) {
    if (letter.id != id) continue;
    print_data(letter.json + "\n");
    return exit_ok;
  }
  return report({Code::unknown_target, "there is no dead letter '" + id + "'", "eventflux dlq ls"});
}

StateDirectory state_directory(const Arguments& arguments) {
  return StateDirectory(arguments.get("state", "state"), arguments.get("app"));
}

int purge(const Arguments& arguments) {
  const std::vector<std::string> ids(arguments.words.begin() + 1, arguments.words.end());
  if (ids.empty() != arguments.has("all")) {
    print_error("error: dlq purge takes ids, or --all\nhelp: eventflux dlq ls shows the ids\n");
    return exit_usage;
  }
  const auto purged = state_directory(arguments).purge_dead_letters(ids);
  if (!purged.ok()) return report(purged.error());
  if (*purged < ids.size()) {
    return report({Code::unknown_target,
                   "only " + std::to_string(*purged) + " of " + std::to_string(ids.size()) +
                       " ids were found; those are purged",
                   "eventflux dlq ls"});
  }
  print_error(std::to_string(*purged) + " dead letters purged\n");
  return exit_ok;
}

int run(const Arguments& arguments) {
  const std::string& verb = arguments.words[0];
  if (verb == "purge") return purge(arguments);
  if (verb != "ls" && verb != "show") {
    print_error("error: there is no 'dlq " + verb + "'\nhelp: dlq ls, dlq show ID, dlq purge ID\n");
    return exit_usage;
  }
  if (arguments.words.size() > 2) {
    print_error("error: dlq " + verb + " takes one id\n");
    return exit_usage;
  }
  const auto limit = arguments.number("limit");
  if (!limit.ok()) return report_usage(limit.error());
  const bool one = verb == "show" && arguments.words.size() > 1;
  const auto letters = state_directory(arguments).dead_letters(
      one ? SIZE_MAX : static_cast<std::size_t>(limit->value_or(1000)));
  if (!letters.ok()) return report(letters.error());
  if (one) return show_one(*letters, arguments.words[1]);
  const bool table = verb == "ls" && !arguments.has("json");
  for (const StoredRecord& letter : *letters)
    print_data(table ? letter.id + "  " + letter.line + "\n" : letter.json + "\n");
  if (table) print_error(std::to_string(letters->size()) + " dead letters\n");
  return exit_ok;
}

}  // namespace

Command dlq_command() {
  return {.name = "dlq",
          .group = "Durable",
          .purpose = "lists, shows and purges dead letters",
          .words = "ls | show [ID] | purge ID… | purge --all",
          .words_min = 1,
          .words_max = 1000,
          .options = {{"--state", "DIR", "state directory of the run; default 'state'"},
                      {"--app", "NAME", "when the directory holds several apps"},
                      {"--limit", "N", "maximum number; default 1000"},
                      {"--all", "", "purge: every one of them"},
                      {"--json", "", "one JSON object per dead letter"}},
          .examples = {"eventflux dlq ls --state state", "eventflux dlq show --state state --json",
                       "eventflux dlq purge --state state --all"},
          .run = run};
}

}  // namespace eventflux::cli
