#include "lower/lower_query.hpp"

#include <algorithm>

#include "lower/lower_expression.hpp"
#include "runtime/operators/filter_project_operator.hpp"
#include "runtime/operators/running_aggregate_operator.hpp"
#include "runtime/operators/sliding_aggregate_operator.hpp"
#include "runtime/operators/window_aggregate_operator.hpp"
#include "semantic/type_rules.hpp"

namespace eventflux::lower {
namespace {

using runtime::KeyedInputSpec;
using runtime::OutputSpec;
using semantic::Query;

std::vector<const AggregateFunction*> functions_of(const Query& query) {
  std::vector<const AggregateFunction*> functions;
  for (const semantic::AggregateCall& call : query.aggregates)
    functions.push_back(call.function);
  return functions;
}

Result<KeyedInputSpec> lower_input(const Query& query) {
  const Layout layout;
  KeyedInputSpec spec;
  EF_CHECK(lower_conjuncts(query.filter, layout, spec.filter));
  EF_CHECK(lower_conjuncts(query.where, layout, query.window ? spec.where : spec.filter));
  if (query.window) {
    EF_TRY(spec.partition, lower_expressions(query.window->per, layout));
  }
  EF_TRY(spec.keys, lower_expressions(query.keys, layout));
  for (const semantic::AggregateCall& call : query.aggregates) {
    runtime::EvaluatorPtr argument;
    if (call.argument != nullptr) {
      EF_TRY(argument, lower_expression(*call.argument, layout));
    }
    spec.arguments.push_back(std::move(argument));
  }
  return spec;
}

Result<OutputSpec> lower_output(const Query& query, const Schema& target, const Layout& layout) {
  OutputSpec spec;
  EF_CHECK(lower_conjuncts(query.having, layout, spec.having));
  for (std::size_t i = 0; i < query.select.size(); ++i) {
    EF_TRY(auto value, lower_expression(*query.select[i].value, layout));
    if (target.fields[i].not_null)
      value = runtime::make_required(std::move(value), target.fields[i].name);
    spec.select.push_back(std::move(value));
  }
  for (const semantic::OrderItem& item : query.order) {
    EF_TRY(auto value, lower_expression(*item.value, layout));
    spec.select.push_back(std::move(value));
  }
  return spec;
}

Result<runtime::Operator*> lower_projection(const Query& query, const QueryPlace& place,
                                            runtime::Graph& graph) {
  SharedExpressions shared;
  shared.count(query.filter);
  shared.count(query.where);
  for (const semantic::SelectItem& item : query.select)
    shared.count(item.value);
  const Layout layout{.shared = &shared};
  std::vector<runtime::EvaluatorPtr> conjuncts;
  EF_CHECK(lower_conjuncts(query.filter, layout, conjuncts));
  EF_CHECK(lower_conjuncts(query.where, layout, conjuncts));
  EF_TRY(OutputSpec output, lower_output(query, place.target, layout));
  return &graph.add<runtime::FilterProjectOperator>(runtime::FilterChain(std::move(conjuncts)),
                                                    runtime::Projection(std::move(output.select)),
                                                    place.seed);
}

/// Rows leave of the groups that rows enter when groups and partitions are the same.
bool is_aligned(const Query& query) {
  const auto& per = query.window->per;
  return per.size() == query.keys.size() &&
         std::equal(per.begin(), per.end(), query.keys.begin(),
                    [](const auto& a, const auto& b) { return semantic::same(*a, *b); });
}

Result<runtime::Operator*> lower_sliding(const Query& query, const QueryPlace& place,
                                         runtime::Graph& graph) {
  EF_TRY(KeyedInputSpec input, lower_input(query));
  const std::size_t keys = place.input.size();
  EF_TRY(OutputSpec output,
         lower_output(query, place.target, {0, keys, keys + query.keys.size(), 0}));
  EF_TRY(auto window, query.window->entry->rows(query.window->arguments));
  return &graph.add<runtime::SlidingAggregateOperator>(std::move(input), std::move(window),
                                                       is_aligned(query), functions_of(query),
                                                       std::move(output), place.seed);
}

Result<runtime::Operator*> lower_running(const Query& query, const QueryPlace& place,
                                         runtime::Graph& graph) {
  EF_TRY(KeyedInputSpec input, lower_input(query));
  const std::size_t keys = place.input.size();
  EF_TRY(OutputSpec output,
         lower_output(query, place.target, {0, keys, keys + query.keys.size(), 0}));
  return &graph.add<runtime::RunningAggregateOperator>(std::move(input), functions_of(query),
                                                       std::move(output), place.seed);
}

std::optional<runtime::OrderLimit> order_limit_of(const Query& query, const OutputSpec& output) {
  if (query.order.empty() && !query.limit && query.offset == 0) return std::nullopt;
  runtime::OrderLimit order;
  Schema collected;
  for (const runtime::EvaluatorPtr& column : output.select)
    collected.fields.push_back({"", column->type()});
  for (std::size_t i = 0; i < query.order.size(); ++i) {
    order.keys.push_back(
        {query.select.size() + i, query.order[i].descending, query.order[i].nulls_first});
  }
  order.limit = query.limit;
  order.offset = query.offset;
  order.output_columns = query.select.size();
  order.rows = std::make_shared<BatchBuilder>(collected);
  return order;
}

bool is_column(const semantic::Expression& expression, semantic::ColumnSource space) {
  return expression.kind == semantic::Expression::Kind::column && expression.space == space;
}

/// Which rows a pane needs to keep, when that is known before it closes: ORDER BY columns of the
/// input, and nothing that could fail and make place for another row.
std::optional<runtime::TopNSpec> best_of(const Query& query, const Schema& target) {
  if (query.aggregated || !query.limit || query.having != nullptr) return std::nullopt;
  if (query.order.empty()) return std::nullopt;
  for (std::size_t i = 0; i < query.select.size(); ++i) {
    const semantic::Expression& value = *query.select[i].value;
    const bool copied = is_column(value, semantic::ColumnSource::input) ||
                        is_column(value, semantic::ColumnSource::window_bound) ||
                        value.kind == semantic::Expression::Kind::constant;
    if (!copied || target.fields[i].not_null) return std::nullopt;
  }
  runtime::TopNSpec best;
  for (const semantic::OrderItem& item : query.order) {
    if (!is_column(*item.value, semantic::ColumnSource::input)) return std::nullopt;
    best.keys.push_back({item.value->index, item.descending, item.nulls_first});
  }
  // Beyond this the sum could overflow, and no pane holds that many rows.
  constexpr std::uint64_t rows_max = UINT32_MAX / 4;
  if (*query.limit > rows_max || query.offset > rows_max) return std::nullopt;
  best.count = *query.limit + query.offset;
  return best;
}

/// PER over the keys of GROUP BY adds nothing where all keys share their panes: the groups of one
/// pane leave in the order in which they appeared, which is the order of the panes that PER would
/// open. What acts per close (ORDER BY, LIMIT) or keeps rows would tell the difference.
bool per_is_group_by(const Query& query) {
  return query.window->entry->shared_panes && query.aggregated && !query.window->per.empty() &&
         query.order.empty() && !query.limit && query.offset == 0 && is_aligned(query);
}

Result<runtime::Operator*> lower_panes(const Query& query, const QueryPlace& place,
                                       runtime::Graph& graph) {
  EF_TRY(KeyedInputSpec input, lower_input(query));
  if (per_is_group_by(query)) input.partition.clear();
  runtime::PaneSpec spec;
  EF_TRY(spec.window, query.window->entry->panes(query.window->arguments));
  spec.late = place.late;
  spec.aggregated = query.aggregated;
  spec.aggregates = functions_of(query);
  if (!query.aggregated) spec.kept = place.input;
  const std::size_t bound =
      query.aggregated ? query.keys.size() + query.aggregates.size() : place.input.size();
  EF_TRY(OutputSpec output, lower_output(query, place.target, {0, 0, query.keys.size(), bound}));
  spec.order = order_limit_of(query, output);
  spec.best = best_of(query, place.target);
  return &graph.add<runtime::WindowAggregateOperator>(
      std::move(input), std::move(spec), std::move(output), place.seed,
      runtime::PaneClocks{place.domain, place.processing});
}

Result<runtime::Operator*> build(const Query& query, const QueryPlace& place,
                                 runtime::Graph& graph) {
  if (query.window && query.window->panes) return lower_panes(query, place, graph);
  if (query.window && query.aggregated) return lower_sliding(query, place, graph);
  if (query.aggregated) return lower_running(query, place, graph);
  // Rows leave a sliding window without aggregates as they came: only arrivals are handed on.
  return lower_projection(query, place, graph);
}

}  // namespace

Result<runtime::Operator*> lower_query(const plan::QueryPlan& plan, const QueryPlace& place,
                                       runtime::Graph& graph) {
  EF_TRY(runtime::Operator * node, build(plan.query, place, graph));
  node->id = plan.state.id.empty() ? plan.project.id : plan.state.id;
  node->label = plan.state.label.empty() ? plan.project.label : plan.state.label;
  return node;
}

}  // namespace eventflux::lower
