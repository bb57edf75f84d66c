#include "cli/command_line.hpp"

#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>

#include "base/fail_point.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/signals.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

constexpr std::size_t words_most = 100'000;  // How many a command takes is told in its own words.

std::string long_name(const Option& option) {
  const std::size_t dashes = option.name.rfind("--");
  return option.name.substr(dashes + 2);
}

void declare(CLI::App& app, const Command& command, Arguments& arguments) {
  CLI::App* sub = app.add_subcommand(command.name, command.purpose);
  sub->set_help_flag();
  sub->add_flag_callback("-h,--help", [&arguments] { arguments.options["help"]; });
  for (const Option& option : command.options) {
    const std::string name = long_name(option);
    const auto note = [&arguments, name] { arguments.options[name]; };
    if (option.value.empty()) {
      sub->add_flag_callback(option.name, note);
      continue;
    }
    const auto keep = [&arguments, name](const std::vector<std::string>& values) {
      arguments.options[name] = values;
    };
    auto* added = sub->add_option_function<std::vector<std::string>>(option.name, keep);
    added->take_all()->allow_extra_args(false);
    if (option.optional_value) added->expected(0, 1);
  }
  if (command.words_max != 0)
    sub->add_option("words", arguments.words)->expected(0, static_cast<int>(words_most));
  sub->allow_extras(false);
}

int usage(const std::string& message, const std::string& help) {
  print_error("error: " + message + "\n");
  if (!help.empty()) print_error("help: " + help + "\n");
  return exit_usage;
}

int unknown_command(const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : commands())
    names.push_back(command.name);
  const auto near = base::closest_match(word, names);
  return usage("there is no command '" + word + "'",
               near ? "did you mean '" + *near + "'?" : "eventflux help lists them all");
}

/// Returns what an option lists as its values; empty: it takes any.
std::vector<std::string> choices_of(const Option& option) {
  std::vector<std::string> choices;
  if (option.value.find('|') == std::string::npos) return choices;
  for (const std::string_view choice : base::split(option.value, '|'))
    choices.emplace_back(choice);
  return choices;
}

Result<void> check_values(const Command& command, const Arguments& arguments) {
  for (const Option& option : command.options) {
    const std::vector<std::string> choices = choices_of(option);
    for (const std::string& value : arguments.all(long_name(option))) {
      if (value.empty()) {
        return Error{Code::invalid_value, "--" + long_name(option) + " is empty",
                     "it takes " + option.value};
      }
      if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end())
        continue;
      return Error{Code::invalid_value, "--" + long_name(option) + " does not take '" + value + "'",
                   "one of " + base::join(choices, ", ")};
    }
  }
  return {};
}

/// A result that nobody could read has not been given.
int written(int status) {
  const auto failed = output_failure();
  if (failed.ok()) return status;
  const int failure = report(failed.error());
  return status == exit_ok || status == exit_no ? failure : status;
}

int run_one(const Command& command, const Arguments& arguments) {
  if (arguments.has("help")) {
    print_data(help_text(command));
    return exit_ok;
  }
  if (arguments.words.size() < command.words_min) {
    return usage("eventflux " + command.name + " needs " + command.words,
                 "eventflux help " + command.name);
  }
  if (arguments.words.size() > command.words_max) {
    return usage("eventflux " + command.name +
                     (command.words_max == 0 ? " takes no words" : " takes " + command.words) +
                     ", found '" + arguments.words[command.words_max] + "' too",
                 "eventflux help " + command.name);
  }
  if (const auto checked = check_values(command, arguments); !checked.ok())
    return usage(checked.error().message, checked.error().help);
  if (!command.answers_signals) unblock_signals();
  return command.run(arguments);
}

/// Returns the first word that is an option nobody declared.
std::optional<std::string> unknown_option(const Command& command,
                                          const std::vector<std::string>& words) {
  std::vector<std::string> names{"--help", "-h"};
  for (const Option& option : command.options)
    for (const std::string_view name : base::split(option.name, ','))
      names.emplace_back(name);
  for (const std::string& word : words) {
    if (word == "--") return std::nullopt;
    if (word.size() < 2 || word[0] != '-' || (word[1] >= '0' && word[1] <= '9')) continue;
    const std::string name = word.substr(0, word.find('='));
    if (std::find(names.begin(), names.end(), name) == names.end()) return name;
  }
  return std::nullopt;
}

