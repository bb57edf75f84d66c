#include "syntax/build.hpp"
#include "syntax/parser.hpp"

// Where statements end and what stands inside them, seen from tokens alone.
// Invariant: ranges do not overlap, leave out nothing but `;` and hidden tokens, and end with `;`
// or the end of the text.
namespace eventflux::syntax {

namespace {

using Tokens = std::vector<antlr4::Token*>;

bool visible(const antlr4::Token* token) {
  return token->getChannel() == 0;
}

std::size_t next_visible(const Tokens& tokens, std::size_t index) {
  while (!visible(tokens[index]))
    ++index;
  return index;
}

// Returns the index behind `@name` and its brackets; of the end of the text when they do not close.
std::size_t behind_annotation(const Tokens& tokens, std::size_t at) {
  std::size_t next = next_visible(tokens, at + 1);
  if (tokens[next]->getType() == antlr4::Token::EOF) return next;
  next = next_visible(tokens, next + 1);
  std::size_t depth = 0;
  for (; tokens[next]->getType() != antlr4::Token::EOF; ++next) {
    const std::size_t type = tokens[next]->getType();
    if (type == Grammar::LEFT_PAREN) ++depth;
    if (depth == 0 || type == Grammar::SEMICOLON) return next;
    if (type == Grammar::RIGHT_PAREN && --depth == 0) return next_visible(tokens, next + 1);
  }
  return next;
}

bool is_app(const TokenText& text, std::size_t at) {
  const Tokens& tokens = text.tokens();
  if (tokens[at]->getType() != Grammar::AT) return false;
  const std::string_view word = text.text(tokens[next_visible(tokens, at + 1)]);
  return word.size() == 3 && (word[0] | 32) == 'a' && (word[1] | 32) == 'p' &&
         (word[2] | 32) == 'p';
}

// Returns the index of the `;` or the end of the text that ends the statement.
std::size_t statement_end(const Tokens& tokens, std::size_t at) {
  while (tokens[at]->getType() == Grammar::AT)
    at = next_visible(tokens, behind_annotation(tokens, at));
  std::size_t blocks = 0;
  const bool block = tokens[at]->getType() == Grammar::PARTITION_;
  for (; tokens[at]->getType() != antlr4::Token::EOF; ++at) {
    const std::size_t type = tokens[at]->getType();
    if (type == Grammar::SEMICOLON && blocks == 0) return at;
    if (type == Grammar::CASE_ || (block && type == Grammar::BEGIN_)) ++blocks;
    if (type == Grammar::END_ && blocks > 0) --blocks;
    if (!block && type == Grammar::SEMICOLON) return at;
  }
  return at;
}

Diagnostic problem(Code code, std::string message, Place span, std::string help = {}) {
  Diagnostic built{.code = code, .message = std::move(message), .span = span};
  if (!help.empty()) built.help.push_back(std::move(help));
  return built;
}

std::optional<Diagnostic> check_token(const TokenText& text, std::size_t at) {
  const Tokens& tokens = text.tokens();
  const antlr4::Token* token = tokens[at];
  const std::string word(text.text(token));
  Place place = text.place(token);
  const antlr4::Token* next = at + 1 < tokens.size() ? tokens[at + 1] : token;
  const std::size_t follower = next->getType();
  switch (token->getType()) {
    case Grammar::UNCLOSED:
      place.end = place.begin + 1;
      return problem(Code::unclosed_text,
                     word.front() == '\'' ? "string is not closed" : "quoted name is not closed",
                     place, std::string("end it with ") + word.front());
    case Grammar::UNCLOSED_COMMENT:
      place.end = place.begin + 2;
      return problem(Code::unclosed_text, "comment is not closed", place, "end it with */");
    case Grammar::INVALID:
      return problem(Code::invalid_character, "unexpected character '" + word + "'", place);
    case Grammar::INTEGER:
    case Grammar::DECIMAL:
    case Grammar::HEXADECIMAL:
      if (follower != Grammar::IDENTIFIER) return std::nullopt;
      return problem(
          Code::invalid_number,
          "'" + word + std::string(text.text(next)) + "' is neither a number nor a duration",
          text.place(token, next));
    case Grammar::PATH_LITERAL:
      if (follower != Grammar::DOT && follower != Grammar::LEFT_BRACKET) return std::nullopt;
      return problem(Code::invalid_path, "the JSON path stops at '" + word + "'", text.place(next),
                     "write .name, ['name'], [0] or [*]");
    default:
      return std::nullopt;
  }
}

// Counts the levels that a token opens, and the operators since the last comma, bracket, AND or OR.
class Depth {
 public:
  void see(std::size_t type) {
    const bool prefix = type == Grammar::NOT_ || type == Grammar::MINUS || type == Grammar::PLUS;
    prefixes_ = prefix ? prefixes_ + 1 : 0;
    switch (type) {
      case Grammar::LEFT_PAREN:
      case Grammar::LEFT_BRACKET:
      case Grammar::CASE_:
        open();
        break;
      case Grammar::RIGHT_PAREN:
      case Grammar::RIGHT_BRACKET:
      case Grammar::END_:
        close();
        break;
      case Grammar::SEMICOLON:
      case Grammar::COMMA:
      case Grammar::AND_:  // a chain of these is no deeper than its deepest operand
      case Grammar::OR_:
      case Grammar::WHEN_:
      case Grammar::THEN_:
      case Grammar::ELSE_:
        operators_.back() = 0;
        break;
      default:
        if (is_operator(type)) ++operators_.back();
    }
  }

