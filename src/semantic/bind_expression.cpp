#include "semantic/bind_expression.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "semantic/decimal_rules.hpp"
#include "semantic/function_resolver.hpp"
#include "syntax/format.hpp"

namespace eventflux::semantic {

namespace {

using syntax::BinaryOperator;

std::string type_text(Type type) {
  return std::string(type_name(type));
}

Operator operator_of(BinaryOperator op) {
  constexpr std::array<Operator, 14> operators = {
      Operator::add,       Operator::subtract,   Operator::multiply, Operator::divide,
      Operator::modulo,    Operator::concat,     Operator::equal,    Operator::not_equal,
      Operator::less,      Operator::less_equal, Operator::greater,  Operator::greater_equal,
      Operator::logic_and, Operator::logic_or};
  return operators[static_cast<std::size_t>(op)];
}

bool is_arithmetic(BinaryOperator op) {
  return op <= BinaryOperator::modulo;
}

bool is_logic(BinaryOperator op) {
  return op >= BinaryOperator::logical_and;
}

// A path is compared with what it stands beside; whole numbers of a message may be large.
Type path_type(Type type) {
  return type == Type::int32 ? Type(Type::int64) : type;
}

}  // namespace

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Expression& expression) {
  return std::visit([&](const auto& node) { return bind(node, expression.span); }, expression.node);
}

Result<ExpressionPtr> ExpressionBinder::condition(const syntax::Expression& expression) {
  return boolean(expression, scope_.clause);
}

Result<ExpressionPtr> ExpressionBinder::boolean(const syntax::Expression& expression,
                                                std::string_view what) {
  EF_TRY(ExpressionPtr bound, bind(expression));
  if (is_null_literal(*bound)) return coerce(bound, Type::boolean, binding_.report);
  if (bound->type == Type::boolean) return bound;
  return binding_.report.fail(
      {.code = Code::not_boolean,
       .message = std::string(what) + " needs a BOOLEAN, not " + type_text(bound->type),
       .span = expression.span,
       .label = "this is " + type_text(bound->type)});
}

ExpressionPtr ExpressionBinder::negated(ExpressionPtr expression, bool negate) {
  if (!negate) return expression;
  const Span span = expression->span;
  return make_operation(Operator::logic_not, Type::boolean, {std::move(expression)}, span);
}

Result<std::vector<ExpressionPtr>> ExpressionBinder::operands(const Pointers& expressions) {
  std::vector<ExpressionPtr> bound(expressions.size());
  std::vector<ExpressionPtr> typed;
  for (std::size_t index = 0; index < expressions.size(); ++index) {
    if (std::holds_alternative<syntax::PathLiteral>(expressions[index]->node)) continue;
    EF_TRY(bound[index], bind(*expressions[index]));
    typed.push_back(bound[index]);
  }
  if (typed.size() == expressions.size()) return bound;
  EF_TRY(const Type type, common_type_of(typed, binding_.report));
  for (std::size_t index = 0; index < expressions.size(); ++index) {
    if (bound[index]) continue;
    const auto& node = std::get<syntax::PathLiteral>(expressions[index]->node);
    EF_TRY(bound[index], path(node, path_type(type), expressions[index]->span));
  }
  return bound;
}

