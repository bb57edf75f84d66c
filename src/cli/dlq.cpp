#include <filesystem>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"
#include "runtime/state/checkpoint_store.hpp"

namespace eventflux::cli {
namespace {

/// Finds the store of an app below a state directory; without a name there must be only one.
Result<std::string> store_directory(const std::string& state, const std::string& app) {
  if (!app.empty()) return state + "/" + app;
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(state, ignored))
    if (std::filesystem::exists(entry.path() / "store.mdb")) found.push_back(entry.path().string());
  if (found.size() == 1) return found[0];
  return Error{
      Code::unknown_target,
      found.empty() ? "no store below '" + state + "'" : "several apps below '" + state + "'",
      found.empty() ? "give the directory that `run --state` used" : "name one with --app"};
}

void print_table(const std::vector<runtime::StoredDeadLetter>& letters) {
  for (const runtime::StoredDeadLetter& stored : letters) {
    const runtime::DeadLetter& letter = stored.letter;
    const std::string sample = letter.payload_length != 0 ? letter.payload : letter.row;
    print_data(stored.id + "  " + to_text(letter.time) + "  " + code_text(letter.code) + "  " +
               letter.source + (letter.resource.empty() ? "" : "/" + letter.resource) + "  " +
               std::string(stage_name(letter.stage)) + "  " + letter.reason + "\n");
  }
  print_error(std::to_string(letters.size()) + " dead letters\n");
}

int run(const Arguments& arguments) {
  const std::string& verb = arguments.words[0];
  if (verb != "ls" && verb != "show") {
    print_error("error: there is no 'dlq " + verb + "'\nhelp: dlq ls or dlq show ID\n");
    return exit_usage;
  }
  const auto directory = store_directory(arguments.get("state", "state"), arguments.get("app"));
  if (!directory.ok()) return report(directory.error());
  const auto store = runtime::open_lmdb_store({.directory = *directory, .read_only = true});
  if (!store.ok()) return report(store.error());
  std::size_t limit = 1000;
  if (arguments.has("limit")) {
    const auto number = parse_integer(arguments.get("limit"));
    if (!number.ok()) {
      report(number.error());
      return exit_usage;
    }
    limit = static_cast<std::size_t>(*number);
  }
  const bool one = verb == "show" && arguments.words.size() > 1;
  const auto letters = (*store)->dead_letters(one ? SIZE_MAX : limit);
  if (!letters.ok()) return report(letters.error());
  if (verb == "ls" && !arguments.has("json")) {
    print_table(*letters);
    return exit_ok;
  }
  bool found = false;
  for (const runtime::StoredDeadLetter& stored : *letters) {
    if (one && stored.id != arguments.words[1]) continue;
    found = true;
    print_data(dead_letter_json(stored.letter, stored.id) + "\n");
  }
  if (one && !found)
    return report({Code::unknown_target, "there is no dead letter '" + arguments.words[1] + "'",
                   "eventflux dlq ls"});
  return exit_ok;
}

}  // namespace

Command dlq_command() {
  return {.name = "dlq",
          .group = "Durable",
          .purpose = "lists and shows dead letters",
          .words = "ls | show [ID]",
          .words_min = 1,
          .words_max = 2,
          .options = {{"--state", "DIR", "state directory of the run; default 'state'"},
                      {"--app", "NAME", "when the directory holds several apps"},
                      {"--limit", "N", "at most so many; default 1000"},
                      {"--json", "", "one JSON object per letter"}},
          .examples = {"eventflux dlq ls --state state",
                       "eventflux dlq show 000649f1a2b3c4d50000000100000000"},
          .run = run};
}

}  // namespace eventflux::cli
