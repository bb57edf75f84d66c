#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include "base/fail_point.hpp"
#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

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
    sub->add_option("words", arguments.words)->expected(0, static_cast<int>(command.words_max));
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
  const auto near = base::nearest(word, names);
  return usage("there is no command '" + word + "'",
               near ? "did you mean '" + *near + "'?" : "eventflux help lists them all");
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
  return command.run(arguments);
}

int parse_and_run(std::vector<std::string> words) {
  CLI::App app("eventflux");
  app.require_subcommand(0, 1);  // A later word may be the name of a command, as a folder is.
  app.set_help_flag();
  std::map<std::string, Arguments> arguments;
  for (const Command& command : commands())
    declare(app, command, arguments[command.name]);
  std::reverse(words.begin(), words.end());  // The order in which CLI11 takes them.
  const std::string first = words.back();
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return usage(
        base::lower(std::string(error.what()).substr(0, 1)) + std::string(error.what()).substr(1),
        "eventflux help " + first);
  }
  for (const Command& command : commands())
    if (app.got_subcommand(command.name)) return run_one(command, arguments[command.name]);
  return exit_usage;
}

}  // namespace

std::string Arguments::get(const std::string& name, const std::string& fallback) const {
  const auto found = options.find(name);
  return found == options.end() || found->second.empty() ? fallback : found->second.back();
}

std::vector<std::string> Arguments::all(const std::string& name) const {
  const auto found = options.find(name);
  return found == options.end() ? std::vector<std::string>{} : found->second;
}

std::span<const Command> commands() {
  static const std::vector<Command> all{
      run_command(),    check_command(),      fmt_command(),        explain_command(),
      test_command(),   replay_command(),     sim_command(),        demo_command(),
      dlq_command(),    extensions_command(), completion_command(), help_command(),
      version_command()};
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

int run_command_line(int count, char** arguments) {
  std::vector<std::string> words(arguments + 1, arguments + count);
  if (!base::arm_fail_point_from_environment())
    return usage("EVENTFLUX_FAIL names no fail point", {});
  if (words.empty() || words[0] == "-h" || words[0] == "--help") {
    print_data(help_text());
    return words.empty() ? exit_usage : exit_ok;
  }
  if (words[0] == "--version") words[0] = "version";
  if (words[0].ends_with(".efql")) words.insert(words.begin(), "run");
  for (const Command& command : commands())
    if (command.name == words[0]) return parse_and_run(std::move(words));
  return unknown_command(words[0]);
}

}  // namespace eventflux::cli
