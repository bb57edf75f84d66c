#include <array>
#include <utility>

#include "base/text.hpp"
#include "semantic/bind_expression.hpp"
#include "semantic/function_resolver.hpp"

// CASE, calls of functions and aggregates, and types by name.
namespace eventflux::semantic {

namespace {

// A constant that is wrong for every row is wrong in the text.
Result<void> check_constants(const ResolvedCall& call, Report& report) {
  std::vector<std::optional<std::string_view>> texts;
  for (const ExpressionPtr& argument : call.arguments) {
    const bool constant = argument->kind == Expression::Kind::constant;
    const std::string* text = constant ? argument->value.text() : nullptr;
    texts.push_back(text == nullptr ? std::nullopt : std::optional<std::string_view>(*text));
  }
  for (const ConstantCheck& check : call.function->constants) {
    if (auto bad = check(texts)) {
      return report.fail(Code::unknown_function, bad->error.message,
                         call.arguments[bad->index]->span, bad->error.help);
    }
  }
  return {};
}

}  // namespace

// The subject is one expression for all branches, so that what is random is drawn once. A path has
// the type of what it stands beside, which each branch says anew.
Result<ExpressionPtr> ExpressionBinder::equals_subject(const syntax::Expression& subject,
                                                       const ExpressionPtr& bound,
                                                       const syntax::Expression& value) {
  std::vector<ExpressionPtr> both;
  if (!bound || std::holds_alternative<syntax::PathLiteral>(value.node)) {
    EF_TRY(both, operands({&subject, &value}));
    if (bound) both[0] = bound;
  } else {
    EF_TRY(ExpressionPtr right, bind(value));
    both = {bound, std::move(right)};
  }
  return comparison(Operator::equal, std::move(both), value.span);
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Case& node, Span span) {
  std::vector<ExpressionPtr> parts;
  std::vector<ExpressionPtr> results;
  ExpressionPtr subject;
  if (node.subject && !std::holds_alternative<syntax::PathLiteral>((*node.subject)->node)) {
    EF_TRY(subject, bind(**node.subject));
  }
  for (const syntax::CaseBranch& branch : node.branches) {
    ExpressionPtr condition;
    if (node.subject) {
      EF_TRY(condition, equals_subject(**node.subject, subject, branch.condition));
    } else {
      EF_TRY(condition, boolean(branch.condition, "WHEN"));
    }
    EF_TRY(ExpressionPtr result, bind(branch.result));
    parts.push_back(std::move(condition));
    results.push_back(std::move(result));
  }
  if (node.otherwise) {
    EF_TRY(ExpressionPtr otherwise, bind(**node.otherwise));
    results.push_back(std::move(otherwise));
  } else {
    results.push_back(make_constant({}, Type::string, span));
  }
  EF_TRY(const Type type, unify(results, binding_.report));
  Expression choice{.kind = Expression::Kind::choice, .type = type, .span = span};
  for (std::size_t branch = 0; branch < parts.size(); ++branch) {
    choice.operands.push_back(std::move(parts[branch]));
    choice.operands.push_back(std::move(results[branch]));
  }
  choice.operands.push_back(std::move(results.back()));
  return std::make_shared<const Expression>(std::move(choice));
}

Result<ExpressionPtr> ExpressionBinder::bind(const syntax::Call& node, Span span) {
  if (node.filter) return binding_.report.unsupported("FILTER", (*node.filter)->span);
  if (is_aggregate(node.name.text, binding_.registry)) return aggregate(node, span);
  if (node.distinct) {
    return binding_.report.fail(Code::unexpected_word, "DISTINCT is allowed in aggregates only",
                                *node.distinct);
  }
  if (node.star) {
    return binding_.report.fail(Code::unknown_function, node.name.text + " does not take *",
                                node.name.span);
  }
  Pointers pointers;
  for (const syntax::Expression& argument : node.arguments)
    pointers.push_back(&argument);
  EF_TRY(auto arguments, operands(pointers));
  return call(node.name.text, node.name.span, std::move(arguments), span);
}

Result<ExpressionPtr> ExpressionBinder::call(const std::string& name, Span name_span,
                                             std::vector<ExpressionPtr> arguments, Span span) {
  EF_TRY(ResolvedCall resolved, resolve_function(name, name_span, std::move(arguments),
                                                 binding_.registry, binding_.report));
  EF_CHECK(check_constants(resolved, binding_.report));
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::call,
                                                       .type = resolved.result,
                                                       .span = span,
                                                       .function = resolved.function,
                                                       .call_id = binding_.calls++,
                                                       .operands = std::move(resolved.arguments)});
}

