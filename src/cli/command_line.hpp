#pragma once

#include <string>

#include "cli/command.hpp"

namespace eventflux::cli {

/// Parses, runs one command and returns the exit status.
int run_command_line(int count, char** arguments);

/// Returns the help of everything, or of one command; it fits one screen.
std::string help_text();
std::string help_text(const Command& command);

}  // namespace eventflux::cli
