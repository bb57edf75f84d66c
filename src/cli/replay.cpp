#include "testkit/replay.hpp"

#include <fstream>
#include <iostream>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

Result<Timestamp> clock_start(const std::string& text) {
  EF_TRY(const Value value, parse_value(text, Type::timestamp));
  return Timestamp{*value.integer()};
}

int fail_at(std::size_t line, const Error& error) {
  print_error("{\"line\":" + std::to_string(line) + R"(,"code":")" + code_text(error.code) +
              R"(","message":)" + base::quote_json(error.message) +
              (error.help.empty() ? "" : ",\"help\":" + base::quote_json(error.help)) + "}\n");
  return 65;
}

int compare(const std::string& printed, const std::string& file) {
  const auto wanted = read_file(file);
  if (!wanted.ok()) return report(wanted.error());
  if (*wanted == printed) return exit_ok;
  print_data(printed);
  print_error("output differs from " + file + "\n");
  return exit_no;
}

int play(testkit::Session& session, std::istream& script, const Arguments& arguments) {
  std::string printed;
  const bool expect = arguments.has("expect");
  testkit::Replay replay(session, [&](std::string_view line) {
    if (expect) {
      printed.append(line).append("\n");
    } else {
      print_data(std::string(line) + "\n");
    }
  });
  std::string line;
  for (std::size_t number = 1; std::getline(script, line); ++number) {
    if (auto done = replay.run_line(line); !done.ok()) return fail_at(number, done.error());
    if (arguments.has("marks")) print_data("{\"line\":" + std::to_string(number) + "}\n");
    if (output_closed()) return exit_ok;
  }
  replay.finish();
  if (const auto letters = session.dead_letters(); letters.ok()) {
    for (const std::string& letter : *letters)
      print_error("{\"dead_letter\":" + base::quote_json(letter) + "}\n");
  }
  return expect ? compare(printed, arguments.get("expect")) : exit_ok;
}

int run(const Arguments& arguments) {
  const std::string& file = arguments.words[0];
  const auto text = read_file(file);
  if (!text.ok()) return report(text.error());
  const Host host("replay");  // State that survives, as the session below has it.
  const Program program = host.engine().compile(*text, program_options(file));
  if (!program.ok()) {
    report(program.diagnostics(), false);
    return 65;
  }
  testkit::Session::Options options;
  options.listen = arguments.all("stream");
  if (arguments.has("clock")) {
    const auto start = clock_start(arguments.get("clock"));
    if (!start.ok()) return report(start.error());
    options.start = *start;
  }
  auto session = testkit::Session::open(*text, host.engine(), options);
  if (!session.ok()) return report(session.error());
  if (arguments.words.size() < 2) return play(**session, std::cin, arguments);
  std::ifstream script(arguments.words[1]);
  if (!script) return report({Code::unknown_target, "cannot read '" + arguments.words[1] + "'"});
  return play(**session, script, arguments);
}

}  // namespace

Command replay_command() {
  return {
      .name = "replay",
      .group = "Develop",
      .purpose = "feeds a script of JSON lines to a program on virtual time",
      .words = "FILE [SCRIPT]",
      .words_min = 1,
      .words_max = 2,
      .options = {{"--clock", "TIME",
                   "where the clock starts: milliseconds or RFC 3339; default 0"},
                  {"--stream", "NAME", "print rows of this stream only; may be repeated"},
                  {"--marks", "", "print {\"line\":N} after the output of input line N"},
                  {"--expect", "FILE", "compare the output; exit 1 when it differs"}},
      .examples =
          {R"(printf '{"stream":"orders","row":["ann",10.0,"%s"]}\n' 2026-01-01T10:00:00Z 2026-01-01T12:00:00Z | eventflux replay queries/totals.efql)"},
      .run = run};
}

}  // namespace eventflux::cli