Result<ExpressionPtr> ExpressionBinder::path(const syntax::PathLiteral& node, Type type,
                                             Span span) {
  if (scope_.paths == nullptr)
    return binding_.report.unsupported("a JSON path in " + std::string(scope_.clause), span);
  if (node.from_element) {
    return binding_.report.fail(Code::invalid_path, "'@' has no element in WHEN", span,
                                "WHEN decides about the whole message: begin with $");
  }
  const std::string text = syntax::to_text(node);
  std::vector<FieldSpec>& fields = *scope_.paths;
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const FieldSpec& field) {
    return field.path == text && field.type == type;
  });
  const auto index = static_cast<std::size_t>(found - fields.begin());
  if (found == fields.end()) fields.push_back({.name = text, .type = type, .path = text});
  return std::make_shared<const Expression>(
      Expression{.kind = Expression::Kind::column, .type = type, .span = span, .index = index});
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::NullLiteral&, Span span) {
  return make_constant({}, Type::string, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::BooleanLiteral& node, Span span) {
  return make_constant(node.value, Type::boolean, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::IntegerLiteral& node, Span span) {
  const bool fits = node.value >= std::numeric_limits<std::int32_t>::min() &&
                    node.value <= std::numeric_limits<std::int32_t>::max();
  return make_constant(node.value, fits ? Type::int32 : Type::int64, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::DecimalLiteral& node, Span span) {
  Expression constant{.type = Type::float64, .span = span, .value = node.value};
  if (auto exact = parse_decimal(node.text); exact.ok()) constant.exact = *exact;
  return std::make_shared<const Expression>(std::move(constant));
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::OctetsLiteral& node, Span span) {
  return make_constant(node.octets, Type::bytes, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::StringLiteral& node, Span span) {
  return make_constant(node.value, Type::string, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::DurationLiteral& node, Span span) {
  if (node.months != 0) {
    return binding_.report.fail(Code::invalid_duration, "a month has no fixed length", span,
                                "use DAYS, or date_add");
  }
  return make_constant(node.microseconds, Type::duration, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::TimestampLiteral& node, Span span) {
  auto time = parse_timestamp(node.text);
  if (time.ok()) return make_constant(*time, Type::timestamp, span);
  return binding_.report.fail(Code::invalid_duration, "'" + node.text + "' is not a TIMESTAMP",
                              node.text_span, "write it like '2026-01-31 12:00:00'");
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::PathLiteral& node, Span span) {
  return path(node, Type::string, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::ColumnName& node, Span span) {
  return resolve(node, span, scope_, binding_.report);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Member&, Span span) {
  return binding_.report.unsupported("an indexed row of a pattern", span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Index&, Span span) {
  return binding_.report.unsupported("an index", span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::JsonAccess& node, Span span) {
  const std::string name = node.as_text ? "json_get_text" : "json_get";
  if (binding_.registry.find_functions(name).empty())
    return binding_.report.unsupported(node.as_text ? "->>" : "->", span);
  EF_TRY(auto both, operands({&*node.base, &*node.key}));
  return call(name, span, std::move(both), span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Unary& node, Span span) {
  if (node.op == syntax::UnaryOperator::logical_not) {
    EF_TRY(ExpressionPtr operand, boolean(*node.operand, "NOT"));
    return make_operation(Operator::logic_not, Type::boolean, {std::move(operand)}, span);
  }
  EF_TRY(ExpressionPtr operand, bind(*node.operand));
  const Type type = operand->type;
  if (!is_numeric(type) && type != Type::duration) {
    return binding_.report.fail(Code::type_mismatch, "- needs a number, not " + type_text(type),
                                operand->span);
  }
  return make_operation(Operator::negate, type, {std::move(operand)}, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Binary& node, Span span) {
  if (is_logic(node.op)) {
    const std::string_view what = node.op == BinaryOperator::logical_and ? "AND" : "OR";
    EF_TRY(ExpressionPtr left, boolean(*node.left, what));
    EF_TRY(ExpressionPtr right, boolean(*node.right, what));
    return make_operation(operator_of(node.op), Type::boolean, {std::move(left), std::move(right)},
                          span);
  }
  if (is_arithmetic(node.op)) return arithmetic(node, span);
  EF_TRY(auto both, operands({&*node.left, &*node.right}));
  if (node.op != BinaryOperator::concat) return comparison(operator_of(node.op), both, span);
  return concatenation(std::move(both), span);
}

// BYTES are joined with BYTES, and STRING with STRING.
Result<ExpressionPtr> ExpressionBinder::concatenation(std::vector<ExpressionPtr> both, Span span) {
  const auto octets = [](const ExpressionPtr& operand) { return operand->type == Type::bytes; };
  const Type type =
      std::any_of(both.begin(), both.end(), octets) ? Type(Type::bytes) : Type(Type::string);
  for (ExpressionPtr& operand : both) {
    if (is_null_literal(*operand)) operand = make_constant({}, type, operand->span);
    if (operand->type == type) continue;
    return binding_.report.fail(
        Code::type_mismatch, "|| needs " + type_text(type) + ", not " + type_text(operand->type),
        operand->span,
        type == Type::bytes ? "CAST(… AS BYTES)"
                            : "CAST(… AS STRING), or concat(…), which takes any type");
  }
  return make_operation(Operator::concat, type, std::move(both), span);
}

Result<ExpressionPtr> ExpressionBinder::arithmetic(const syntax::Binary& node, Span span) {
  EF_TRY(auto both, operands({&*node.left, &*node.right}));
  const Operator op = operator_of(node.op);
  const auto temporal = [](const ExpressionPtr& operand) {
    return operand->type == Type::timestamp || operand->type == Type::duration;
  };
  if (std::any_of(both.begin(), both.end(), temporal))
    return time_arithmetic(op, std::move(both), node.op_span, span);
  for (const ExpressionPtr& operand : both) {
    if (is_null_literal(*operand) || is_numeric(operand->type)) continue;
    return binding_.report.fail(
        {.code = Code::type_mismatch,
         .message = "arithmetic needs numbers, not " + type_text(operand->type),
         .span = operand->span,
         .label = "this is " + type_text(operand->type),
         .help = {"CAST(… AS DOUBLE)"}});
  }
  if (are_decimal(both)) return decimal_arithmetic(op, std::move(both), node.op_span, span);
  if (op == Operator::divide) {
    for (ExpressionPtr& operand : both) {
      EF_TRY(operand, coerce(std::move(operand), Type::float64, binding_.report));
    }
    return make_operation(op, Type::float64, std::move(both), span);
  }
  if (is_null_literal(*both[0]) && is_null_literal(*both[1]))
    both[0] = make_constant({}, Type::int32, both[0]->span);
  EF_TRY(Type type, common_type_of(both, binding_.report));
  if (!is_numeric(type)) type = Type::int32;
  for (ExpressionPtr& operand : both) {
    EF_TRY(operand, coerce(std::move(operand), type, binding_.report));
  }
  return make_operation(op, type, std::move(both), span);
}

// Operands keep their digits: the kernels bring them together without loss.
Result<ExpressionPtr> ExpressionBinder::decimal_arithmetic(Operator op,
                                                           std::vector<ExpressionPtr> operands,
                                                           Span op_span, Span span) {
  for (ExpressionPtr& operand : operands)
    operand = as_decimal(std::move(operand));
  const auto type = decimal_result(op, operands[0]->type, operands[1]->type);
  if (type) return make_operation(op, *type, std::move(operands), span);
  return binding_.report.fail(Code::type_mismatch,
                              "the product of " + type_text(operands[0]->type) + " and " +
                                  type_text(operands[1]->type) + " has more than 38 decimals",
                              op_span, "CAST an operand to fewer decimals");
}

// DURATION × number and number × DURATION, DURATION ÷ number and DURATION ÷ DURATION.
Result<ExpressionPtr> ExpressionBinder::scaled_duration(Operator op,
                                                        std::vector<ExpressionPtr> operands,
                                                        Span span) {
  if (operands[0]->type != Type::duration) std::swap(operands[0], operands[1]);
  if (operands[1]->type == Type::duration)
    return make_operation(op, Type::float64, std::move(operands), span);
  const Type factor = is_integer(operands[1]->type) ? Type(Type::int64) : Type(Type::float64);
  EF_TRY(operands[1], coerce(std::move(operands[1]), factor, binding_.report));
  return make_operation(op, Type::duration, std::move(operands), span);
}

// TIMESTAMP ± DURATION, TIMESTAMP − TIMESTAMP and DURATION ± DURATION; the time stands first.
Result<ExpressionPtr> ExpressionBinder::time_arithmetic(Operator op,
                                                        std::vector<ExpressionPtr> operands,
                                                        Span op_span, Span span) {
  for (std::size_t side = 0; side < 2; ++side) {
    if (!is_null_literal(*operands[side])) continue;
    const bool number = op == Operator::multiply || op == Operator::divide;
    operands[side] =
        make_constant({}, number ? Type(Type::int64) : Type(Type::duration), operands[side]->span);
  }
  const Type left = operands[0]->type;
  const Type right = operands[1]->type;
  const bool scales = (op == Operator::multiply && left == Type::duration && is_numeric(right)) ||
                      (op == Operator::multiply && is_numeric(left) && right == Type::duration) ||
                      (op == Operator::divide && left == Type::duration &&
                       (is_numeric(right) || right == Type::duration));
  if (scales) return scaled_duration(op, std::move(operands), span);
  const bool additive = op == Operator::add || op == Operator::subtract;
  if (additive && left == Type::timestamp && right == Type::duration)
    return make_operation(op, Type::timestamp, std::move(operands), span);
  if (op == Operator::add && left == Type::duration && right == Type::timestamp)
    return make_operation(op, Type::timestamp, {operands[1], operands[0]}, span);
  if (op == Operator::subtract && left == Type::timestamp && right == Type::timestamp)
    return make_operation(op, Type::duration, std::move(operands), span);
  if (additive && left == Type::duration && right == Type::duration)
    return make_operation(op, Type::duration, std::move(operands), span);
  return binding_.report.fail(
      Code::type_mismatch, "no such arithmetic on " + type_text(left) + " and " + type_text(right),
      op_span, "TIMESTAMP ± DURATION, TIMESTAMP - TIMESTAMP, DURATION * number, DURATION / number");
}

Result<ExpressionPtr> ExpressionBinder::comparison(Operator op, std::vector<ExpressionPtr> operands,
                                                   Span span) {
  if (are_decimal(operands)) {
    for (ExpressionPtr& operand : operands)
      operand = as_decimal(std::move(operand));
    return make_operation(op, Type::boolean, std::move(operands), span);
  }
  EF_TRY(const Type type, unify(operands, binding_.report));
  if (type == Type::json) {
    return binding_.report.fail(Code::type_mismatch, "JSON cannot be compared", span,
                                "CAST(… AS STRING)");
  }
  return make_operation(op, Type::boolean, std::move(operands), span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Between& node, Span span) {
  EF_TRY(auto parts, operands({&*node.value, &*node.low, &*node.high}));
  EF_TRY(ExpressionPtr above, comparison(Operator::greater_equal, {parts[0], parts[1]}, span));
  EF_TRY(ExpressionPtr below, comparison(Operator::less_equal, {parts[0], parts[2]}, span));
  return negated(make_operation(Operator::logic_and, Type::boolean,
                                {std::move(above), std::move(below)}, span),
                 node.negated);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::InList& node, Span span) {
  Pointers parts = {&*node.value};
  for (const syntax::Expression& item : node.items)
    parts.push_back(&item);
  EF_TRY(auto bound, operands(parts));
  EF_TRY(ExpressionPtr in, comparison(Operator::in_list, std::move(bound), span));
  return negated(std::move(in), node.negated);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::InTable& node, Span) {
  return binding_.report.unsupported("IN table", node.table.span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::TextMatch& node, Span span) {
  EF_TRY(auto both, operands({&*node.value, &*node.pattern}));
  for (ExpressionPtr& operand : both) {
    if (operand->type != Type::string && !is_null_literal(*operand)) {
      return binding_.report.fail(Code::type_mismatch,
                                  "text is matched, not " + type_text(operand->type), operand->span,
                                  "CAST(… AS STRING)");
    }
  }
  if (node.kind == syntax::MatchKind::regexp) {
    EF_TRY(ExpressionPtr match, call("regexp_matches", span, std::move(both), span));
    return negated(std::move(match), node.negated);
  }
  both.push_back(make_constant(node.escape.value_or(""), Type::string, span));
  const Operator op = node.kind == syntax::MatchKind::like ? Operator::like : Operator::ilike;
  return negated(make_operation(op, Type::boolean, std::move(both), span), node.negated);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::IsTest& node, Span span) {
  if (node.kind == syntax::IsKind::null) {
    EF_TRY(ExpressionPtr operand, bind(*node.value));
    const Operator op = node.negated ? Operator::is_not_null : Operator::is_null;
    return make_operation(op, Type::boolean, {std::move(operand)}, span);
  }
  EF_TRY(ExpressionPtr operand, boolean(*node.value, "IS TRUE"));
  const bool value = node.kind == syntax::IsKind::true_value;
  const Operator op = node.negated ? Operator::is_distinct : Operator::is_not_distinct;
  return make_operation(op, Type::boolean,
                        {std::move(operand), make_constant(value, Type::boolean, span)}, span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::IsDistinct& node, Span span) {
  EF_TRY(auto both, operands({&*node.left, &*node.right}));
  return comparison(node.negated ? Operator::is_not_distinct : Operator::is_distinct,
                    std::move(both), span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Cast& node, Span span) {
  EF_TRY(const Type type, bind_type(node.type, binding_.report));
  ExpressionPtr operand;
  if (const auto* json = std::get_if<syntax::PathLiteral>(&node.value->node)) {
    EF_TRY(operand, path(*json, Type::string, node.value->span));
  } else {
    EF_TRY(operand, bind(*node.value));
  }
  if (type == Type::decimal && operand->exact) operand = as_decimal(std::move(operand));
  if (!casts(operand->type, type) && !is_null_literal(*operand)) {
    return binding_.report.fail(
        Code::type_mismatch, "no CAST from " + type_text(operand->type) + " to " + type_text(type),
        span);
  }
  if (is_null_literal(*operand)) operand = make_constant({}, type, operand->span);
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::cast,
                                                       .type = type,
                                                       .span = span,
                                                       .null_on_failure = node.lenient,
                                                       .operands = {std::move(operand)}});
}

}  // namespace eventflux::semantic