  bool too_deep() const { return operators_.size() + prefixes_ > nesting_max + 1; }

  bool too_long() const { return operators_.back() > operators_max; }

 private:
  void open() { operators_.push_back(0); }

  void close() {
    if (operators_.size() > 1) operators_.pop_back();
  }

  static bool is_operator(std::size_t type) {
    return type == Grammar::NOT_ || type == Grammar::IS_ || type == Grammar::DOT ||
           (type >= Grammar::DOUBLE_ARROW && type <= Grammar::PERCENT);
  }

  std::vector<std::size_t> operators_{0};  // of each open level
  std::size_t prefixes_ = 0;               // signs and NOTs in a row
};

}  // namespace

std::vector<StatementRange> split_statements(const TokenText& text) {
  const Tokens& tokens = text.tokens();
  std::vector<StatementRange> ranges;
  for (std::size_t at = next_visible(tokens, 0); tokens[at]->getType() != antlr4::Token::EOF;
       at = next_visible(tokens, at)) {
    if (tokens[at]->getType() == Grammar::SEMICOLON) {
      ++at;
      continue;
    }
    if (is_app(text, at)) {
      const std::size_t behind = behind_annotation(tokens, at);
      ranges.push_back({at, behind, true});
      at = behind;
      continue;
    }
    const std::size_t end = statement_end(tokens, at);
    ranges.push_back({at, end});
    at = tokens[end]->getType() == antlr4::Token::EOF ? end : end + 1;
  }
  return ranges;
}

std::optional<Diagnostic> check_tokens(const TokenText& text, StatementRange range) {
  Depth depth;
  for (std::size_t at = range.first; at <= range.last; ++at) {
    const antlr4::Token* token = text.tokens()[at];
    if (!visible(token)) continue;
    if (auto found = check_token(text, at)) return found;
    depth.see(token->getType());
    if (depth.too_deep()) {
      return problem(Code::too_deep,
                     "nested more than " + std::to_string(nesting_max) + " levels deep",
                     text.place(token));
    }
    if (depth.too_long()) {
      return problem(Code::too_deep,
                     "more than " + std::to_string(operators_max) + " operators in one expression",
                     text.place(token), "divide it by brackets");
    }
  }
  return std::nullopt;
}

}  // namespace eventflux::syntax
