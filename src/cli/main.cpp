#include "cli/command_line.hpp"
#include "cli/signals.hpp"

int main(int count, char** arguments) {
  eventflux::cli::block_signals();
  return eventflux::cli::run_command_line(count, arguments);
}
