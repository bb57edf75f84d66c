#include <array>
#include <string>
#include <utility>

#include "eventflux/text.hpp"

#include "base/text.hpp"
#include "syntax/format.hpp"

// Expressions as text. Brackets appear where the tree would come out differently without them.
namespace eventflux::syntax {

namespace {

// How tightly an expression binds; the order is that of the grammar.
enum class Binding : std::uint8_t {
  any,
  disjunction,
  conjunction,
  negation,
  predicate,
  sum,
  product,
  sign,
  access
};

Binding binding(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::logical_or:
      return Binding::disjunction;
    case BinaryOperator::logical_and:
      return Binding::conjunction;
    case BinaryOperator::add:
    case BinaryOperator::subtract:
    case BinaryOperator::concat:
      return Binding::sum;
    case BinaryOperator::multiply:
    case BinaryOperator::divide:
    case BinaryOperator::modulo:
      return Binding::product;
    default:
      return Binding::predicate;
  }
}

Binding tighter(Binding binding) {
  return binding == Binding::access ? binding
                                    : static_cast<Binding>(static_cast<std::uint8_t>(binding) + 1);
}

std::string_view sign_of(BinaryOperator op) {
  constexpr std::array<std::string_view, 14> signs = {
      " + ",  " - ", " * ",  " / ", " % ",  " || ",  " = ",
      " <> ", " < ", " <= ", " > ", " >= ", " AND ", " OR "};
  return signs[static_cast<std::size_t>(op)];
}

Binding binding_of(const Expression& expression) {
  if (const auto* binary = std::get_if<Binary>(&expression.node)) return binding(binary->op);
  if (const auto* unary = std::get_if<Unary>(&expression.node))
    return unary->op == UnaryOperator::negate ? Binding::sign : Binding::negation;
  const bool predicate = std::holds_alternative<Between>(expression.node) ||
                         std::holds_alternative<InList>(expression.node) ||
                         std::holds_alternative<InTable>(expression.node) ||
                         std::holds_alternative<TextMatch>(expression.node) ||
                         std::holds_alternative<IsTest>(expression.node) ||
                         std::holds_alternative<IsDistinct>(expression.node);
  if (predicate) return Binding::predicate;
  const auto* integer = std::get_if<IntegerLiteral>(&expression.node);
  const auto* decimal = std::get_if<DecimalLiteral>(&expression.node);
  const bool negative = (integer != nullptr && integer->value < 0) ||
                        (decimal != nullptr && decimal->text.front() == '-');
  return negative ? Binding::sign : Binding::access;
}

std::string within(const Expression& expression, Binding least) {
  std::string text = to_text(expression);
  return binding_of(expression) < least ? '(' + text + ')' : text;
}

std::string_view sigil_text(Sigil sigil) {
  if (sigil == Sigil::inner) return "#";
  return sigil == Sigil::fault ? "!" : "";
}

std::string listed(const std::vector<Expression>& expressions) {
  std::string text;
  for (const Expression& expression : expressions)
    text += (text.empty() ? "" : ", ") + to_text(expression);
  return text;
}

std::string_view negation(bool negated) {
  return negated ? " NOT" : "";
}

// A field may be a keyword, so only its characters count.
bool needs_brackets(const std::string& field) {
  const bool digit = !field.empty() && field.front() >= '0' && field.front() <= '9';
  return field.empty() || digit || needs_quotes('_' + field);
}

struct Printer {
  std::string operator()(const NullLiteral&) const { return "NULL"; }

  std::string operator()(const BooleanLiteral& node) const { return node.value ? "TRUE" : "FALSE"; }

  std::string operator()(const IntegerLiteral& node) const { return std::to_string(node.value); }

  std::string operator()(const DecimalLiteral& node) const { return node.text; }

  std::string operator()(const OctetsLiteral& node) const {
    return "X'" + to_hex(node.octets) + "'";
  }

  std::string operator()(const StringLiteral& node) const { return quoted_string(node.value); }

  std::string operator()(const DurationLiteral& node) const { return to_text(node); }

  std::string operator()(const PathLiteral& node) const { return to_text(node); }

  std::string operator()(const TimestampLiteral& node) const {
    return "TIMESTAMP " + quoted_string(node.text);
  }

  std::string operator()(const ColumnName& node) const {
    std::string text(sigil_text(node.sigil));
    for (std::size_t part = 0; part < node.parts.size(); ++part)
      text += (part > 0 ? "." : "") + quoted_name(node.parts[part].text);
    return text;
  }

  std::string operator()(const Member& node) const {
    return within(*node.base, Binding::access) + '.' + quoted_name(node.name.text);
  }

  std::string operator()(const Index& node) const {
    return within(*node.base, Binding::access) + '[' + to_text(*node.index) + ']';
  }

  std::string operator()(const JsonAccess& node) const {
    const bool plain = std::holds_alternative<StringLiteral>(node.key->node) ||
                       std::holds_alternative<IntegerLiteral>(node.key->node);
    const std::string key = to_text(*node.key);
    return within(*node.base, Binding::access) + (node.as_text ? "->>" : "->") +
           (plain ? key : '(' + key + ')');
  }