/// Returns the first flag that was given a value, as in --until-eof=3.
std::optional<std::string> flag_with_value(const Command& command,
                                           const std::vector<std::string>& words) {
  for (const Option& option : command.options) {
    const std::string name = "--" + long_name(option);
    const auto has_value = [&](const std::string& word) { return word.starts_with(name + "="); };
    if (option.value.empty() && std::any_of(words.begin(), words.end(), has_value)) return name;
  }
  return std::nullopt;
}

/// Says in plain words what the option library found.
int usage_of(const CLI::ParseError& error, const Command& command,
             const std::vector<std::string>& words) {
  const std::string help = "eventflux help " + command.name;
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    const auto unknown = unknown_option(command, words);
    if (!unknown) return usage("eventflux " + command.name + " takes no words", help);
    std::vector<std::string> names;
    for (const Option& option : command.options)
      names.push_back("--" + long_name(option));
    const auto near = base::closest_match(*unknown, names);
    return usage("eventflux " + command.name + " has no option '" + *unknown + "'",
                 near ? "did you mean '" + *near + "'?" : help);
  }
  for (const Option& option : command.options) {
    const std::string name = "--" + long_name(option);
    if (std::string_view(error.what()).find(name) == std::string_view::npos) continue;
    if (!option.value.empty()) return usage(name + " needs a value: " + option.value, help);
    return usage(name + " takes no value", help);
  }
  return usage("the options of eventflux " + command.name + " cannot be read", help);
}

int parse_and_run(const Command& command, std::vector<std::string> words) {
  CLI::App app("eventflux");
  app.require_subcommand(0, 1);  // A later word may be the name of a command, as a folder is.
  app.set_help_flag();
  Arguments arguments;
  declare(app, command, arguments);
  if (const auto flag = flag_with_value(command, words))
    return usage(*flag + " takes no value", "eventflux help " + command.name);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 takes them
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    words.erase(words.begin());
    return usage_of(error, command, words);
  }
  return run_one(command, arguments);
}

}  // namespace

std::span<const Command> commands() {
  static const std::vector<Command> all{
      run_command(),        check_command(),      fmt_command(),  explain_command(), test_command(),
      replay_command(),     sim_command(),        demo_command(), dlq_command(),     gaps_command(),
      extensions_command(), completion_command(), help_command(), version_command()};
  return all;
}

std::string help_text() {
  std::string text =
      "eventflux: streaming SQL in one binary\n\n"
      "usage: eventflux COMMAND [OPTIONS]      eventflux FILE.efql runs a program\n\n"
      "  eventflux demo                          a market simulator, a query, rows in 13 seconds\n"
      "  eventflux run trades.efql --state DIR   runs a program; state survives a crash\n"
      "  eventflux test queries                  runs golden tests on virtual time\n";
  for (const char* group : {"Develop", "Run", "Durable", "Extend", "Help"}) {
    text += "\n" + std::string(group) + "\n";
    for (const Command& command : commands()) {
      if (command.group != group) continue;
      std::string name = "  " + command.name;
      name.resize(14, ' ');
      text += name + command.purpose + "\n";
    }
  }
  return text + "\neventflux help COMMAND | eventflux explain EFxxxx\n";
}

std::string help_text(const Command& command) {
  std::string text =
      "eventflux " + command.name + ": " + command.purpose + "\n\nusage: eventflux " + command.name;
  if (!command.words.empty()) text += " " + command.words;
  if (!command.options.empty()) text += " [OPTIONS]";
  text += "\n";
  if (!command.options.empty()) text += "\n";
  for (const Option& option : command.options) {
    std::string name = "  " + option.name +
                       (option.value.empty() ? ""
                                             : (option.optional_value ? "[=" + option.value + "]"
                                                                      : " " + option.value));
    name.resize(std::max<std::size_t>(name.size() + 2, 28), ' ');
    text += name + option.text + "\n";
  }
  if (!command.examples.empty()) text += "\nexamples\n";
  for (const std::string& example : command.examples)
    text += "  " + example + "\n";
  return text;
}

namespace {

int run_words(std::vector<std::string> words) {
  if (!base::arm_fail_point_from_environment())
    return usage("EVENTFLUX_FAIL does not name a fail point", {});
  if (words.empty() || words[0] == "-h" || words[0] == "--help") {
    print_data(help_text());
    return words.empty() ? exit_usage : exit_ok;
  }
  if (words[0] == "--version") words[0] = "version";
  if (words[0].ends_with(".efql")) words.insert(words.begin(), "run");
  for (const Command& command : commands())
    if (command.name == words[0]) return parse_and_run(command, std::move(words));
  return unknown_command(words[0]);
}

}  // namespace

int run_command_line(int count, char** arguments) {
  return written(run_words({arguments + 1, arguments + count}));
}

}  // namespace eventflux::cli
