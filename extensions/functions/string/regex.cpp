// A compiled expression is kept per thread, so that no lock stands between shards.
#include <map>
#include <memory>

#include <re2/re2.h>

#include "string.hpp"

namespace eventflux::functions::string {
namespace {

constexpr std::size_t expressions_max = 64;

Error bad_expression(std::string_view pattern, const std::string& why) {
  return {Code::wrong_type,
          "'" + std::string(pattern.substr(0, 32)) + "' is not a regular expression: " + why};
}

// Returns an expression that is valid until the next call on this thread. The last one is
// remembered: a query asks for the same from row to row, and the map is a search.
Result<const re2::RE2*> compiled(std::string_view pattern) {
  thread_local std::map<std::string, std::unique_ptr<re2::RE2>, std::less<>> expressions;
  thread_local const re2::RE2* last = nullptr;
  if (last != nullptr && last->pattern() == pattern) return last;
  const auto found = expressions.find(pattern);
  if (found != expressions.end()) return last = found->second.get();
  re2::RE2::Options quiet;
  quiet.set_log_errors(false);
  auto made = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), quiet);
  if (!made->ok()) return bad_expression(pattern, made->error());
  if (expressions.size() >= expressions_max) expressions.clear();
  last = expressions.emplace(pattern, std::move(made)).first->second.get();
  return last;
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

Result<bool> matches(std::string_view text, std::string_view pattern) {
  EF_TRY(const re2::RE2* expression, compiled(pattern));
  return re2::RE2::PartialMatch(piece(text), *expression);
}

using Extracted = std::optional<std::string_view>;

// Fewer groups are cheaper: places for all that are allowed take longer to clear than a match.
template <std::size_t count>
Extracted match_group(std::string_view text, const re2::RE2& expression, std::size_t group) {
  std::array<re2::StringPiece, count> groups;
  if (!expression.Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, groups.data(),
                        static_cast<int>(group + 1)) ||
      groups[group].data() == nullptr)
    return std::nullopt;
  return std::string_view(groups[group].data(), groups[group].size());
}

Result<Extracted> extract(std::string_view text, std::string_view pattern, std::int64_t group) {
  constexpr std::int64_t groups_max = 100;
  EF_TRY(const re2::RE2* expression, compiled(pattern));
  if (group < 0 || group > groups_max || group > expression->NumberOfCapturingGroups())
    return bad_expression(pattern, "it has no group " + std::to_string(group));
  const auto index = static_cast<std::size_t>(group);
  if (index < 4) return match_group<4>(text, *expression, index);
  return match_group<groups_max + 1>(text, *expression, index);
}

Result<std::string> replace(std::string_view text, std::string_view pattern,
                            std::string_view replacement) {
  EF_TRY(const re2::RE2* expression, compiled(pattern));
  std::string why;
  if (!expression->CheckRewriteString(piece(replacement), &why))
    return bad_expression(replacement, why);
  std::string result(text);
  re2::RE2::GlobalReplace(&result, *expression, piece(replacement));
  if (result.size() > result_bytes_max && result.size() > text.size())
    return too_long("regexp_replace");
  return result;
}

// A replacement may name groups that its expression does not have.
std::optional<BadArgument> check_replacement(
    std::span<const std::optional<std::string_view>> texts) {
  if (!texts[1] || !texts[2]) return std::nullopt;
  const auto expression = compiled(*texts[1]);
  std::string why;
  if (!expression.ok() || (*expression)->CheckRewriteString(piece(*texts[2]), &why))
    return std::nullopt;
  return BadArgument{2, bad_expression(*texts[2], why)};
}

}  // namespace

void register_regex(Registry& registry) {
  const ConstantCheck pattern_check = constant_check(1, compiled);
  registry.function(
      "regexp_matches", "Whether a part of the text matches an expression.",
      [](std::string_view text, std::string_view pattern) { return matches(text, pattern); },
      {pattern_check});
  registry.function(
      "regexp_extract", "First part that matches; NULL when there is none.",
      [](std::string_view text, std::string_view pattern) { return extract(text, pattern, 0); },
      {pattern_check});
  registry.function("regexp_extract", "A group of the first part that matches.",
                    [](std::string_view text, std::string_view pattern, std::int64_t group) {
                      return extract(text, pattern, group);
                    },
                    {pattern_check});
  registry.function(
      "regexp_replace", "Every part that matches replaced; \\1 is the first group.",
      [](std::string_view text, std::string_view pattern, std::string_view replacement) {
        return replace(text, pattern, replacement);
      },
      {pattern_check, check_replacement});
}

}  // namespace eventflux::functions::string