  // A sign before a sign would read as a comment, and before a number as part of it.
  std::string operator()(const Unary& node) const {
    if (node.op == UnaryOperator::logical_not)
      return "NOT " + within(*node.operand, Binding::negation);
    const bool number = std::holds_alternative<IntegerLiteral>(node.operand->node) ||
                        std::holds_alternative<DecimalLiteral>(node.operand->node);
    return '-' +
           (number ? '(' + to_text(*node.operand) + ')' : within(*node.operand, Binding::access));
  }

  std::string operator()(const Binary& node) const {
    const Binding own = binding(node.op);
    const auto* half = std::get_if<Binary>(&node.right->node);
    const bool bare = half != nullptr && half->chained && half->op == node.op;
    return within(*node.left, own) + std::string(sign_of(node.op)) +
           within(*node.right, bare ? own : tighter(own));
  }

  std::string operator()(const Between& node) const {
    return within(*node.value, Binding::predicate) + std::string(negation(node.negated)) +
           " BETWEEN " + within(*node.low, Binding::sum) + " AND " +
           within(*node.high, Binding::sum);
  }

  std::string operator()(const InList& node) const {
    return within(*node.value, Binding::predicate) + std::string(negation(node.negated)) + " IN (" +
           listed(node.items) + ')';
  }

  std::string operator()(const InTable& node) const {
    return within(*node.value, Binding::predicate) + std::string(negation(node.negated)) + " IN " +
           quoted_name(node.table.text);
  }

  std::string operator()(const TextMatch& node) const {
    constexpr std::array<std::string_view, 3> words = {" LIKE ", " ILIKE ", " REGEXP "};
    std::string text = within(*node.value, Binding::predicate);
    text += negation(node.negated);
    text += words[static_cast<std::size_t>(node.kind)];
    text += within(*node.pattern, Binding::sum);
    if (node.escape) text += " ESCAPE " + quoted_string(*node.escape);
    return text;
  }

  std::string operator()(const IsTest& node) const {
    constexpr std::array<std::string_view, 3> words = {" NULL", " TRUE", " FALSE"};
    return within(*node.value, Binding::predicate) + " IS" + std::string(negation(node.negated)) +
           std::string(words[static_cast<std::size_t>(node.kind)]);
  }

  std::string operator()(const IsDistinct& node) const {
    return within(*node.left, Binding::predicate) + " IS" + std::string(negation(node.negated)) +
           " DISTINCT FROM " + within(*node.right, Binding::sum);
  }

  std::string operator()(const Case& node) const {
    std::string text = "CASE";
    if (node.subject) text += ' ' + to_text(**node.subject);
    for (const CaseBranch& branch : node.branches)
      text += " WHEN " + to_text(branch.condition) + " THEN " + to_text(branch.result);
    if (node.otherwise) text += " ELSE " + to_text(**node.otherwise);
    return text + " END";
  }

  std::string operator()(const Cast& node) const {
    return (node.lenient ? "TRY_CAST(" : "CAST(") + to_text(*node.value) + " AS " +
           to_text(node.type) + ')';
  }

  std::string operator()(const Call& node) const {
    const bool logical =
        base::equal_fold(node.name.text, "and") || base::equal_fold(node.name.text, "or");
    std::string text = logical ? node.name.text : quoted_name(node.name.text);
    text += '(';
    if (node.star) text += '*';
    if (node.distinct) text += "DISTINCT ";
    text += listed(node.arguments) + ')';
    if (node.filter) text += " FILTER (WHERE " + to_text(**node.filter) + ')';
    return text;
  }
};

}  // namespace

std::string to_text(const Expression& expression) {
  return std::visit(Printer{}, expression.node);
}

std::string to_text(const DurationLiteral& duration) {
  constexpr std::array<std::string_view, 9> units = {
      "MICROSECOND", "MS", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"};
  std::string text =
      duration.amount + ' ' + std::string(units[static_cast<std::size_t>(duration.unit)]);
  const bool plural = duration.amount != "1" && duration.unit != TimeUnit::millisecond;
  return plural ? text + 'S' : text;
}

std::string to_text(const TypeName& type) {
  std::string text = type.name;
  for (std::size_t index = 0; index < type.parameters.size(); ++index)
    text += (index == 0 ? "(" : ", ") + std::to_string(type.parameters[index]);
  return type.parameters.empty() ? text : text + ')';
}

std::string to_text(const PathLiteral& path) {
  std::string text = path.from_element ? "@" : "$";
  for (const PathStep& step : path.steps) {
    if (step.kind == PathStep::Kind::every_element) {
      text += "[*]";
    } else if (step.kind == PathStep::Kind::element) {
      text += '[' + std::to_string(step.element) + ']';
    } else if (needs_brackets(step.field)) {
      text += '[' + quoted_string(step.field) + ']';
    } else {
      text += '.' + step.field;
    }
  }
  return text;
}

std::string to_text(const StreamName& name) {
  return std::string(sigil_text(name.sigil)) + quoted_name(name.text);
}

std::string quoted_name(std::string_view name) {
  if (!needs_quotes(name)) return std::string(name);
  std::string text = "\"";
  for (const char byte : name) {
    text += byte;
    if (byte == '"') text += byte;
  }
  return text + '"';
}

std::string quoted_string(std::string_view text) {
  std::string quoted = "'";
  for (const char byte : text) {
    quoted += byte;
    if (byte == '\'') quoted += byte;
  }
  return quoted + '\'';
}

}  // namespace eventflux::syntax
