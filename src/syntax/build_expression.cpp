#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "syntax/build.hpp"

namespace eventflux::syntax {

namespace {

BinaryOperator operator_of(const antlr4::Token* token) {
  switch (token->getType()) {
    case Grammar::PLUS:
      return BinaryOperator::add;
    case Grammar::MINUS:
      return BinaryOperator::subtract;
    case Grammar::STAR:
      return BinaryOperator::multiply;
    case Grammar::SLASH:
      return BinaryOperator::divide;
    case Grammar::PERCENT:
      return BinaryOperator::modulo;
    case Grammar::CONCAT:
      return BinaryOperator::concat;
    case Grammar::NOT_EQUAL:
      return BinaryOperator::not_equal;
    case Grammar::LESS:
      return BinaryOperator::less;
    case Grammar::LESS_EQUAL:
      return BinaryOperator::less_equal;
    case Grammar::GREATER:
      return BinaryOperator::greater;
    case Grammar::GREATER_EQUAL:
      return BinaryOperator::greater_equal;
    case Grammar::AND_:
      return BinaryOperator::logical_and;
    case Grammar::OR_:
      return BinaryOperator::logical_or;
    default:
      return BinaryOperator::equal;
  }
}

antlr4::Token* operator_token(Tree* tree) {
  auto* child = tree->children[1];
  if (auto* rule = dynamic_cast<Tree*>(child)) return rule->start;
  return dynamic_cast<antlr4::tree::TerminalNode&>(*child).getSymbol();
}

// Returns what stands in brackets when the expression is nothing but brackets, else itself.
Grammar::ExpressionContext* without_brackets(Grammar::ExpressionContext* tree) {
  auto* predicate = dynamic_cast<Grammar::PredicateExpressionContext*>(tree);
  auto* value = predicate == nullptr
                    ? nullptr
                    : dynamic_cast<Grammar::ValuePredicateContext*>(predicate->predicate());
  auto* access =
      value == nullptr ? nullptr : dynamic_cast<Grammar::AccessValueContext*>(value->value());
  auto* plain =
      access == nullptr ? nullptr : dynamic_cast<Grammar::PrimaryAccessContext*>(access->access());
  auto* nested =
      plain == nullptr ? nullptr : dynamic_cast<Grammar::NestedPrimaryContext*>(plain->primary());
  return nested == nullptr ? tree : without_brackets(nested->expression());
}

// Operands from which on a chain is halved: shorter ones nest to the left, as the grammar says.
constexpr std::size_t halved_min = 32;

struct Link {
  antlr4::Token* op = nullptr;  // before the operand; null at the first one
  Expression operand;
};

// AND and OR are associative, also with NULL and with rows that fail: operands keep their order.
Expression halved(const TokenText& text, std::vector<Link>& links, std::size_t first,
                  std::size_t last) {
  if (first == last) return std::move(links[first].operand);
  const std::size_t middle = first + (last - first + 1) / 2;
  Expression left = halved(text, links, first, middle - 1);
  Expression right = halved(text, links, middle, last);
  const Place span{left.span.begin, right.span.end};
  return {Binary{.op = operator_of(links[middle].op),
                 .op_span = text.place(links[middle].op),
                 .left = std::move(left),
                 .right = std::move(right),
                 .chained = true},
          span};
}

Expression binary(const TokenText& text, Tree* tree, Expression left, Expression right) {
  antlr4::Token* token = operator_token(tree);
  return {Binary{.op = operator_of(token),
                 .op_span = text.place(token),
                 .left = std::move(left),
                 .right = std::move(right)},
          text.place(tree)};
}

}  // namespace

Expression Builder::expression(Grammar::ExpressionContext* tree) {
  if (auto* plain = dynamic_cast<Grammar::PredicateExpressionContext*>(tree))
    return predicate(plain->predicate());
  if (auto* negated = dynamic_cast<Grammar::NotExpressionContext*>(tree))
    return {Unary{UnaryOperator::logical_not, expression(negated->expression())}, place(tree)};
  if (dynamic_cast<Grammar::AndExpressionContext*>(tree) != nullptr)
    return chain<Grammar::AndExpressionContext>(tree);
  return chain<Grammar::OrExpressionContext>(tree);
}

// The tree of the grammar is as deep as the chain is long, so it is walked and not entered.
// Brackets around the beginning of a chain change nothing, and the formatter leaves them out.
template <class Node>
Expression Builder::chain(Grammar::ExpressionContext* tree) {
  std::vector<Node*> nodes;
  Grammar::ExpressionContext* first = tree;
  for (auto* node = dynamic_cast<Node*>(tree); node != nullptr;
       node = dynamic_cast<Node*>(without_brackets(first))) {
    nodes.push_back(node);
    first = node->expression(0);
  }
  std::reverse(nodes.begin(), nodes.end());
  if (nodes.size() + 1 < halved_min) {
    Expression built = expression(first);
    for (Node* node : nodes) {
      Expression right = expression(node->expression(1));
      built = binary(text_, node, std::move(built), std::move(right));
    }
    return built;
  }
  std::vector<Link> links;
  links.reserve(nodes.size() + 1);
  links.push_back({nullptr, expression(first)});
  for (Node* node : nodes)
    links.push_back({operator_token(node), expression(node->expression(1))});
  Expression built = halved(text_, links, 0, links.size() - 1);
  std::get<Binary>(built.node).chained = false;
  built.span = place(tree);
  return built;
}

Expression Builder::predicate(Grammar::PredicateContext* tree) {
  const Place span = place(tree);
  if (auto* plain = dynamic_cast<Grammar::ValuePredicateContext*>(tree))
    return value(plain->value());
  if (auto* compared = dynamic_cast<Grammar::ComparisonPredicateContext*>(tree))
    return binary(text_, tree, predicate(compared->predicate()), value(compared->value()));
  if (auto* between = dynamic_cast<Grammar::BetweenPredicateContext*>(tree)) {
    return {Between{predicate(between->predicate()), value(between->value(0)),
                    value(between->value(1)), between->NOT_() != nullptr},
            span};
  }
  if (auto* in = dynamic_cast<Grammar::InPredicateContext*>(tree)) return in_predicate(in);
  if (auto* like = dynamic_cast<Grammar::LikePredicateContext*>(tree)) return like_predicate(like);
  if (auto* regexp = dynamic_cast<Grammar::RegexpPredicateContext*>(tree)) {
    return {TextMatch{.kind = MatchKind::regexp,
                      .value = predicate(regexp->predicate()),
                      .pattern = value(regexp->value()),
                      .negated = regexp->NOT_() != nullptr},
            span};
  }
  if (auto* distinct = dynamic_cast<Grammar::DistinctPredicateContext*>(tree)) {
    return {IsDistinct{predicate(distinct->predicate()), value(distinct->value()),
                       distinct->NOT_() != nullptr},
            span};
  }
  auto* is = &dynamic_cast<Grammar::IsPredicateContext&>(*tree);
  IsKind kind = IsKind::null;
  if (is->TRUE_() != nullptr) kind = IsKind::true_value;
  if (is->FALSE_() != nullptr) kind = IsKind::false_value;
  return {IsTest{kind, predicate(is->predicate()), is->NOT_() != nullptr}, span};
}

Expression Builder::in_predicate(Grammar::InPredicateContext* tree) {
  Expression left = predicate(tree->predicate());
  const bool negated = tree->NOT_() != nullptr;
  if (tree->identifier() != nullptr)
    return {InTable{std::move(left), name(tree->identifier()), negated}, place(tree)};
  return {InList{std::move(left), expressions(tree->expression()), negated}, place(tree)};
}

Expression Builder::like_predicate(Grammar::LikePredicateContext* tree) {
  TextMatch match{.kind = tree->LIKE_() != nullptr ? MatchKind::like : MatchKind::ilike,
                  .value = predicate(tree->predicate()),
                  .pattern = value(tree->value()),
                  .negated = tree->NOT_() != nullptr};
  if (tree->STRING() != nullptr) {
    match.escape = unquoted(tree->STRING()->getSymbol());
    if (characters(*match.escape) != 1)
      fail(Code::unexpected_word, "ESCAPE takes one character", place(tree->STRING()));
  }
  return {std::move(match), place(tree)};
}

Expression Builder::value(Grammar::ValueContext* tree) {
  if (auto* plain = dynamic_cast<Grammar::AccessValueContext*>(tree))
    return access(plain->access());
  if (auto* signed_value = dynamic_cast<Grammar::SignValueContext*>(tree))
    return sign(signed_value);
  auto* both = &dynamic_cast<Grammar::ArithmeticValueContext&>(*tree);
  return binary(text_, tree, value(both->value(0)), value(both->value(1)));
}

// The smallest BIGINT can only be written with its sign, so a sign belongs to the number behind it.
Expression Builder::sign(Grammar::SignValueContext* tree) {
  if (tree->PLUS() != nullptr) return value(tree->value());
  auto* operand = dynamic_cast<Grammar::AccessValueContext*>(tree->value());
  auto* plain = operand == nullptr
                    ? nullptr
                    : dynamic_cast<Grammar::PrimaryAccessContext*>(operand->access());
  auto* primary_tree =
      plain == nullptr ? nullptr : dynamic_cast<Grammar::LiteralPrimaryContext*>(plain->primary());
  auto* number_tree = primary_tree == nullptr
                          ? nullptr
                          : dynamic_cast<Grammar::NumberLiteralContext*>(primary_tree->literal());
  if (number_tree == nullptr)
    return {Unary{UnaryOperator::negate, value(tree->value())}, place(tree)};
  Expression built = number(number_tree->start, true);
  built.span = place(tree);
  return built;
}

Expression Builder::access(Grammar::AccessContext* tree) {
  if (auto* plain = dynamic_cast<Grammar::PrimaryAccessContext*>(tree))
    return primary(plain->primary());
  if (auto* dotted = dynamic_cast<Grammar::MemberAccessContext*>(tree)) return member(dotted);
  if (auto* indexed = dynamic_cast<Grammar::IndexAccessContext*>(tree))
    return {Index{access(indexed->access()), expression(indexed->expression())}, place(tree)};
  if (auto* json = dynamic_cast<Grammar::JsonAccessContext*>(tree)) {
    return {JsonAccess{access(json->access()), json_key(json->jsonKey()),
                       json->DOUBLE_ARROW() != nullptr},
            place(tree)};
  }
  auto* cast = &dynamic_cast<Grammar::CastAccessContext&>(*tree);
  return {Cast{access(cast->access()), type(cast->dataType())}, place(tree)};
}

Expression Builder::member(Grammar::MemberAccessContext* tree) {
  Expression base = access(tree->access());
  Name last = name(tree->identifier());
  if (auto* column = std::get_if<ColumnName>(&base.node)) {
    column->parts.push_back(std::move(last));
    base.span = place(tree);
    return base;
  }
  return {Member{std::move(base), std::move(last)}, place(tree)};
}

Expression Builder::json_key(Grammar::JsonKeyContext* tree) {
  if (tree->expression() != nullptr) return expression(tree->expression());
  if (tree->STRING() != nullptr)
    return {StringLiteral{unquoted(tree->STRING()->getSymbol())}, place(tree)};
  return number(tree->INTEGER()->getSymbol(), tree->MINUS() != nullptr);
}

Expression Builder::primary(Grammar::PrimaryContext* tree) {
  if (auto* named = dynamic_cast<Grammar::NamePrimaryContext*>(tree)) {
    const StreamName word = stream_name(named->streamName());
    return {ColumnName{word.sigil, {{word.text, word.span}}}, place(tree)};
  }
  if (auto* plain = dynamic_cast<Grammar::LiteralPrimaryContext*>(tree))
    return literal(plain->literal(), false);
  if (auto* called = dynamic_cast<Grammar::CallPrimaryContext*>(tree))
    return call(called->functionCall());
  if (auto* nested = dynamic_cast<Grammar::NestedPrimaryContext*>(tree))
    return expression(nested->expression());
  if (auto* branches = dynamic_cast<Grammar::CasePrimaryContext*>(tree)) return case_of(branches);
  if (auto* json = dynamic_cast<Grammar::PathPrimaryContext*>(tree)) {
    if (!paths_allowed_) {
      fail(Code::unexpected_word, "a JSON path is not allowed here", place(tree),
           "paths are allowed in WHEN, EACH, PATH and the arguments of JSON functions");
    }
    return {path(json->jsonPath()), place(tree)};
  }
  if (auto* cast = dynamic_cast<Grammar::CastPrimaryContext*>(tree)) {
    return {
        Cast{expression(cast->expression()), type(cast->dataType()), cast->TRY_CAST_() != nullptr},
        place(tree)};
  }
  auto* extract = &dynamic_cast<Grammar::ExtractPrimaryContext&>(*tree);
  antlr4::tree::ParseTree* unit = extract->children[2];
  Expression text{StringLiteral{unit->getText()}, extract->UNIT() != nullptr
                                                      ? place(extract->UNIT())
                                                      : place(extract->identifier())};
  return {Call{.name = {"extract", place(extract->EXTRACT_())},
               .arguments = {std::move(text), expression(extract->expression())}},
          place(tree)};
}

Expression Builder::case_of(Grammar::CasePrimaryContext* tree) {
  std::vector<Expression> parts = expressions(tree->expression());
  Case built;
  std::size_t at = 0;
  const std::size_t branches = tree->WHEN_().size();
  const bool otherwise = tree->ELSE_() != nullptr;
  if (parts.size() > 2 * branches + (otherwise ? 1U : 0U)) built.subject = std::move(parts[at++]);
  for (std::size_t branch = 0; branch < branches; ++branch, at += 2)
    built.branches.push_back({std::move(parts[at]), std::move(parts[at + 1])});
  if (otherwise) built.otherwise = std::move(parts[at]);
  return {std::move(built), place(tree)};
}

Expression Builder::call(Grammar::FunctionCallContext* tree) {
  Grammar::FunctionNameContext* word = tree->functionName();
  Call built{.name = {std::string(text_.text(word->start)), place(word)}, .arguments = {}};
  if (word->identifier() != nullptr) built.name = name(word->identifier());
  built.star = tree->STAR() != nullptr;
  built.distinct = flag(tree->DISTINCT_());
  const bool outer = std::exchange(paths_allowed_, true);
  if (auto* list = tree->argumentList(); list != nullptr) {
    built.arguments = expressions(list->expression());
    const std::string folded = base::fold(built.name.text);
    if (list->FROM_() != nullptr && folded != "substring" && folded != "substr") {
      fail(Code::unexpected_word, "FROM is allowed in SUBSTRING(… FROM … FOR …) only",
           place(list->FROM_()), "part arguments by commas");
    }
  }
  paths_allowed_ = outer;
  if (tree->expression() != nullptr) built.filter = expression(tree->expression());
  return {std::move(built), place(tree)};
}

}  // namespace eventflux::syntax
