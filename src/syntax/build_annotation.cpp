#include <utility>

#include "syntax/build.hpp"

namespace eventflux::syntax {

Annotation Builder::annotation(Grammar::AnnotationContext* tree) {
  Annotation built{.name = {std::string(text_.text(tree->word()->start)),
                            text_.place(tree->start, tree->word()->stop)},
                   .span = place(tree)};
  for (Grammar::AnnotationItemContext* item : tree->annotationItem()) {
    if (item->annotation() != nullptr) {
      built.nested.push_back(annotation(item->annotation()));
    } else {
      built.options.push_back(option(item->optionKey(), item->optionValue()));
    }
  }
  return built;
}

Option Builder::option(Grammar::OptionKeyContext* key, Grammar::OptionValueContext* value) {
  Option built{.key = {{}, {}}, .value = option_value(value)};
  if (key == nullptr) return built;
  const bool quoted = key->STRING() != nullptr || key->DOUBLE_QUOTED() != nullptr;
  built.key = {quoted ? unquoted(key->start) : key->getText(), place(key)};
  return built;
}

OptionValue Builder::option_value(Grammar::OptionValueContext* tree) {
  OptionValue built{.text = {}, .span = place(tree)};
  antlr4::Token* first = tree->start;
  if (tree->STRING() != nullptr || tree->DOUBLE_QUOTED() != nullptr) {
    built.text = unquoted(first);
    return built;
  }
  if (tree->TRUE_() != nullptr || tree->FALSE_() != nullptr) {
    built.kind = OptionKind::boolean;
    built.text = tree->TRUE_() != nullptr ? "true" : "false";
    return built;
  }
  built.kind = OptionKind::number;
  const std::string unit = tree->UNIT() == nullptr ? "" : tree->UNIT()->getText();
  const std::string whole = tree->getText();
  built.text = whole.substr(0, whole.size() - unit.size());
  if (!unit.empty()) {
    built.kind = OptionKind::duration;
    built.text += ' ' + unit;
  }
  return built;
}

std::vector<Option> Builder::options(Grammar::WithOptionsContext* tree) {
  std::vector<Option> built;
  if (tree == nullptr) return built;
  for (Grammar::WithOptionContext* item : tree->withOption())
    built.push_back(option(item->optionKey(), item->optionValue()));
  return built;
}

}  // namespace eventflux::syntax
