#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"
#include "engine/replace_file.hpp"
#include "syntax/format.hpp"

namespace eventflux::cli {
namespace {

/// Returns the status of one file; `changed` text is written back unless only checked.
int format_file(const std::string& file, bool check) {
  const auto text = read_file(file);
  if (!text.ok()) return report(text.error());
  const syntax::ParseResult parsed = syntax::parse(*text);
  if (!parsed.ok()) {
    report(parsed.diagnostics, file, *text, false);
    return exit_code(syntax::to_error(parsed.diagnostics.front()));
  }
  const std::string formatted = syntax::format(parsed);
  if (formatted == *text) return exit_ok;
  if (check) {
    print_error(file + ": not formatted; run: eventflux fmt " + file + "\n");
    return exit_no;
  }
  if (const auto written = engine::replace_file(file, formatted); !written.ok())
    return report(written.error());
  print_error(file + ": formatted\n");
  return exit_ok;
}

int format_input() {
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const syntax::ParseResult parsed = syntax::parse(text);
  if (!parsed.ok()) {
    report(parsed.diagnostics, "standard input", text, false);
    return exit_code(syntax::to_error(parsed.diagnostics.front()));
  }
  print_data(syntax::format(parsed));
  return exit_ok;
}

int run(const Arguments& arguments) {
  if (arguments.words.empty()) return format_input();
  int status = exit_ok;
  for (const std::string& file : arguments.words)
    status = std::max(status, format_file(file, arguments.has("check")));
  return status;
}

}  // namespace

Command fmt_command() {
  return {.name = "fmt",
          .group = "Develop",
          .purpose = "writes programs in their canonical form",
          .words = "[FILE…]",
          .words_max = 1000,
          .options = {{"--check", "", "change nothing; exit 1 when a file would change"}},
          .examples = {"eventflux fmt queries/trades.efql", "eventflux fmt < queries/trades.efql"},
          .run = run};
}

}  // namespace eventflux::cli
