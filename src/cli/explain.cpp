
#include "engine/explain.hpp"

#include <algorithm>
#include <array>

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

std::string_view who_acts(Code code) {
  switch (static_cast<int>(code) / 100) {
    case 1:
    case 2:
    case 3:
    case 4:
      return "the author of the program acts";
    case 5:
      return "something outside acts: a server, the network, a file";
    case 6:
      return "the producer of the data acts; the row or payload is the matter";
    case 7:
      return "the operator acts: state directory, disk, stored query";
    case 8:
      return "the operator acts: limits and the life of the app";
    default:
      return "this is a bug in eventflux: please report it";
  }
}

int explain_code(const std::string& word) {
  for (const CodeRow& row : codes) {
    if (code_text(row.code) != word) continue;
    print_data(word + " " + std::string(row.name) + "\n  " + std::string(row.text) + "\n  " +
               std::string(who_acts(row.code)) +
               "\n  exit status: " + std::to_string(exit_code({row.code, {}})) + "\n");
    return exit_ok;
  }
  return report({Code::unknown_target, "there is no code " + word, "codes look like EF0203"});
}

Result<std::string> explain_program(const engine::Compiled& compiled, const Arguments& arguments) {
  if (arguments.has("delivery")) return engine::explain_delivery(compiled);
  const std::string query = arguments.words.size() > 1 ? arguments.words[1] : std::string();
  const std::string format = arguments.get("format", "text");
  if (format == "text") return engine::explain(compiled, engine::ExplainFormat::text, query);
  if (format == "json") return engine::explain(compiled, engine::ExplainFormat::json, query);
  if (format == "dot") return engine::explain(compiled, engine::ExplainFormat::dot, query);
  return Error{Code::unknown_target, "there is no format '" + format + "'", "text, json or dot"};
}

int run(const Arguments& arguments) {
  const std::string& word = arguments.words[0];
  const bool is_code =
      word.size() == 6 && word.starts_with("EF") &&
      std::all_of(word.begin() + 2, word.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (is_code) return explain_code(word);
  const auto text = read_file(word);
  if (!text.ok()) return report(text.error());
  const Machine machine;
  const engine::Compiled compiled =
      engine::compile(*text, machine.registry(), {.durable = arguments.has("state"), .file = word});
  if (!compiled.ok()) {
    report(compiled.diagnostics, word, *text, false);
    return exit_code(compiled.first_error());
  }
  const auto explained = explain_program(compiled, arguments);
  if (!explained.ok()) return report(explained.error());
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
          .examples = {"eventflux explain trades.efql --delivery --state state",
                       "eventflux explain EF0203"},
          .run = run};
}

}  // namespace eventflux::cli
