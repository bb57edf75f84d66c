#include "semantic/bind_query.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "semantic/bind_window.hpp"
#include "semantic/function_resolver.hpp"
#include "semantic/select_list.hpp"

namespace eventflux::semantic {

namespace {

Error needs_batch_window(std::string_view clause, Span span, const Stream& input, Report& report) {
  return report.fail(Code::order_without_batch,
                     std::string(clause) + " needs a batch window: this query emits row by row",
                     span,
                     "add a batch window: FROM " + input.name + " WINDOW TUMBLING(10 SECONDS)");
}

// Binds the clauses of one query, in the order in which they see each other.
class QueryBinder {
 public:
  QueryBinder(const syntax::SelectQuery& node, const Stream& input, Binding& binding)
      : node_(node), input_(input), binding_(binding) {
    const auto& relation = std::get<syntax::StreamRelation>(node.from.node);
    scope_.input = &input_;
    scope_.relation = relation.alias ? relation.alias->text : relation.name.text;
  }

  Result<Query> bind() {
    EF_CHECK(bind_input());
    EF_CHECK(bind_select());
    EF_CHECK(bind_keys());
    EF_CHECK(bind_having_and_order());
    EF_CHECK(bind_limits());
    query_.aggregated = !node_.group_by.empty() || !query_.aggregates.empty();
    if (query_.aggregated) EF_CHECK(regroup());
    return std::move(query_);
  }

 private:
  Scope scope_for(std::string_view clause) const {
    Scope scope = scope_;
    scope.clause = clause;
    return scope;
  }

  Scope output_scope(std::string_view clause) {
    Scope scope = scope_for(clause);
    scope.bounds = has_batch_window();
    scope.aggregates = &query_.aggregates;
    return scope;
  }

  bool has_batch_window() const { return query_.window && query_.window->batch; }

  Result<void> bind_input() {
    const auto& relation = std::get<syntax::StreamRelation>(node_.from.node);
    if (relation.filter) {
      const Scope scope = scope_for("a filter");
      EF_TRY(query_.filter, ExpressionBinder(binding_, scope).condition(*relation.filter));
    }
    if (relation.window) {
      EF_TRY(query_.window, bind_window(*relation.window, scope_for("PER"), binding_));
    }
    if (node_.where) {
      const Scope scope = scope_for("WHERE");
      EF_TRY(query_.where, ExpressionBinder(binding_, scope).condition(*node_.where));
    }
    return {};
  }

  Result<void> bind_select() {
    const Scope scope = output_scope("SELECT");
    EF_TRY(query_.select, bind_select_list(node_.items, scope, binding_));
    return {};
  }

  Result<void> bind_keys() {
    Scope scope = scope_for("GROUP BY");
    for (const syntax::Expression& key : node_.group_by) {
      if (has_batch_window() && is_bound_name(key)) continue;
      EF_TRY(const syntax::Expression* expression, key_expression(key));
      EF_TRY(ExpressionPtr bound, ExpressionBinder(binding_, scope).bind(*expression));
      query_.keys.push_back(std::move(bound));
    }
    return {};
  }

  // All rows of an instance have the same bounds, so they divide nothing.
  static bool is_bound_name(const syntax::Expression& key) {
    const auto* name = std::get_if<syntax::ColumnName>(&key.node);
    return name != nullptr && name->parts.size() == 1 &&
           (name->parts[0].text == "window_start" || name->parts[0].text == "window_end");
  }

  // A position or an alias stands for the expression of its item.
  Result<const syntax::Expression*> key_expression(const syntax::Expression& key) {
    if (const auto* position = std::get_if<syntax::IntegerLiteral>(&key.node)) {
      const auto count = static_cast<std::int64_t>(node_.items.size());
      const bool inside = position->value >= 1 && position->value <= count;
      const auto* item = inside
                             ? std::get_if<syntax::SelectExpression>(
                                   &node_.items[static_cast<std::size_t>(position->value - 1)].node)
                             : nullptr;
      if (item != nullptr) return &item->value;
      return binding_.report.fail(Code::invalid_group_key,
                                  "GROUP BY " + std::to_string(position->value) +
                                      " is not the position of an expression in SELECT",
                                  key.span);
    }
    const auto* name = std::get_if<syntax::ColumnName>(&key.node);
    if (name == nullptr || name->parts.size() > 1 || input_.schema.find(name->parts.front().text))
      return &key;
    for (const syntax::SelectItem& item : node_.items) {
      const auto* expression = std::get_if<syntax::SelectExpression>(&item.node);
      if (expression != nullptr && expression->alias &&
          expression->alias->text == name->parts.front().text)
        return &expression->value;
    }
    return &key;
  }

