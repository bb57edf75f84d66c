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

void Talk::diagnostics(const std::vector<syntax::Diagnostic>& found, const std::string& file,
                       const std::string& text) const {
  if (!json_) return report(found, file, text, false);
  const syntax::SourceText source(file, text);
  for (const syntax::Diagnostic& diagnostic : found)
    print_error(render_json(diagnostic, source) + "\n");
}

}  // namespace eventflux::cli
