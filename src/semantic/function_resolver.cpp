#include "semantic/function_resolver.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"
#include "semantic/type_rules.hpp"

namespace eventflux::semantic {

namespace {

using Arguments = std::vector<ExpressionPtr>;

// The steps from one type to a wider one; nothing when it does not fit.
std::optional<int> distance(const Expression& argument, Type type) {
  if (is_null_literal(argument) || argument.type == type) return 0;
  if (type == Type::decimal && argument.type == Type::decimal) return 0;
  const bool text = argument.kind == Expression::Kind::constant && argument.value.text() != nullptr;
  if (text && type == Type::timestamp) return 8;
  if (!widens(argument.type, type)) return std::nullopt;
  constexpr int from_decimal = 9;
  if (argument.type == Type::decimal) return from_decimal;
  return static_cast<int>(type.kind) - static_cast<int>(argument.type.kind);
}

std::optional<int> distance(const Arguments& arguments, const std::vector<Type>& types) {
  if (arguments.size() != types.size()) return std::nullopt;
  int sum = 0;
  for (std::size_t index = 0; index < types.size(); ++index) {
    const auto one = distance(*arguments[index], types[index]);
    if (!one) return std::nullopt;
    sum += *one;
  }
  return sum;
}

std::optional<int> distance(const ExpressionPtr& argument, const AggregateFunction& function) {
  if (!argument || !function.input)
    return argument || function.input ? std::nullopt : std::optional<int>(0);
  return distance(*argument, *function.input);
}

std::vector<Type> types_of(const Arguments& arguments) {
  std::vector<Type> types;
  for (const ExpressionPtr& argument : arguments)
    types.push_back(argument->type);
  return types;
}

std::string type_list(const std::vector<Type>& types) {
  std::vector<std::string> names;
  names.reserve(types.size());
  for (const Type type : types)
    names.emplace_back(type_name(type));
  return '(' + base::join(names, ", ") + ')';
}

// Literals NULL take the type of the other arguments, so that a signature can be inferred.
void type_nulls(Arguments& arguments, Report& report) {
  const auto common = common_type_of(arguments, report);
  for (ExpressionPtr& argument : arguments) {
    if (is_null_literal(*argument) && common.ok())
      argument = make_constant({}, *common, argument->span);
  }
}

// Numbers of several types as their common one; everything else stays.
std::optional<Arguments> widened(const Arguments& arguments, Report& report) {
  Arguments numbers;
  for (const ExpressionPtr& argument : arguments)
    if (is_numeric(argument->type) && !is_null_literal(*argument)) numbers.push_back(argument);
  if (numbers.empty()) return std::nullopt;
  const auto common = common_type_of(numbers, report);
  if (!common.ok()) return std::nullopt;
  Arguments wide = arguments;
  for (ExpressionPtr& argument : wide) {
    if (!is_numeric(argument->type)) continue;
    auto cast = coerce_common(argument, *common, report);
    if (!cast.ok()) return std::nullopt;
    argument = *std::move(cast);
  }
  return wide;
}

std::optional<ResolvedCall> infer(const std::vector<const ScalarFunction*>& overloads,
                                  const Arguments& arguments) {
  const std::vector<Type> types = types_of(arguments);
  for (const ScalarFunction* function : overloads) {
    if (!function->infer) continue;
    if (const auto result = function->infer(types))
      return ResolvedCall{function, *result, arguments};
  }
  return std::nullopt;
}

const ScalarFunction* nearest_overload(const std::vector<const ScalarFunction*>& overloads,
                                       const Arguments& arguments, bool exact) {
  const ScalarFunction* best = nullptr;
  int least = 0;
  for (const ScalarFunction* function : overloads) {
    if (function->infer) continue;
    const auto steps = distance(arguments, function->arguments);
    if (!steps || (exact && *steps > 0) || (best != nullptr && *steps >= least)) continue;
    best = function;
    least = *steps;
  }
  return best;
}

Result<ResolvedCall> call_of(const ScalarFunction& function, Arguments arguments, Report& report) {
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    EF_TRY(arguments[index],
           coerce(std::move(arguments[index]), function.arguments[index], report));
  }
  return ResolvedCall{&function, function.result, std::move(arguments)};
}

Error unknown_function(const std::string& name, Span span, const Registry& registry,
                       Report& report) {
  std::vector<std::string> names;
  for (const ScalarFunction& function : registry.functions())
    names.push_back(function.name);
  for (const AggregateFunction& function : registry.aggregates())
    names.push_back(function.name);
  return report.unknown(
      {.code = Code::unknown_function, .message = "unknown function '" + name + "'", .span = span},
      name, names);
}

Error does_not_take(const std::string& name, Span span, const std::vector<Type>& types,
                    const std::vector<std::string>& signatures, Report& report) {
  Diagnostic diagnostic{.code = Code::unknown_function,
                        .message = name + " does not take " + type_list(types),
                        .span = span};
  for (const std::string& signature : signatures)
    diagnostic.notes.push_back("there is " + signature);
  return report.fail(std::move(diagnostic));
}

}  // namespace

Result<ResolvedCall> resolve_function(const std::string& name, Span span, Arguments arguments,
                                      const Registry& registry, Report& report) {
  const auto overloads = registry.find_functions(name);
  if (overloads.empty()) return unknown_function(name, span, registry, report);
  if (const auto* exact = nearest_overload(overloads, arguments, true))
    return call_of(*exact, std::move(arguments), report);
  Arguments typed = arguments;
  type_nulls(typed, report);
  if (auto inferred = infer(overloads, typed)) return *std::move(inferred);
  if (const auto* near = nearest_overload(overloads, arguments, false))
    return call_of(*near, std::move(arguments), report);
  if (const auto wide = widened(typed, report))
    if (auto inferred = infer(overloads, *wide)) return *std::move(inferred);
  std::vector<std::string> signatures;
  signatures.reserve(overloads.size());
  for (const ScalarFunction* function : overloads) {
    signatures.push_back(function->signature.empty()
                             ? function->name + type_list(function->arguments)
                             : function->signature);
  }
  return does_not_take(name, span, types_of(arguments), signatures, report);
}

Result<AggregateCall> resolve_aggregate(const std::string& name, Span span, ExpressionPtr argument,
                                        const Registry& registry, Report& report) {
  const AggregateFunction* best = nullptr;
  int least = 0;
  std::vector<std::string> signatures;
  for (const AggregateFunction* function : registry.find_aggregates(name)) {
    signatures.push_back(function->name + (function->input ? type_list({*function->input}) : "()"));
    const auto steps = distance(argument, *function);
    if (!steps || (best != nullptr && *steps >= least)) continue;
    best = function;
    least = *steps;
  }
  const std::vector<Type> types =
      argument ? std::vector<Type>{argument->type} : std::vector<Type>{};
  if (best == nullptr) return does_not_take(name, span, types, signatures, report);
  if (!argument) return AggregateCall{best, nullptr};
  EF_TRY(argument, coerce(std::move(argument), *best->input, report));
  return AggregateCall{registry.typed(*best, argument->type), std::move(argument)};
}

bool is_aggregate(const std::string& name, const Registry& registry) {
  return !registry.find_aggregates(name).empty();
}

}  // namespace eventflux::semantic