  Result<void> bind_having_and_order() {
    if (node_.having) {
      Scope scope = output_scope("HAVING");
      scope.outputs = &query_.select;
      EF_TRY(query_.having, ExpressionBinder(binding_, scope).condition(*node_.having));
    }
    Scope scope = output_scope("ORDER BY");
    scope.outputs = &query_.select;
    for (const syntax::OrderItem& item : node_.order_by) {
      EF_TRY(ExpressionPtr value, order_value(item.value, scope));
      const bool descending = item.direction == syntax::Direction::descending;
      const bool nulls_first = item.nulls ? *item.nulls == syntax::NullOrder::first : descending;
      query_.order.push_back({std::move(value), descending, nulls_first});
    }
    return {};
  }

  Result<ExpressionPtr> order_value(const syntax::Expression& expression, const Scope& scope) {
    const auto* position = std::get_if<syntax::IntegerLiteral>(&expression.node);
    if (position == nullptr) return ExpressionBinder(binding_, scope).bind(expression);
    const auto count = static_cast<std::int64_t>(query_.select.size());
    if (position->value >= 1 && position->value <= count)
      return query_.select[static_cast<std::size_t>(position->value - 1)].value;
    return binding_.report.fail(Code::unknown_column,
                                "ORDER BY " + std::to_string(position->value) + ": SELECT has " +
                                    std::to_string(count) + (count == 1 ? " column" : " columns"),
                                expression.span);
  }

  Result<void> bind_limits() {
    Report& report = binding_.report;
    if (!has_batch_window()) {
      if (!node_.order_by.empty())
        return needs_batch_window("ORDER BY", node_.order_by.front().span, input_, report);
      if (node_.limit) return needs_batch_window("LIMIT", node_.limit->span, input_, report);
      if (node_.offset) return needs_batch_window("OFFSET", node_.offset->span, input_, report);
      return {};
    }
    if (node_.limit) query_.limit = node_.limit->rows;
    if (node_.offset) query_.offset = node_.offset->rows;
    return {};
  }

  // Turns what was bound over the input into keys, aggregates and values of the last row.
  Result<void> regroup() {
    if (query_.window && !query_.window->batch) EF_CHECK(check_sliding());
    if (query_.window && query_.window->merges) EF_CHECK(check_merging());
    GroupByRewriter regrouper(query_, input_, binding_);
    for (auto& item : query_.select) {
      EF_TRY(item.value, regrouper.rewrite(item.value));
      const auto column = regrouper.take_last_row_column();
      // A window of rows emits for each row, and the last row is that row.
      const bool row_by_row = query_.window && !query_.window->batch;
      if (column && !row_by_row) warn_last_row(column->text, column->span);
    }
    if (query_.having) {
      EF_TRY(query_.having, regrouper.rewrite(query_.having));
    }
    for (OrderItem& item : query_.order) {
      EF_TRY(item.value, regrouper.rewrite(item.value));
    }
    return {};
  }

  void warn_last_row(const std::string& column, Span span) {
    binding_.report.warn(Code::value_of_last_row,
                         '\'' + column +
                             "' is neither a key nor an aggregate: it is the value of "
                             "the last row of its group",
                         span, "add it to GROUP BY, or write last(" + column + ")");
  }

  Result<void> check_sliding() {
    for (const AggregateCall& call : query_.aggregates) {
      if (call.function->forever || call.function->slide != nullptr) continue;
      return binding_.report.fail(Code::misplaced_aggregate,
                                  call.function->name + " cannot take rows out again, as " +
                                      query_.window->entry->name + " needs it",
                                  query_.window->span, "use a batch window");
    }
    return {};
  }

  Result<void> check_merging() {
    for (const AggregateCall& call : query_.aggregates) {
      if (call.function->forever || call.function->merge != nullptr) continue;
      return binding_.report.fail(Code::misplaced_aggregate,
                                  call.function->name + " cannot merge its states, as " +
                                      query_.window->entry->name + " needs it",
                                  query_.window->span, "use a window that does not overlap");
    }
    return {};
  }

