#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "eventflux/text.hpp"

#include "syntax/build.hpp"

namespace eventflux::syntax {

namespace {

constexpr std::uint64_t int64_max = std::numeric_limits<std::int64_t>::max();

std::optional<std::uint64_t> read_integer(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> read_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::int64_t microseconds_of(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::microsecond:
      return 1;
    case TimeUnit::millisecond:
      return 1'000;
    case TimeUnit::second:
      return 1'000'000;
    case TimeUnit::minute:
      return 60'000'000;
    case TimeUnit::hour:
      return 3'600'000'000;
    case TimeUnit::day:
      return 86'400'000'000;
    case TimeUnit::week:
      return 604'800'000'000;
    case TimeUnit::month:
    case TimeUnit::year:
      return 0;
  }
  return 0;
}

// Doubled quotes stand for one.
std::string without_quotes(std::string_view text) {
  const char quote = text.front();
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    plain += text[at];
    if (text[at] == quote) ++at;
  }
  return plain;
}

// Reads `.name` and returns the index behind it.
std::size_t read_dot_step(std::string_view text, std::size_t at, std::vector<PathStep>& steps) {
  const std::size_t end = std::min(text.find_first_of(".[", at + 1), text.size());
  steps.push_back({.field = std::string(text.substr(at + 1, end - at - 1))});
  return end;
}

std::size_t behind_quote(std::string_view text, std::size_t at) {
  ++at;
  while (text[at] != '\'' || text[at + 1] == '\'')
    at += text[at] == '\'' ? 2 : 1;
  return at + 1;
}

// Reads `['name']`, `[0]` or `[*]` and returns the index behind it; nothing beyond 64 bits.
std::optional<std::size_t> read_bracket_step(std::string_view text, std::size_t at,
                                             std::vector<PathStep>& steps) {
  at = text.find_first_not_of(' ', at + 1);
  std::size_t end = at + 1;
  if (text[at] == '\'') {
    end = behind_quote(text, at);
    steps.push_back({.field = without_quotes(text.substr(at, end - at))});
  } else if (text[at] == '*') {
    steps.push_back({.kind = PathStep::Kind::every_element});
  } else {
    end = text.find_first_not_of("0123456789", at);
    const auto element = read_integer(text.substr(at, end - at));
    if (!element) return std::nullopt;
    steps.push_back({.kind = PathStep::Kind::element, .element = *element});
  }
  return text.find(']', end) + 1;
}

// Reads the steps of a path whose form the lexer has checked. Fails: an index beyond 64 bits.
bool read_path_steps(std::string_view text, std::vector<PathStep>& steps) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto next = text[at] == '.' ? std::optional<std::size_t>(read_dot_step(text, at, steps))
                                      : read_bracket_step(text, at, steps);
    if (!next) return false;
    at = *next;
  }
  return true;
}

}  // namespace

std::string upper(std::string_view word) {
  std::string text(word);
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return text;
}

TimeUnit time_unit(std::string_view word) {
  using Unit = std::pair<std::string_view, TimeUnit>;
  constexpr std::array units = {Unit{"MICROSECOND", TimeUnit::microsecond},
                                Unit{"MILLISECOND", TimeUnit::millisecond},
                                Unit{"MS", TimeUnit::millisecond},
                                Unit{"SECOND", TimeUnit::second},
                                Unit{"SEC", TimeUnit::second},
                                Unit{"S", TimeUnit::second},
                                Unit{"MINUTE", TimeUnit::minute},
                                Unit{"MIN", TimeUnit::minute},
                                Unit{"HOUR", TimeUnit::hour},
                                Unit{"DAY", TimeUnit::day},
                                Unit{"WEEK", TimeUnit::week},
                                Unit{"MONTH", TimeUnit::month},
                                Unit{"YEAR", TimeUnit::year}};
  const std::string folded = upper(word);
  for (const auto& [text, unit] : units)
    if (folded == text || folded == std::string(text) + 'S') return unit;
  return TimeUnit::second;
}

Expression Builder::literal(Grammar::LiteralContext* tree, bool negative) {
  Expression built{.node = NullLiteral{}, .span = place(tree)};
  if (auto* number_tree = dynamic_cast<Grammar::NumberLiteralContext*>(tree))
    return number(number_tree->start, negative);
  if (auto* boolean = dynamic_cast<Grammar::BooleanLiteralContext*>(tree))
    built.node = BooleanLiteral{boolean->TRUE_() != nullptr};
  if (auto* text = dynamic_cast<Grammar::StringLiteralContext*>(tree))
    built.node = StringLiteral{unquoted(text->STRING()->getSymbol())};
  if (auto* octets = dynamic_cast<Grammar::OctetsLiteralContext*>(tree))
    built.node = octets_literal(octets->OCTETS());
  if (auto* time = dynamic_cast<Grammar::TimestampLiteralContext*>(tree))
    built.node = TimestampLiteral{unquoted(time->STRING()->getSymbol()), place(time->STRING())};
  if (auto* span = dynamic_cast<Grammar::DurationLiteralContext*>(tree))
    built.node = duration(span->duration());
  return built;
}

OctetsLiteral Builder::octets_literal(antlr4::tree::TerminalNode* node) {
  const std::string_view text = text_.text(node->getSymbol());
  const std::string_view digits = text.substr(2, text.size() - 3);
  auto octets = from_hex(digits);
  if (!octets) {
    fail(Code::invalid_number, std::string(text) + " is not pairs of hexadecimal digits",
         place(node), "X'00FF'");
  }
  return {std::move(octets).value_or("")};
}

