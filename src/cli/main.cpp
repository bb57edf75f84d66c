#include "cli/command_line.hpp"
#include "engine/signals.hpp"

int main(int count, char** arguments) {
  eventflux::engine::block_signals();
  return eventflux::cli::run_command_line(count, arguments);
}
