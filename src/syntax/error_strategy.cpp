#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <atn/PrecedencePredicateTransition.h>

#include "base/text.hpp"
#include "syntax/build.hpp"

// What could have stood where parsing stopped. The automaton of the grammar is walked over the
// tokens with one memo per (rule, precedence, token), once to find the token that nothing can pass
// and once to collect what fits there. Precedence is what keeps it linear: without it each operand
// of a chain could also be the rest of the chain. Rules that every reader knows by name ("an
// expression") are not entered then.
namespace eventflux::syntax {

namespace {

namespace atn = antlr4::atn;

struct Expected {
  std::set<std::size_t> tokens;
  std::set<std::size_t> rules;
};

class Walk {
 public:
  static constexpr std::size_t everywhere = static_cast<std::size_t>(-1);

  Walk(const atn::ATN& automaton, const std::vector<std::size_t>& types, std::size_t caret,
       const std::set<std::size_t>& named)
      : automaton_(automaton), types_(types), caret_(caret), named_(named) {}

  void run(std::size_t rule) { enter(rule, 0, 0); }

  std::size_t furthest() const { return furthest_; }

  const Expected& expected() const { return expected_; }

 private:
  using Ends = std::set<std::size_t>;

  // Returns the indices at which the rule can end when it begins at an index.
  const Ends& enter(std::size_t rule, int precedence, std::size_t begin) {
    const auto [entry, fresh] = memo_.try_emplace({rule, precedence, begin});
    if (!fresh) return entry->second;
    Ends ends;
    std::set<std::pair<std::size_t, std::size_t>> seen;
    std::vector<std::pair<atn::ATNState*, std::size_t>> open{
        {automaton_.ruleToStartState[rule], begin}};
    while (!open.empty()) {
      const auto [state, index] = open.back();
      open.pop_back();
      if (!seen.insert({state->stateNumber, index}).second) continue;
      if (state->getStateType() == atn::ATNState::RULE_STOP) ends.insert(index);
      if (state->getStateType() == atn::ATNState::RULE_STOP) continue;
      for (const auto* transition : state->transitions)
        follow(*transition, precedence, index, open);
    }
    return entry->second = std::move(ends);
  }

  void follow(const atn::Transition& transition, int precedence, std::size_t index,
              std::vector<std::pair<atn::ATNState*, std::size_t>>& open) {
    if (transition.getSerializationType() == atn::Transition::RULE) {
      const auto& call = static_cast<const atn::RuleTransition&>(transition);
      const std::size_t rule = transition.target->ruleIndex;
      if (index == caret_ && named_.contains(rule)) {
        expected_.rules.insert(rule);
        return;
      }
      for (const std::size_t end : enter(rule, call.precedence, index))
        open.emplace_back(call.followState, end);
      return;
    }
    if (transition.getSerializationType() == atn::Transition::PRECEDENCE) {
      const auto& guard = static_cast<const atn::PrecedencePredicateTransition&>(transition);
      if (guard.precedence < precedence) return;
    }
    if (transition.isEpsilon()) {
      open.emplace_back(transition.target, index);
      return;
    }
    furthest_ = std::max(furthest_, index);
    if (index == caret_) {
      for (const ssize_t type : transition.label().toList())
        expected_.tokens.insert(static_cast<std::size_t>(type));
    } else if (index < types_.size() &&
               transition.matches(types_[index], 1, automaton_.maxTokenType)) {
      open.emplace_back(transition.target, index + 1);
    }
  }

