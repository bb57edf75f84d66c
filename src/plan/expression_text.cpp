#include "plan/expression_text.hpp"

#include <array>
#include <string_view>

#include "base/text.hpp"

namespace eventflux::plan {

namespace {

using semantic::Expression;
using semantic::Operator;

constexpr std::array<std::string_view, 23> operator_texts = {"-",
                                                             " + ",
                                                             " - ",
                                                             " * ",
                                                             " / ",
                                                             " % ",
                                                             " || ",
                                                             " = ",
                                                             " <> ",
                                                             " < ",
                                                             " <= ",
                                                             " > ",
                                                             " >= ",
                                                             " AND ",
                                                             " OR ",
                                                             "NOT ",
                                                             " IS NULL",
                                                             " IS NOT NULL",
                                                             " IS DISTINCT FROM ",
                                                             " IS NOT DISTINCT FROM ",
                                                             " LIKE ",
                                                             " ILIKE ",
                                                             " IN "};

std::string_view text_of(Operator op) {
  return operator_texts[static_cast<std::size_t>(op)];
}

std::string listed(const std::vector<semantic::ExpressionPtr>& operands, std::size_t first,
                   const ColumnNames& names) {
  std::string text;
  for (std::size_t index = first; index < operands.size(); ++index)
    text += (index > first ? ", " : "") + to_text(*operands[index], names);
  return text;
}

// Operations inside operations stand in brackets: nobody has to know precedences.
std::string operand(const Expression& expression, const ColumnNames& names) {
  const std::string text = to_text(expression, names);
  const bool bare = expression.kind != Expression::Kind::operation;
  return bare ? text : '(' + text + ')';
}

std::string column_text(const Expression& column, const ColumnNames& names) {
  switch (column.space) {
    case semantic::ColumnSource::input:
      if (column.index >= names.input->size())
        return to_text(*(*names.computed)[column.index - names.input->size()], names);
      return names.input->fields[column.index].name;
    case semantic::ColumnSource::group_key:
      return to_text(*names.query->keys[column.index], names);
    case semantic::ColumnSource::aggregate:
      return to_text(names.query->aggregates[column.index], names);
    case semantic::ColumnSource::window_bound:
      return column.index == 0 ? "window_start" : "window_end";
  }
  return {};
}

std::string constant_text(const Expression& constant) {
  if (constant.value.is_null()) return "NULL";
  const std::string text = eventflux::to_text(constant.value, constant.type);
  const bool quoted = is_text(constant.type) || constant.type == Type::timestamp;
  return quoted ? '\'' + text + '\'' : text;
}

std::string operation_text(const Expression& expression, const ColumnNames& names) {
  const auto& operands = expression.operands;
  const std::string first = operand(*operands[0], names);
  const std::string word(text_of(expression.op));
  switch (expression.op) {
    case Operator::negate:
    case Operator::logic_not:
      return word + first;
    case Operator::is_null:
    case Operator::is_not_null:
      return first + word;
    case Operator::in_list:
      return first + word + '(' + listed(operands, 1, names) + ')';
    default:
      break;
  }
  std::string text = first + word + operand(*operands[1], names);
  if (operands.size() > 2 && operands[2]->value.text() != nullptr &&
      !operands[2]->value.text()->empty())
    text += " ESCAPE " + constant_text(*operands[2]);
  return text;
}

std::string choice_text(const Expression& choice, const ColumnNames& names) {
  std::string text = "CASE";
  std::size_t index = 0;
  for (; index + 1 < choice.operands.size(); index += 2) {
    text += " WHEN " + to_text(*choice.operands[index], names) + " THEN " +
            to_text(*choice.operands[index + 1], names);
  }
  return text + " ELSE " + to_text(*choice.operands[index], names) + " END";
}

// "10s" as people write it: "10 s".
std::string spaced(std::string text) {
  const std::size_t unit = text.find_first_not_of("-0123456789");
  return unit == std::string::npos || unit == 0 ? text : text.insert(unit, " ");
}

}  // namespace

std::string to_text(const Expression& expression, const ColumnNames& names) {
  switch (expression.kind) {
    case Expression::Kind::column:
      return column_text(expression, names);
    case Expression::Kind::constant:
      return constant_text(expression);
    case Expression::Kind::operation:
      return operation_text(expression, names);
    case Expression::Kind::cast:
      return (expression.null_on_failure ? "TRY_CAST(" : "CAST(") +
             to_text(*expression.operands[0], names) + " AS " +
             std::string(type_name(expression.type)) + ')';
    case Expression::Kind::call:
      return base::lower(expression.function->name) + '(' + listed(expression.operands, 0, names) +
             ')';
    case Expression::Kind::choice:
      return choice_text(expression, names);
  }
  return {};
}

std::string to_text(const semantic::AggregateCall& call, const ColumnNames& names) {
  const std::string argument = call.argument ? to_text(*call.argument, names) : "*";
  return base::lower(call.function->name) + '(' + argument + ')';
}

std::string to_text(const semantic::Window& window) {
  std::string text;
  for (const char letter : window.entry->name)
    text += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  text += '(';
  for (std::size_t index = 0; index < window.arguments.size(); ++index) {
    const WindowArgument& argument = window.arguments[index];
    if (index > 0) text += ", ";
    text += argument.type == Type::duration ? spaced(eventflux::to_text(Duration(argument.value)))
                                            : std::to_string(argument.value);
  }
  return text + ')';
}

}  // namespace eventflux::plan
