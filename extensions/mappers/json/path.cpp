#include "path.hpp"

#include <charconv>

namespace eventflux::mappers::json {
namespace {

Error bad_path(std::string_view text, std::string_view why) {
  return {Code::invalid_path, "'" + std::string(text) + "' is not a JSON path: " + std::string(why),
          "write it like $.a.b, $.a[0], $.a[*] or $['odd key']"};
}

/// Reads the text between `[` and `]`; `rest` begins behind the bracket.
Result<Step> parse_bracket(std::string_view text, std::string_view& rest) {
  if (rest.starts_with('\'') || rest.starts_with('"')) {
    const std::size_t end = rest.find(rest.front(), 1);
    if (end == std::string_view::npos || !rest.substr(end + 1).starts_with(']'))
      return bad_path(text, "a quoted key does not end");
    Step step{StepKind::member, std::string(rest.substr(1, end - 1)), 0};
    rest.remove_prefix(end + 2);
    return step;
  }
  const std::size_t end = rest.find(']');
  if (end == std::string_view::npos) return bad_path(text, "']' is missing");
  const std::string_view inner = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (inner == "*") return Step{StepKind::every, {}, 0};
  Step step{StepKind::element, {}, 0};
  const auto [last, code] = std::from_chars(inner.data(), inner.data() + inner.size(), step.index);
  if (code != std::errc() || last != inner.data() + inner.size() || inner.empty())
    return bad_path(text, "expected an index, * or a quoted key in brackets");
  return step;
}

Result<Step> parse_step(std::string_view text, std::string_view& rest) {
  const char first = rest.front();
  rest.remove_prefix(1);
  if (first == '[') return parse_bracket(text, rest);
  if (first != '.') return bad_path(text, "expected '.' or '['");
  const std::size_t end = std::min(rest.find_first_of(".[ \t"), rest.size());
  if (end == 0) return bad_path(text, "a name is missing after '.'");
  Step step{StepKind::member, std::string(rest.substr(0, end)), 0};
  rest.remove_prefix(end);
  return step;
}

}  // namespace

Result<Path> parse_path(std::string_view text) {
  if (!text.starts_with('$') && !text.starts_with('@'))
    return bad_path(text, "expected $ or @ at its start");
  Path path;
  path.anchor = text.front() == '@' ? Anchor::row : Anchor::payload;
  std::string_view rest = text.substr(1);
  while (!rest.empty()) {
    EF_TRY(Step step, parse_step(text, rest));
    path.steps.push_back(std::move(step));
  }
  return path;
}

}  // namespace eventflux::mappers::json