Expression Builder::number(antlr4::Token* token, bool negative) {
  const std::string text = (negative ? "-" : "") + std::string(text_.text(token));
  Expression built{.node = IntegerLiteral{}, .span = text_.place(token)};
  if (token->getType() == Grammar::DECIMAL) {
    const auto value = read_decimal(text);
    if (!value) fail(Code::invalid_number, "'" + text + "' does not fit DOUBLE", built.span);
    built.node = DecimalLiteral{text, value.value_or(0)};
    return built;
  }
  const auto value = read_integer(text_.text(token));
  if (!value || *value > int64_max + (negative ? 1U : 0U)) {
    fail(Code::invalid_number, "'" + text + "' does not fit BIGINT", built.span,
         "write it with a point to make it a DOUBLE");
  }
  const std::uint64_t bits = value.value_or(0);
  built.node = IntegerLiteral{static_cast<std::int64_t>(negative ? 0 - bits : bits)};
  return built;
}

DurationLiteral Builder::duration(Grammar::DurationContext* tree) {
  DurationLiteral built{.amount = std::string(text_.text(tree->start)), .span = place(tree)};
  if (tree->STRING() != nullptr) built.amount = unquoted(tree->STRING()->getSymbol());
  built.unit = time_unit(text_.text(tree->UNIT()->getSymbol()));
  const auto whole = read_integer(built.amount);
  const auto amount = read_decimal(built.amount);
  const bool calendar = built.unit == TimeUnit::month || built.unit == TimeUnit::year;
  const std::int64_t unit =
      calendar ? (built.unit == TimeUnit::year ? 12 : 1) : microseconds_of(built.unit);
  if (!amount || *amount < 0 || (calendar && !whole)) {
    fail(Code::invalid_duration, "'" + built.amount + "' is not an amount of time", built.span);
    return built;
  }
  if (*amount * static_cast<double>(unit) >= static_cast<double>(int64_max)) {
    fail(Code::invalid_duration, "duration beyond 292,000 years", built.span);
    return built;
  }
  const std::int64_t product = whole ? static_cast<std::int64_t>(*whole) * unit
                                     : std::llround(*amount * static_cast<double>(unit));
  (calendar ? built.months : built.microseconds) = product;
  return built;
}

PathLiteral Builder::path(Grammar::JsonPathContext* tree) {
  std::string_view text = text_.text(tree->start);
  PathLiteral built{.from_element = text.front() == '@', .span = place(tree)};
  text.remove_prefix(1);
  if (!read_path_steps(text, built.steps))
    fail(Code::invalid_path, "array index beyond 64 bits", built.span);
  return built;
}

std::uint64_t Builder::count(antlr4::Token* token) {
  const auto value = read_integer(text_.text(token));
  if (!value || *value > int64_max) {
    fail(Code::invalid_number, "'" + std::string(text_.text(token)) + "' does not fit BIGINT",
         text_.place(token));
  }
  return value.value_or(0);
}

std::string Builder::unquoted(const antlr4::Token* token) const {
  return without_quotes(text_.text(token));
}

TypeName Builder::type(Grammar::DataTypeContext* tree) {
  TypeName built{.name = {}, .span = place(tree)};
  built.name = upper(text_.text(tree->typeName()->start));
  if (tree->PRECISION_() != nullptr) built.name += " PRECISION";
  for (antlr4::tree::TerminalNode* parameter : tree->INTEGER())
    built.parameters.push_back(static_cast<std::int64_t>(count(parameter->getSymbol())));
  return built;
}

Name Builder::name(Grammar::IdentifierContext* tree) const {
  const bool quoted = tree->DOUBLE_QUOTED() != nullptr || tree->BACK_QUOTED() != nullptr;
  return {quoted ? unquoted(tree->start) : std::string(text_.text(tree->start)), place(tree)};
}

StreamName Builder::stream_name(Grammar::StreamNameContext* tree) const {
  Sigil sigil = Sigil::none;
  if (tree->HASH() != nullptr) sigil = Sigil::inner;
  if (tree->BANG() != nullptr) sigil = Sigil::fault;
  return {sigil, name(tree->identifier()).text, place(tree)};
}

std::vector<Name> Builder::names(Grammar::NameListContext* tree) const {
  std::vector<Name> built;
  if (tree == nullptr) return built;
  for (Grammar::IdentifierContext* word : tree->identifier())
    built.push_back(name(word));
  return built;
}

std::vector<Expression> Builder::expressions(
    const std::vector<Grammar::ExpressionContext*>& trees) {
  std::vector<Expression> built;
  built.reserve(trees.size());
  for (Grammar::ExpressionContext* tree : trees)
    built.push_back(expression(tree));
  return built;
}

std::optional<Place> Builder::flag(antlr4::tree::TerminalNode* node) const {
  if (node == nullptr) return std::nullopt;
  return place(node);
}

void Builder::fail(Code code, std::string message, Place span, std::string help) {
  if (failure_) return;
  failure_ = Diagnostic{.code = code, .message = std::move(message), .span = span};
  if (!help.empty()) failure_->help.push_back(std::move(help));
}

}  // namespace eventflux::syntax
