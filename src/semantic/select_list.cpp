#include "semantic/select_list.hpp"

#include <map>
#include <string>
#include <utility>

#include "semantic/function_resolver.hpp"

namespace eventflux::semantic {

namespace {

using Counts = std::map<std::string, int>;

// The name that an item has by itself: of its column or of its function.
std::string own_name(const syntax::Expression& expression) {
  if (const auto* column = std::get_if<syntax::ColumnName>(&expression.node))
    return column->parts.back().text;
  if (const auto* call = std::get_if<syntax::Call>(&expression.node)) return call->name.text;
  return "";
}

Result<void> add_star(const syntax::AllColumns& star, Span span, const Scope& scope,
                      std::vector<SelectItem>& items, Report& report) {
  if (star.relation && star.relation->text != scope.relation) {
    return report.unknown({.code = Code::unknown_stream,
                           .message = "unknown stream or alias '" + star.relation->text + "'",
                           .span = star.relation->span,
                           .notes = {"this query reads " + scope.relation}},
                          star.relation->text, {scope.relation});
  }
  for (std::size_t index = 0; index < scope.input->schema.size(); ++index) {
    items.push_back(
        {scope.input->schema.fields[index].name, input_column(*scope.input, index, span)});
  }
  return {};
}

Counts name_counts(const std::vector<syntax::SelectItem>& items) {
  Counts counts;
  for (const syntax::SelectItem& item : items) {
    const auto* expression = std::get_if<syntax::SelectExpression>(&item.node);
    if (expression == nullptr) continue;
    ++counts[expression->alias ? expression->alias->text : own_name(expression->value)];
  }
  return counts;
}

std::string item_name(const syntax::SelectExpression& item, std::size_t position,
                      const Counts& counts) {
  if (item.alias) return item.alias->text;
  std::string own = own_name(item.value);
  const bool column = std::holds_alternative<syntax::ColumnName>(item.value.node);
  if (column || (!own.empty() && counts.at(own) == 1)) return own;
  return "expr_" + std::to_string(position);
}

Result<void> add_item(const syntax::SelectItem& item, const Scope& scope, const Counts& counts,
                      std::vector<SelectItem>& bound, Binding& binding) {
  if (const auto* star = std::get_if<syntax::AllColumns>(&item.node))
    return add_star(*star, item.span, scope, bound, binding.report);
  const auto& expression = std::get<syntax::SelectExpression>(item.node);
  EF_TRY(ExpressionPtr value, ExpressionBinder(binding, scope).bind(expression.value));
  bound.push_back({item_name(expression, bound.size() + 1, counts), std::move(value)});
  return {};
}

}  // namespace

Result<std::vector<SelectItem>> bind_select_list(const std::vector<syntax::SelectItem>& items,
                                                 const Scope& scope, Binding& binding) {
  const Counts counts = name_counts(items);
  std::vector<SelectItem> bound;
  for (const syntax::SelectItem& item : items)
    EF_CHECK(add_item(item, scope, counts, bound, binding));
  return bound;
}

Result<ExpressionPtr> GroupByRewriter::rewrite(const ExpressionPtr& expression) {
  for (std::size_t key = 0; key < query_.keys.size(); ++key) {
    if (!same(*expression, *query_.keys[key])) continue;
    return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::column,
                                                         .type = expression->type,
                                                         .span = expression->span,
                                                         .space = ColumnSource::group_key,
                                                         .index = key});
  }
  if (expression->kind == Expression::Kind::column) {
    return expression->space == ColumnSource::input ? last_row_value(*expression)
                                                    : Result<ExpressionPtr>(expression);
  }
  if (expression->operands.empty()) return expression;
  Expression copy = *expression;
  for (ExpressionPtr& operand : copy.operands) {
    EF_TRY(operand, rewrite(operand));
  }
  return std::make_shared<const Expression>(std::move(copy));
}

Result<ExpressionPtr> GroupByRewriter::last_row_value(const Expression& column) {
  if (!last_row_column_)
    last_row_column_ = syntax::Name{input_.schema.fields[column.index].name, column.span};
  const auto argument = std::make_shared<const Expression>(column);
  if (!query_.window || !query_.window->batch) return ExpressionPtr(argument);
  EF_TRY(AggregateCall call,
         resolve_aggregate("last", column.span, argument, binding_.registry, binding_.report));
  std::size_t index = 0;
  for (; index < query_.aggregates.size(); ++index) {
    const AggregateCall& other = query_.aggregates[index];
    if (other.function == call.function && other.argument && same(*other.argument, *call.argument))
      break;
  }
  const Type type = call.function->output;
  if (index == query_.aggregates.size()) query_.aggregates.push_back(std::move(call));
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::column,
                                                       .type = type,
                                                       .span = column.span,
                                                       .space = ColumnSource::aggregate,
                                                       .index = index});
}

std::optional<syntax::Name> GroupByRewriter::take_last_row_column() {
  return std::exchange(last_row_column_, std::nullopt);
}

}  // namespace eventflux::semantic
