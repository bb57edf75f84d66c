#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "eventflux/time.hpp"

namespace eventflux::cli {

/// A flag or option of a command. `value` is what help shows for its value; empty: takes none. One
/// in small letters with bars, as in "text|json", lists all that it takes.
struct Option {
  std::string name;  ///< "--state", or "-o,--output"
  std::string value;
  std::string text;
  bool optional_value = false;
};

/// What the user gave. Shape: options by their long name without dashes.
struct Arguments {
  std::vector<std::string> words;
  std::map<std::string, std::vector<std::string>> options;

  bool has(const std::string& name) const { return options.contains(name); }

  /// Returns a length of time; nothing when the option was not given. Fails: EF0303, also below 0.
  Result<std::optional<Duration>> duration(const std::string& name) const;
  /// Returns a whole number from `least` on; nothing when the option was not given. Fails: EF0303.
  Result<std::optional<std::int64_t>> number(const std::string& name, std::int64_t least = 0) const;

  /// Returns the last value of an option, or `otherwise`.
  std::string get(const std::string& name, const std::string& otherwise = {}) const;
  std::vector<std::string> all(const std::string& name) const;
};

/// One command: parsing, help and completion are made from it.
struct Command {
  std::string name;
  std::string group;
  std::string purpose;
  std::string words{};  ///< "FILE [SCRIPT]"; empty: takes none.
  std::size_t words_min = 0;
  std::size_t words_max = 0;
  std::vector<Option> options{};
  std::vector<std::string> examples{};
  bool answers_signals = false;  ///< SIGINT and the like are its own; else they end the process.
  int (*run)(const Arguments& arguments) = nullptr;
};

/// Returns all commands, in the order in which help shows them.
std::span<const Command> commands();

Command run_command();
Command check_command();
Command fmt_command();
Command explain_command();
Command test_command();
Command replay_command();
Command sim_command();
Command demo_command();
Command dlq_command();
Command gaps_command();
Command extensions_command();
Command completion_command();
Command help_command();
Command version_command();

}  // namespace eventflux::cli
