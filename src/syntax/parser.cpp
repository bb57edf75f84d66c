#include "syntax/parser.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "syntax/build.hpp"

namespace eventflux::syntax {

namespace {

// Parses statements one by one; SLL is exact for nearly every text and several times as fast as LL.
class StatementParser {
 public:
  explicit StatementParser(TokenText& text) : text_(text), grammar_(&text.stream()) {
    grammar_.removeErrorListeners();
    grammar_.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  }

  void parse(StatementRange range, ParseResult& result) {
    const std::size_t errors = result.diagnostics.size() + result.left_out;
    parse_whole(range, result);
    if (result.diagnostics.size() + result.left_out > errors) add_broken_name(range, result);
  }

 private:
  void parse_whole(StatementRange range, ParseResult& result) {
    if (auto broken = check_tokens(text_, range)) {
      add(std::move(*broken), result);
      return;
    }
    if (attempt(range, antlr4::atn::PredictionMode::SLL, result)) return;
    ++result.retried;
    if (attempt(range, antlr4::atn::PredictionMode::LL, result)) return;
    const std::size_t rule = range.app ? static_cast<std::size_t>(Grammar::RuleAppStatement)
                                       : static_cast<std::size_t>(Grammar::RuleStatement);
    if (range.app && range.last > range.first &&
        text_.tokens()[range.last]->getType() != Grammar::SEMICOLON &&
        text_.tokens()[range.last]->getType() != antlr4::Token::EOF)
      --range.last;
    add(explain_failure(text_, range, rule, grammar_), result);
  }

  // The name behind CREATE and a word, or behind INTO.
  void add_broken_name(StatementRange range, ParseResult& result) {
    std::size_t skip = 0;
    for (std::size_t at = range.first; at <= range.last; ++at) {
      const antlr4::Token* token = text_.tokens()[at];
      if (token->getChannel() != 0) continue;
      if (skip == 1) result.broken_names.emplace_back(text_.text(token));
      if (skip > 0) --skip;
      if (token->getType() == Grammar::CREATE_) skip = 2;
      if (token->getType() == Grammar::INTO_) skip = 1;
    }
  }

  // Returns whether the tokens are a statement; a failure of the builder is reported.
  bool attempt(StatementRange range, antlr4::atn::PredictionMode mode, ParseResult& result) {
    grammar_.reset();
    grammar_.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(mode);
    text_.stream().seek(range.first);
    Builder builder(text_);
    try {
      Statement statement = range.app ? builder.app_statement(grammar_.appStatement())
                                      : builder.statement(grammar_.statement());
      if (builder.failure()) {
        add(*builder.failure(), result);
      } else {
        result.statements.push_back(std::move(statement));
      }
      return true;
    } catch (const antlr4::ParseCancellationException&) {
      return false;
    }
  }

  static void add(Diagnostic diagnostic, ParseResult& result) {
    if (result.diagnostics.size() == ParseResult::diagnostics_max) {
      ++result.left_out;
    } else {
      result.diagnostics.push_back(std::move(diagnostic));
    }
  }

  TokenText& text_;
  Grammar grammar_;
};

std::vector<Comment> comments_of(const TokenText& text) {
  std::vector<Comment> comments;
  for (const antlr4::Token* token : text.tokens()) {
    const std::size_t type = token->getType();
    if (type != Grammar::LINE_COMMENT && type != Grammar::BLOCK_COMMENT) continue;
    const Place place = text.place(token);
    const std::string_view before = text.whole().substr(0, place.begin);
    const std::size_t line =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const std::string_view behind = text.whole().substr(place.end);
    const std::string_view blank = behind.substr(0, behind.find_first_not_of(" \t\r\n"));
    comments.push_back({std::string(base::trim(text.text(token))), place,
                        base::trim(before.substr(line)).empty(),
                        std::count(blank.begin(), blank.end(), '\n') > 1});
  }
  return comments;
}

// Returns how many bytes come before the first one that is not UTF-8.
std::uint32_t valid_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t width = 1;
    while (width < 4 && !base::is_utf8(text.substr(at, width)))
      ++width;
    if (!base::is_utf8(text.substr(at, width))) break;
    at += width;
  }
  return static_cast<std::uint32_t>(at);
}

const antlr4::dfa::Vocabulary& vocabulary() {
  static const Grammar grammar(nullptr);
  return grammar.getVocabulary();
}

std::string keyword(std::size_t type) {
  const std::string name = vocabulary().getLiteralName(type);
  return name.substr(1, name.size() - 2);
}

}  // namespace

ParseResult parse(std::string_view text) {
  ParseResult result;
  if (!base::is_utf8(text)) {
    const std::uint32_t valid = valid_bytes(text);
    result.diagnostics.push_back({.code = Code::invalid_character,
                                  .message = "the text is not UTF-8",
                                  .span = {valid, valid + 1}});
    return result;
  }
  TokenText tokens(text);
  StatementParser parser(tokens);
  for (const StatementRange range : split_statements(tokens))
    parser.parse(range, result);
  result.comments = comments_of(tokens);
  return result;
}

bool is_complete(std::string_view text) {
  if (!base::is_utf8(text)) return true;
  const TokenText tokens(text);
  const std::vector<StatementRange> ranges = split_statements(tokens);
  if (ranges.empty()) return true;
  return tokens.tokens()[ranges.back().last]->getType() == Grammar::SEMICOLON;
}

bool needs_quotes(std::string_view name) {
  const auto letter = [](char byte) {
    return byte == '_' || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  };
  const auto digit = [](char byte) { return byte >= '0' && byte <= '9'; };
  if (name.empty() || !letter(name.front())) return true;
  if (!std::all_of(name.begin(), name.end(),
                   [&](char byte) { return letter(byte) || digit(byte); }))
    return true;
  for (std::size_t type = Grammar::SELECT_; type <= Grammar::CREATE_; ++type)
    if (base::equal_fold(name, keyword(type))) return true;
  return false;
}

std::vector<std::string> keywords() {
  std::vector<std::string> words;
  for (std::size_t type = Grammar::SELECT_; type <= Grammar::WITHIN_; ++type)
    words.push_back(keyword(type));
  return words;
}

}  // namespace eventflux::syntax
