#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/replace_file.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

int report_failed(const Formatted& formatted) {
  report(formatted.diagnostics, false);
  return exit_code(formatted.diagnostics.front().error);
}

/// Returns the status of one file; `changed` text is written back unless only checked.
int format_file(const std::string& file, bool check, FileSystem& files) {
  const auto text = read_file(file);
  if (!text.ok()) return report(text.error());
  const Formatted formatted = format_program(*text, program_options(file));
  if (!formatted.diagnostics.empty()) return report_failed(formatted);
  if (formatted.text == *text) return exit_ok;
  if (check) {
    print_error(file + ": not formatted; run: eventflux fmt " + file + "\n");
    return exit_no;
  }
  if (const auto written = replace_file(files, file, formatted.text); !written.ok())
    return report(written.error());
  print_error(file + ": formatted\n");
  return exit_ok;
}

int format_input() {
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const Formatted formatted = format_program(text, program_options("standard input"));
  if (!formatted.diagnostics.empty()) return report_failed(formatted);
  print_data(formatted.text);
  return exit_ok;
}

int run(const Arguments& arguments) {
  if (arguments.words.empty()) return format_input();
  const Host host;
  int status = exit_ok;
  for (const std::string& file : arguments.words)
    status = std::max(status, format_file(file, arguments.has("check"), host.engine().files()));
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