// Equal aggregates of a query are computed once.
Result<ExpressionPtr> ExpressionBinder::aggregate(const syntax::Call& node, Span span) {
  const std::string& name = node.name.text;
  if (scope_.aggregates == nullptr) {
    return binding_.report.fail(
        Code::misplaced_aggregate,
        "aggregate '" + name + "' is not allowed in " + std::string(scope_.clause), node.name.span,
        scope_.clause == "WHERE" ? "HAVING sees aggregates" : "");
  }
  if (node.arguments.size() > 1)
    return binding_.report.unsupported(name + " of several values", span);
  const bool distinct_count = node.distinct && base::fold(name) == "count";
  if (node.distinct && !distinct_count)
    return binding_.report.unsupported("DISTINCT in " + name, *node.distinct);
  ExpressionPtr argument;
  if (!node.arguments.empty()) {
    Scope inner = scope_;
    inner.clause = "an aggregate";
    inner.aggregates = nullptr;
    inner.outputs = nullptr;
    inner.bounds = false;
    EF_TRY(argument, ExpressionBinder(binding_, inner).bind(node.arguments.front()));
  }
  EF_TRY(AggregateCall call,
         resolve_aggregate(distinct_count ? "distinct_count" : name, node.name.span,
                           std::move(argument), binding_.registry, binding_.report));
  std::vector<AggregateCall>& calls = *scope_.aggregates;
  std::size_t index = 0;
  for (; index < calls.size(); ++index) {
    if (calls[index].function != call.function) continue;
    if (!call.argument || same(*calls[index].argument, *call.argument)) break;
  }
  const Type type = call.function->output;
  if (index == calls.size()) calls.push_back(std::move(call));
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::column,
                                                       .type = type,
                                                       .span = span,
                                                       .space = ColumnSource::aggregate,
                                                       .index = index});
}

namespace {

// Without digits as in DuckDB: 18, three of them decimals; with one number, none.
Result<Type> bind_digits(const syntax::TypeName& type, Report& report) {
  constexpr int precision_default = 18;
  constexpr int scale_default = 3;
  const auto& digits = type.parameters;
  if (digits.empty()) return Type::decimal_of(precision_default, scale_default);
  const std::int64_t scale = digits.size() > 1 ? digits[1] : 0;
  if (digits.size() <= 2 && digits[0] >= 1 && digits[0] <= Decimal::digits_max && scale >= 0 &&
      scale <= digits[0])
    return Type::decimal_of(static_cast<int>(digits[0]), static_cast<int>(scale));
  return report.fail(Code::unknown_type, "DECIMAL has 1 to 38 digits, of them 0 to all decimals",
                     type.span, "DECIMAL(18, 3)");
}

}  // namespace

Result<Type> bind_type(const syntax::TypeName& type, Report& report) {
  constexpr std::array<std::string_view, 2> later = {"ARRAY", "STRUCT"};
  const auto parsed = parse_type(type.name);
  if (parsed && *parsed == Type::decimal) return bind_digits(type, report);
  const bool sized = type.name == "VARCHAR" || type.name == "CHAR";
  if (parsed && (type.parameters.empty() || (sized && type.parameters.size() == 1))) return *parsed;
  if (parsed) return report.fail(Code::unknown_type, type.name + " takes no size", type.span);
  for (const std::string_view name : later)
    if (type.name == name) return report.unsupported(type.name, type.span);
  std::vector<std::string> names;
  names.reserve(type_count);
  for (int index = 0; index < type_count; ++index)
    names.emplace_back(type_name(static_cast<Type::Kind>(index)));
  return report.unknown({.code = Code::unknown_type,
                         .message = "unknown type '" + type.name + "'",
                         .span = type.span,
                         .notes = {"types: " + base::join(names, ", ")}},
                        type.name, names);
}

}  // namespace eventflux::semantic