  const atn::ATN& automaton_;
  const std::vector<std::size_t>& types_;
  std::size_t caret_;
  const std::set<std::size_t>& named_;
  std::map<std::tuple<std::size_t, int, std::size_t>, Ends> memo_;
  std::size_t furthest_ = 0;
  Expected expected_;
};

const std::map<std::size_t, std::string>& rule_names() {
  static const std::map<std::size_t, std::string> names{{Grammar::RuleExpression, "an expression"},
                                                        {Grammar::RulePredicate, "an expression"},
                                                        {Grammar::RuleValue, "an expression"},
                                                        {Grammar::RuleAccess, "an expression"},
                                                        {Grammar::RuleLiteral, "a literal"},
                                                        {Grammar::RuleDuration, "a duration"},
                                                        {Grammar::RuleIdentifier, "a name"},
                                                        {Grammar::RuleStreamName, "a name"},
                                                        {Grammar::RuleWord, "a name"},
                                                        {Grammar::RuleDataType, "a type"},
                                                        {Grammar::RuleOptionValue, "a value"},
                                                        {Grammar::RuleJsonPath, "a JSON path"},
                                                        {Grammar::RuleFunctionName, "a name"},
                                                        {Grammar::RuleTypeName, "a type"}};
  return names;
}

// Tokens that go on with an expression; they are summed up when one of them is a plain operator.
bool continues_expression(std::size_t type) {
  switch (type) {
    case Grammar::AND_:
    case Grammar::OR_:
    case Grammar::NOT_:
    case Grammar::IN_:
    case Grammar::IS_:
    case Grammar::LIKE_:
    case Grammar::ILIKE_:
    case Grammar::REGEXP_:
    case Grammar::BETWEEN_:
    case Grammar::DOT:
    case Grammar::LEFT_BRACKET:
      return true;
    default:
      return type >= Grammar::DOUBLE_ARROW && type <= Grammar::PERCENT;
  }
}

bool begins_statement(std::size_t type) {
  switch (type) {
    case Grammar::CREATE_:
    case Grammar::INSERT_:
    case Grammar::SELECT_:
    case Grammar::WITH_:
    case Grammar::UPDATE_:
    case Grammar::DELETE_:
    case Grammar::UPSERT_:
    case Grammar::PARTITION_:
    case Grammar::EXPLAIN_:
    case Grammar::SHOW_:
    case Grammar::DESCRIBE_:
    case Grammar::DROP_:
    case Grammar::AT:
      return true;
    default:
      return false;
  }
}

bool is_keyword(std::size_t type) {
  return type >= Grammar::SELECT_ && type <= Grammar::WITHIN_;
}

std::string token_name(std::size_t type, const Grammar& grammar) {
  if (type == antlr4::Token::EOF) return "the end";
  if (type == Grammar::UNIT) return "a time unit";
  if (type == Grammar::INTEGER || type == Grammar::DECIMAL || type == Grammar::HEXADECIMAL)
    return "a number";
  if (type == Grammar::STRING || type == Grammar::DOUBLE_QUOTED) return "a string";
  if (type == Grammar::IDENTIFIER) return "a name";
  if (type == Grammar::ELLIPSIS) return "'...'";
  std::string name = grammar.getVocabulary().getDisplayName(type);
  if (is_keyword(type) && name.front() == '\'') return name.substr(1, name.size() - 2);
  return name;
}

// Keywords first, then signs, then kinds of things, each once.
std::vector<std::string> names_of(const Expected& expected, const Grammar& grammar) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  std::vector<std::size_t> types(expected.tokens.begin(), expected.tokens.end());
  std::stable_partition(types.begin(), types.end(), is_keyword);
  for (const std::size_t type : types)
    add(token_name(type, grammar));
  for (const std::size_t rule : expected.rules)
    add(rule_names().at(rule));
  return names;
}

// What is summed up under one name: a statement is one kind of thing.
std::vector<std::string> describe(Expected expected, const Grammar& grammar) {
  const bool statement = expected.tokens.contains(Grammar::CREATE_) &&
                         expected.tokens.contains(Grammar::INSERT_) &&
                         expected.tokens.contains(Grammar::DROP_);
  if (statement) std::erase_if(expected.tokens, begins_statement);
  const bool operators =
      expected.tokens.contains(Grammar::STAR) && expected.tokens.contains(Grammar::SLASH);
  if (operators) {
    std::erase_if(expected.tokens, continues_expression);
    expected.tokens.erase(Grammar::LEFT_PAREN);
  }
  if (expected.tokens.contains(Grammar::SEMICOLON)) expected.tokens.erase(antlr4::Token::EOF);
  std::vector<std::string> names = names_of(expected, grammar);
  const auto add = [&names](const char* name) { names.emplace_back(name); };
  if (statement) add("a statement");
  if (operators) add("an operator");
  if (expected.rules.contains(Grammar::RuleExpression)) {
    std::erase_if(names, [](const std::string& name) {
      return name == "a name" || name == "a literal" || name == "NOT";
    });
  }
  return names;
}

std::string listed(const std::vector<std::string>& names, std::string_view last) {
  std::string text;
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (index > 0) text += index + 1 == names.size() ? std::string(last) : ", ";
    text += names[index];
  }
  return text;
}

std::vector<std::string> expected_keywords(const Expected& expected, const Grammar& grammar) {
  std::vector<std::string> words;
  for (const std::size_t type : expected.tokens)
    if (is_keyword(type)) words.push_back(token_name(type, grammar));
  return words;
}

std::string found_name(const TokenText& text, const antlr4::Token* token) {
  if (token->getType() == antlr4::Token::EOF) return "the end of the text";
  constexpr std::size_t shown_max = 40;
  const std::string word(text.text(token));
  if (word.size() <= shown_max && word.find('\n') == std::string::npos) return "'" + word + "'";
  return word.front() == '\'' ? "a string" : "a long name";
}

