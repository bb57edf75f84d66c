#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/host.hpp"
#include "cli/terminal.hpp"

namespace eventflux::cli {
namespace {

struct CodeRow {
  Code code;
  std::string_view name;
  std::string_view text;
};

constexpr std::array codes{
#define EF_ERROR(number, name, text) CodeRow{Code::name, #name, text},
#include "eventflux/errors.def"
#undef EF_ERROR
};

/// What to know about a code.
struct Guide {
  std::string_view cause;
  std::string_view wrong;
  std::string_view right;
  std::string_view remedy;
  int number;
  bool programs;  ///< `wrong` and `right` are programs.
};

constexpr std::array guides{
#define EF_PROGRAM(number, cause, wrong, right, remedy) \
  Guide{cause, wrong, right, remedy, number, true},
#define EF_SITUATION(number, cause, wrong, right, remedy) \
  Guide{cause, wrong, right, remedy, number, false},
#include "cli/error_guide.def"
#undef EF_PROGRAM
#undef EF_SITUATION
};

constexpr bool all_are_explained() {
  if (guides.size() != codes.size()) return false;
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (static_cast<int>(codes[i].code) != guides[i].number) return false;
  return true;
}

static_assert(all_are_explained(), "error_guide.def has one entry per code, in the same order");

std::string_view kind_of(Code code) {
  switch (static_cast<int>(code) / 100) {
    case 1:
    case 2:
    case 3:
      return "an error in the program";
    case 4:
      return "a warning about the program";
    case 5:
      return "an error of a server, the network or a file";
    case 6:
      return "an error in the data";
    case 7:
      return "an error of the state directory or its disk";
    case 8:
      return "an error in how the app is started, stopped or called";
    default:
      return "a bug in eventflux: please report it";
  }
}

std::string indented(std::string_view text) {
  std::string out;
  for (const std::string_view line : base::split(text, '\n'))
    out.append("    ").append(line).append("\n");
  return out;
}

int explain_code(const std::string& word) {
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const CodeRow& row = codes[i];
    if (!base::equal_fold(code_text(row.code), word)) continue;
    const Guide& guide = guides[i];
    std::string text = code_text(row.code) + " " + std::string(row.name) + ": ";
    text.append(row.text).append("\n\n  ").append(guide.cause).append("\n\n");
    text += (guide.programs ? "  wrong program\n" : "  wrong\n") + indented(guide.wrong);
    text += (guide.programs ? "  right program\n" : "  right\n") + indented(guide.right);
    text.append("\n  ").append(guide.remedy).append("\n  kind: ").append(kind_of(row.code));
    print_data(text + "\n  exit status: " + std::to_string(exit_code({row.code, {}})) + "\n");
    return exit_ok;
  }
  return report({Code::unknown_target, "there is no code " + word, "codes look like EF0203"});
}

Result<std::string> explain_program(const Program& program, const Arguments& arguments) {
  if (arguments.has("delivery")) return program.explain_delivery();
  const std::string query = arguments.words.size() > 1 ? arguments.words[1] : std::string();
  const std::string format = arguments.get("format", "text");
  if (format == "text") return program.explain(ExplainFormat::text, query);
  if (format == "json") return program.explain(ExplainFormat::json, query);
  if (format == "dot") return program.explain(ExplainFormat::dot, query);
  return Error{Code::unknown_target, "there is no format '" + format + "'", "text, json or dot"};
}

int run(const Arguments& arguments) {
  const std::string& word = arguments.words[0];
  const bool is_code =
      word.size() == 6 && base::equal_fold(word.substr(0, 2), "EF") &&
      std::all_of(word.begin() + 2, word.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (is_code) return explain_code(word);
  const auto text = read_file(word);
  if (!text.ok()) return report(text.error());
  const Host host(arguments.get("state"));
  const Program program = host.engine().compile(*text, program_options(word));
  if (!program.ok()) {
    report(program.diagnostics(), false);
    return exit_code(program.error());
  }
  const auto explained = explain_program(program, arguments);
  if (!explained.ok()) return report(explained.error());
  if (explained->empty())
    print_error("no source reaches a sink: there is no guarantee to explain\n");
  print_data(*explained);
  return exit_ok;
}

}  // namespace

Command explain_command() {
  return {.name = "explain",
          .group = "Develop",
          .purpose = "shows what a program does, and its delivery guarantees",
          .words = "FILE [QUERY] | EFxxxx",
          .words_min = 1,
          .words_max = 2,
          .options = {{"--format", "text|json|dot", "form of the plan"},
                      {"--delivery", "", "the guarantee of every path and what limits it"},
                      {"--state", "DIR", "explain it as if it ran with this state directory"}},
          .examples = {"eventflux explain queries/trades.efql --delivery --state state",
                       "eventflux explain EF0203"},
          .run = run};
}

}  // namespace eventflux::cli
