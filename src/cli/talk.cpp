#include "cli/talk.hpp"

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {

void Talk::lines(std::string_view text, LogLevel level) const {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!json_) return print_error(std::string(text) + "\n");
  for (const std::string_view line : base::split(text, '\n'))
    log_.write(level, line);
}

int Talk::error(const Error& error) const {
  if (!json_) return report(error);
  log_.write(LogLevel::error, to_text(error));
  return exit_code(error);
}

void Talk::diagnostics(const Program& program) const {
  if (!json_) return report(program.diagnostics(), false);
  for (const Diagnostic& diagnostic : program.diagnostics())
    print_error(diagnostic.json + "\n");
}

}  // namespace eventflux::cli
