#include <utility>

#include "syntax/build.hpp"

namespace eventflux::syntax {

Pattern Builder::pattern(Grammar::PatternContext* tree, bool sequence) {
  Pattern built{.steps = {}, .span = place(tree)};
  if (!sequence && !tree->COMMA().empty()) {
    fail(Code::unexpected_word, "expected '->' between the steps of a PATTERN, found ','",
         place(tree->COMMA(0)), "',' is allowed in SEQUENCE only");
  }
  for (Grammar::PatternStepContext* step : tree->patternStep())
    built.steps.push_back({flag(step->EVERY_()), any_of(step->patternOr(), sequence)});
  return built;
}

PatternElement Builder::any_of(Grammar::PatternOrContext* tree, bool sequence) {
  if (tree->patternAnd().size() == 1) return all_of(tree->patternAnd(0), sequence);
  LogicalElement built{.op = LogicalOperator::any, .elements = {}};
  for (Grammar::PatternAndContext* part : tree->patternAnd())
    built.elements.push_back(all_of(part, sequence));
  return {std::move(built), place(tree)};
}

PatternElement Builder::all_of(Grammar::PatternAndContext* tree, bool sequence) {
  if (tree->patternElement().size() == 1) return pattern_element(tree->patternElement(0), sequence);
  LogicalElement built{.op = LogicalOperator::all, .elements = {}};
  for (Grammar::PatternElementContext* part : tree->patternElement())
    built.elements.push_back(pattern_element(part, sequence));
  return {std::move(built), place(tree)};
}

PatternElement Builder::pattern_element(Grammar::PatternElementContext* tree, bool sequence) {
  if (auto* atom = dynamic_cast<Grammar::StreamElementContext*>(tree))
    return {stream_element(atom), place(tree)};
  if (auto* group = dynamic_cast<Grammar::GroupElementContext*>(tree)) {
    GroupElement built{.pattern = pattern(group->pattern(), sequence)};
    if (group->repetition() != nullptr) built.repetition = repetition(group->repetition());
    return {std::move(built), place(tree)};
  }
  auto* absent = &dynamic_cast<Grammar::AbsentElementContext&>(*tree);
  AbsentElement built{.stream = stream_name(absent->streamName())};
  if (absent->streamFilter() != nullptr)
    built.filter = expression(absent->streamFilter()->expression());
  if (absent->duration() != nullptr) built.wait = duration(absent->duration());
  return {std::move(built), place(tree)};
}

StreamElement Builder::stream_element(Grammar::StreamElementContext* tree) {
  StreamElement built{.stream = stream_name(tree->streamName())};
  if (tree->identifier() != nullptr) built.alias = name(tree->identifier());
  if (tree->streamFilter() != nullptr)
    built.filter = expression(tree->streamFilter()->expression());
  if (!tree->repetition().empty()) built.repetition = repetition(tree->repetition(0));
  if (tree->repetition().size() > 1)
    fail(Code::unexpected_word, "a second count for the same step", place(tree->repetition(1)));
  return built;
}

Repetition Builder::repetition(Grammar::RepetitionContext* tree) {
  Repetition built{.least = 0, .span = place(tree)};
  if (tree->STAR() != nullptr) return built;
  if (tree->PLUS() != nullptr) {
    built.least = 1;
    return built;
  }
  if (tree->QUESTION() != nullptr) {
    built.most = 1;
    return built;
  }
  const bool ranged = tree->COMMA() != nullptr || tree->COLON() != nullptr;
  const bool from_zero =
      tree->INTEGER().size() == 1 && tree->COLON() != nullptr && tree->children[1] == tree->COLON();
  std::vector<std::uint64_t> bounds;
  for (antlr4::tree::TerminalNode* bound : tree->INTEGER())
    bounds.push_back(count(bound->getSymbol()));
  if (!from_zero) built.least = bounds.front();
  if (!ranged || from_zero || bounds.size() == 2) built.most = bounds.back();
  if (built.most && (*built.most < built.least || *built.most == 0)) {
    fail(Code::unexpected_word,
         "a count from " + std::to_string(built.least) + " to " + std::to_string(*built.most) +
             " that no row can fill",
         built.span);
  }
  return built;
}

}  // namespace eventflux::syntax
