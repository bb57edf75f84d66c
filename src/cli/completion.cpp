#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

std::string long_name(const Option& option) {
  return option.name.substr(option.name.rfind("--"));
}

std::string bash_script() {
  std::string names;
  std::string cases;
  for (const Command& command : commands()) {
    names += (names.empty() ? "" : " ") + command.name;
    std::string options;
    for (const Option& option : command.options)
      options += (options.empty() ? "" : " ") + long_name(option);
    cases += "    " + command.name + ") words=\"" + options + "\" ;;\n";
  }
  return "_eventflux() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\"\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         names +
         "\" -- \"$word\") $(compgen -f -X '!*.efql' -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n" +
         cases +
         "  esac\n"
         "  case \"$word\" in\n"
         "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _eventflux eventflux\n";
}

std::string zsh_script() {
  return "#compdef eventflux\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script();
}

std::string fish_script() {
  std::string text;
  for (const Command& command : commands()) {
    text += "complete -c eventflux -n __fish_use_subcommand -a " + command.name + " -d '" +
            command.purpose + "'\n";
    for (const Option& option : command.options) {
      text += "complete -c eventflux -n '__fish_seen_subcommand_from " + command.name + "' -l " +
              long_name(option).substr(2) + (option.value.empty() ? "" : " -r") + " -d '" +
              option.text + "'\n";
    }
  }
  return text;
}

int run(const Arguments& arguments) {
  const std::string& shell = arguments.words[0];
  if (shell == "bash") {
    print_data(bash_script());
  } else if (shell == "zsh") {
    print_data(zsh_script());
  } else if (shell == "fish") {
    print_data(fish_script());
  } else {
    print_error("error: no completion for '" + shell + "'\nhelp: bash, zsh or fish\n");
    return exit_usage;
  }
  return exit_ok;
}

}  // namespace

Command completion_command() {
  return {.name = "completion",
          .group = "Help",
          .purpose = "prints a completion script",
          .words = "bash|zsh|fish",
          .words_min = 1,
          .words_max = 1,
          .examples = {"source <(eventflux completion bash)"},
          .run = run};
}

}  // namespace eventflux::cli