  const syntax::SelectQuery& node_;
  const Stream& input_;
  Binding& binding_;
  Scope scope_;
  Query query_;
};

Result<std::vector<std::size_t>> target_columns(const Query& query,
                                                const syntax::InsertTarget& into,
                                                const Stream& target, Report& report) {
  std::vector<std::size_t> columns;
  for (const syntax::Name& name : into.columns) {
    const auto index = target.schema.find(name.text);
    if (!index) return unknown_column(name.text, name.span, target, {}, report);
    if (std::find(columns.begin(), columns.end(), *index) != columns.end()) {
      return report.fail(Code::duplicate_name, "column '" + name.text + "' is written twice",
                         name.span);
    }
    columns.push_back(*index);
  }
  if (into.columns.empty()) {
    for (std::size_t index = 0; index < target.schema.size(); ++index)
      columns.push_back(index);
  }
  if (columns.size() == query.select.size()) return columns;
  const std::size_t made = query.select.size();
  Diagnostic diagnostic{.code = Code::wrong_column_count,
                        .message = "the query returns " + std::to_string(made) +
                                   (made == 1 ? " column, " : " columns, ") + target.name +
                                   " takes " + std::to_string(columns.size()),
                        .span = into.stream.span,
                        .notes = {target.name + " has: " + to_text(target.schema)}};
  if (!target.span.empty())
    diagnostic.mentions.push_back({target.name + " is defined at", target.span});
  return report.fail(std::move(diagnostic));
}

}  // namespace

Result<Query> bind_query(const syntax::SelectQuery& node, const Stream& input,
                         std::size_t input_index, Binding& binding) {
  EF_TRY(Query query, QueryBinder(node, input, binding).bind());
  query.input = input_index;
  query.span = node.span;
  return query;
}

const syntax::StreamRelation& relation_of(const syntax::SelectQuery& select) {
  return std::get<syntax::StreamRelation>(select.from.node);
}

Result<void> align_branches(std::vector<Query>& branches, Report& report) {
  const std::vector<SelectItem>& first = branches.front().select;
  for (const Query& branch : branches) {
    if (branch.select.size() == first.size()) continue;
    return report.fail(Code::wrong_column_count,
                       "the branches of UNION ALL return " + std::to_string(first.size()) +
                           " and " + std::to_string(branch.select.size()) + " columns",
                       branch.span);
  }
  if (branches.size() == 1) return {};
  for (std::size_t column = 0; column < first.size(); ++column) {
    std::vector<ExpressionPtr> values;
    for (const Query& branch : branches)
      values.push_back(branch.select[column].value);
    EF_CHECK(unify(values, report));
    for (std::size_t i = 0; i < branches.size(); ++i)
      branches[i].select[column] = {first[column].name, std::move(values[i])};
  }
  return {};
}

Result<Schema> schema_of(const Query& query, Report& report) {
  Schema schema;
  for (const SelectItem& item : query.select) {
    if (schema.find(item.name)) {
      return report.fail(Code::duplicate_name, "two columns are named '" + item.name + '\'',
                         item.value->span, "name one of them: … AS other_name");
    }
    if (is_null_literal(*item.value)) {
      return report.fail(Code::columns_not_known, "the type of '" + item.name + "' is not known",
                         item.value->span, "CAST(NULL AS BIGINT)");
    }
    schema.fields.push_back({.name = item.name, .type = item.value->type});
  }
  return schema;
}

Result<void> fit_target(Query& query, const syntax::InsertTarget& into, const Stream& target,
                        Report& report) {
  EF_TRY(const auto columns, target_columns(query, into, target, report));
  std::vector<SelectItem> fitted(target.schema.size());
  for (std::size_t index = 0; index < target.schema.size(); ++index) {
    const Field& field = target.schema.fields[index];
    const auto source = std::find(columns.begin(), columns.end(), index);
    if (source == columns.end() && field.not_null && field.default_value.is_null()) {
      return report.fail(
          Code::wrong_column_count,
          "column '" + field.name + "' of " + target.name + " is NOT NULL and gets no value",
          into.stream.span);
    }
    if (source == columns.end()) {
      fitted[index] = {field.name,
                       make_constant(field.default_value, field.type, into.stream.span)};
      continue;
    }
    const SelectItem& item = query.select[static_cast<std::size_t>(source - columns.begin())];
    auto cast = coerce(item.value, field.type, report);
    if (!cast.ok())
      return report.amend(", the type of column '" + field.name + "' of " + target.name);
    fitted[index] = {field.name, *std::move(cast)};
  }
  query.select = std::move(fitted);
  return {};
}

}  // namespace eventflux::semantic