bool is_reserved(std::size_t type) {
  return type >= Grammar::SELECT_ && type <= Grammar::CREATE_;
}

// Whether what follows a word shows that the word is a name of its own: `count(*) n FROM`.
bool ends_item(std::size_t type) {
  switch (type) {
    case antlr4::Token::EOF:
    case Grammar::SEMICOLON:
    case Grammar::COMMA:
    case Grammar::RIGHT_PAREN:
    case Grammar::FROM_:
    case Grammar::WHERE_:
    case Grammar::GROUP_:
    case Grammar::HAVING_:
    case Grammar::ORDER_:
    case Grammar::WINDOW_:
    case Grammar::JOIN_:
      return true;
    default:
      return false;
  }
}

// The two slips that readers of other dialects make, which no list of words would explain.
std::optional<Diagnostic> known_slip(const TokenText& text, const antlr4::Token* token,
                                     const antlr4::Token* next, const Expected& expected) {
  if (token->getType() != Grammar::IDENTIFIER || next == nullptr) return std::nullopt;
  const std::string word(text.text(token));
  const Place place = text.place(token);
  if (base::equal_fold(word, "over") && next->getType() == Grammar::LEFT_PAREN) {
    return Diagnostic{.code = Code::not_supported_yet,
                      .message = "window functions (OVER) are not supported yet",
                      .span = place,
                      .help = {"aggregate over a window of the stream: FROM s WINDOW LENGTH(10), "
                               "with PER (key) for a window of each key"}};
  }
  if (!expected.tokens.contains(Grammar::AS_) || !ends_item(next->getType())) return std::nullopt;
  return Diagnostic{.code = Code::unexpected_word,
                    .message = "expected AS before the name '" + word + "'",
                    .span = place,
                    .label = "write AS " + word,
                    .fixes = {{"insert AS", {{{place.begin, place.begin}, "AS "}}}}};
}

Diagnostic report(const TokenText& text, const antlr4::Token* token, const Expected& expected,
                  const Grammar& grammar) {
  Diagnostic built{.code = Code::unexpected_word, .message = {}, .span = text.place(token)};
  const std::string found = found_name(text, token);
  const std::string word(text.text(token));
  if (token->getType() == Grammar::IDENTIFIER) {
    if (const auto near = base::closest_match(word, expected_keywords(expected, grammar))) {
      built.message = "expected " + *near + ", found " + found;
      built.label = "did you mean " + *near + "?";
      built.fixes.push_back({"replace with " + *near, {{built.span, *near}}});
      return built;
    }
  }
  const bool ended = expected.tokens.contains(Grammar::SEMICOLON);
  if (ended && (begins_statement(token->getType()) || token->getType() == Grammar::END_)) {
    built.message = "expected ';', found " + found;
    built.help.emplace_back("end the statement before it with ;");
    return built;
  }
  const std::vector<std::string> names = describe(expected, grammar);
  constexpr std::size_t listed_max = 6;
  if (names.size() <= listed_max) {
    built.message = "expected " + listed(names, " or ") + ", found " + found;
  } else {
    built.message = found + " is not allowed here";
    built.help.push_back("allowed here: " + listed(names, ", "));
  }
  const bool name = std::find(names.begin(), names.end(), "a name") != names.end() ||
                    std::find(names.begin(), names.end(), "an expression") != names.end();
  if (name && is_reserved(token->getType()))
    built.notes.push_back("'" + word + "' is a keyword; as a name it is written \"" + word + '"');
  return built;
}

}  // namespace

Diagnostic explain_failure(const TokenText& text, StatementRange range, std::size_t rule,
                           const Grammar& grammar) {
  std::vector<antlr4::Token*> tokens;
  for (std::size_t at = range.first; at <= range.last; ++at)
    if (text.tokens()[at]->getChannel() == 0) tokens.push_back(text.tokens()[at]);
  std::vector<std::size_t> types(tokens.size());
  std::transform(tokens.begin(), tokens.end(), types.begin(),
                 [](const antlr4::Token* token) { return token->getType(); });

  std::set<std::size_t> named;
  Walk reach(grammar.getATN(), types, Walk::everywhere, named);
  reach.run(rule);
  const std::size_t caret = std::min(reach.furthest(), tokens.size() - 1);
  for (const auto& [index, name] : rule_names())
    named.insert(index);
  Walk collect(grammar.getATN(), types, caret, named);
  collect.run(rule);
  const antlr4::Token* next = caret + 1 < tokens.size() ? tokens[caret + 1] : nullptr;
  if (auto slip = known_slip(text, tokens[caret], next, collect.expected()))
    return *std::move(slip);
  return report(text, tokens[caret], collect.expected(), grammar);
}

}  // namespace eventflux::syntax
