#include "lower/lower_stage.hpp"

#include <algorithm>

#include "lower/lower_expression.hpp"
#include "runtime/operators/changelog_aggregate_operator.hpp"
#include "runtime/operators/emission_operators.hpp"
#include "runtime/operators/filter_project_operator.hpp"
#include "runtime/operators/running_aggregate_operator.hpp"
#include "runtime/operators/sliding_aggregate_operator.hpp"
#include "runtime/operators/sliding_window_operator.hpp"
#include "runtime/operators/window_aggregate_operator.hpp"
#include "semantic/type_rules.hpp"

namespace eventflux::lower {
namespace {

using runtime::KeyedInputSpec;
using runtime::OutputSpec;
using semantic::ColumnSource;
using semantic::EmittedEvents;
using semantic::ExpressionPtr;
using semantic::Query;

/// The steps of a stage by what they do. Null pointers: the stage has none.
struct Stage {
  std::vector<const plan::Filter*> filters;  // before any window or aggregate
  const plan::Compute* compute = nullptr;
  const plan::Window* window = nullptr;
  std::vector<const plan::Filter*> where;  // between the window and the aggregate
  const plan::Aggregate* aggregate = nullptr;
  const plan::Filter* having = nullptr;
  const plan::Project* project = nullptr;
  const plan::OrderLimit* order = nullptr;
  const plan::EmitEvents* emit = nullptr;
  plan::ColumnLayout grouped{};  // of the rows that window and aggregate make
};

Stage stage_of(std::span<const plan::Operator> steps) {
  Stage stage;
  for (const plan::Operator& op : steps) {
    if (const auto* filter = op.as<plan::Filter>()) {
      if (stage.aggregate != nullptr) {
        stage.having = filter;
      } else {
        (stage.window != nullptr ? stage.where : stage.filters).push_back(filter);
      }
    }
    if (const auto* step = op.as<plan::Compute>()) stage.compute = step;
    if (const auto* step = op.as<plan::Window>()) stage.window = step;
    if (const auto* step = op.as<plan::Aggregate>()) stage.aggregate = step;
    if (const auto* step = op.as<plan::Project>()) stage.project = step;
    if (const auto* step = op.as<plan::OrderLimit>()) stage.order = step;
    if (const auto* step = op.as<plan::EmitEvents>()) stage.emit = step;
    if (op.as<plan::Window>() != nullptr || op.as<plan::Aggregate>() != nullptr)
      stage.grouped = op.layout;
  }
  return stage;
}

class StageLowering {
 public:
  StageLowering(std::span<const plan::Operator> steps, const StagePlace& place,
                runtime::Graph& graph)
      : stage_(stage_of(steps)),
        place_(place),
        graph_(graph),
        names_{&place.input, &place.query, place.computed} {}

  Result<runtime::Operator*> lower() {
    const Query& query = place_.query;
    if (stage_.window != nullptr && query.window->batch) return batch_window();
    if (stage_.window != nullptr && stage_.aggregate != nullptr) return sliding_aggregate();
    if (stage_.window != nullptr && stage_.project == nullptr) return sliding_window();
    if (stage_.aggregate != nullptr) return aggregate();
    if (stage_.order != nullptr) return order_limit();
    if (stage_.project == nullptr && stage_.emit != nullptr) return emit_events();
    // Rows leave a sliding window without aggregates as they came: only arrivals are handed on.
    return filter_project();
  }

 private:
  Layout layout_of(const plan::ColumnLayout& columns, SharedExpressions* shared = nullptr) const {
    return {columns.input, columns.group_key, columns.aggregate, columns.window_bound, shared,
            &names_};
  }

  std::vector<const AggregateFunction*> functions() const {
    std::vector<const AggregateFunction*> functions;
    if (stage_.aggregate == nullptr) return functions;
    for (const semantic::AggregateCall& call : stage_.aggregate->calls)
      functions.push_back(call.function);
    return functions;
  }

  static Result<void> lower_filters(const std::vector<const plan::Filter*>& filters,
                                    const Layout& layout, std::vector<runtime::EvaluatorPtr>& out) {
    for (const plan::Filter* filter : filters)
      EF_CHECK(lower_conjuncts(filter->condition, layout, out));
    return {};
  }

  /// What goes into a window or aggregate.
  Result<KeyedInputSpec> input() const {
    const Layout layout = layout_of(place_.layout);
    KeyedInputSpec spec;
    EF_CHECK(lower_filters(stage_.filters, layout, spec.filter));
    EF_CHECK(lower_filters(stage_.where, layout, spec.where));
    if (stage_.window != nullptr) {
      EF_TRY(spec.partition, lower_expressions(partition_keys(), layout));
    }
    if (stage_.aggregate == nullptr) return spec;
    EF_TRY(spec.keys, lower_expressions(stage_.aggregate->keys, layout));
    for (const semantic::AggregateCall& call : stage_.aggregate->calls) {
      runtime::EvaluatorPtr argument;
      if (call.argument != nullptr) {
        EF_TRY(argument, lower_whole(*call.argument, layout));
      }
      spec.arguments.push_back(std::move(argument));
    }
    return spec;
  }

  /// Says which aggregates find their state beside them: of an equal argument, and kept alike.
  void share_states(KeyedInputSpec& spec) const {
    if (stage_.aggregate == nullptr) return;
    const std::vector<semantic::AggregateCall>& calls = stage_.aggregate->calls;
    for (std::uint32_t i = 0; i < calls.size(); ++i) {
      std::uint32_t owner = 0;
      while (owner != i && !share_state(calls[owner], calls[i]))
        ++owner;
      spec.reads.push_back(owner);
      if (owner != i) spec.arguments[i] = nullptr;
    }
  }

  static bool share_state(const semantic::AggregateCall& a, const semantic::AggregateCall& b) {
    return a.function->shared_state != nullptr &&
           a.function->shared_state == b.function->shared_state &&
           a.function->input == b.function->input && a.argument != nullptr &&
           b.argument != nullptr && semantic::same(*a.argument, *b.argument);
  }

  /// PER; where every group has a window of its own, its keys.
  const std::vector<ExpressionPtr>& partition_keys() const {
    const semantic::Window& window = stage_.window->window;
    const bool by_group = window.entry->per_group && window.per.empty();
    return by_group ? place_.query.keys : window.per;
  }

  /// HAVING and the columns of the target; where the stage does not make them, all that window and
  /// aggregate make.
  Result<OutputSpec> output(const plan::ColumnLayout& columns) const {
    const Layout layout = layout_of(columns);
    OutputSpec spec;
    if (stage_.having != nullptr)
      EF_CHECK(lower_conjuncts(stage_.having->condition, layout, spec.having));
    if (stage_.project == nullptr) {
      spec.select = all_columns(columns);
      return spec;
    }
    EF_TRY(spec.select, project(layout));
    return spec;
  }

  Result<std::vector<runtime::EvaluatorPtr>> project(const Layout& layout) const {
    std::vector<runtime::EvaluatorPtr> columns;
    const std::vector<semantic::SelectItem>& select = stage_.project->columns;
    for (std::size_t i = 0; i < select.size(); ++i) {
      EF_TRY(auto value, lower_whole(*select[i].value, layout));
      if (place_.target.fields[i].not_null)
        value = runtime::make_required(std::move(value), place_.target.fields[i].name);
      columns.push_back(std::move(value));
    }
    for (const ExpressionPtr& key : stage_.project->order_keys) {
      EF_TRY(auto value, lower_whole(*key, layout));
      columns.push_back(std::move(value));
    }
    return columns;
  }

  static std::vector<runtime::EvaluatorPtr> all_columns(const plan::ColumnLayout& columns) {
    std::vector<runtime::EvaluatorPtr> all;
    for (std::size_t i = 0; i < columns.types.size(); ++i)
      all.push_back(runtime::make_column(columns.types[i], i));
    return all;
  }

  static Schema unnamed(const std::vector<Type>& types) {
    Schema schema;
    for (const Type type : types)
      schema.fields.push_back({"", type});
    return schema;
  }

  Result<runtime::Operator*> filter_project() {
    SharedExpressions shared;
    for (const plan::Filter* filter : stage_.filters)
      shared.count(filter->condition);
    for (const plan::Filter* filter : stage_.where)
      shared.count(filter->condition);
    if (stage_.project != nullptr) {
      for (const semantic::SelectItem& item : stage_.project->columns)
        shared.count(item.value);
    }
    const Layout layout = layout_of(place_.layout, &shared);
    std::vector<runtime::EvaluatorPtr> conjuncts;
    EF_CHECK(lower_filters(stage_.filters, layout, conjuncts));
    EF_CHECK(lower_filters(stage_.where, layout, conjuncts));
    std::vector<runtime::EvaluatorPtr> columns;
    if (stage_.project != nullptr) {
      EF_TRY(columns, project(layout));
    } else if (stage_.compute != nullptr) {
      columns = all_columns(place_.layout);
      EF_TRY(auto computed, lower_expressions(stage_.compute->columns, layout));
      std::move(computed.begin(), computed.end(), std::back_inserter(columns));
    }
    return &graph_.add<runtime::FilterProjectOperator>(
        runtime::FilterChain(std::move(conjuncts)), runtime::Projection(std::move(columns)),
        stage_.project != nullptr || stage_.compute != nullptr, place_.seed);
  }

  Result<runtime::Operator*> sliding_window() {
    const Layout layout = layout_of(place_.layout);
    EF_TRY(auto partition, lower_expressions(partition_keys(), layout));
    const semantic::Window& window = stage_.window->window;
    EF_TRY(auto evictor, window.entry->evictor(window.arguments));
    return &graph_.add<runtime::SlidingWindowOperator>(unnamed(place_.layout.types),
                                                       runtime::Projection(std::move(partition)),
                                                       std::move(evictor), place_.seed);
  }

  /// Rows leave of the groups that rows enter when groups and partitions are the same.
  bool partition_is_group() const {
    const auto& per = place_.query.window->per;
    const auto& keys = place_.query.keys;
    return per.size() == keys.size() &&
           std::equal(per.begin(), per.end(), keys.begin(),
                      [](const auto& a, const auto& b) { return semantic::same(*a, *b); });
  }

  Result<runtime::Operator*> sliding_aggregate() {
    EF_TRY(KeyedInputSpec in, input());
    EF_TRY(OutputSpec out, output(stage_.grouped));
    const semantic::Window& window = stage_.window->window;
    EF_TRY(auto evictor, window.entry->evictor(window.arguments));
    return &graph_.add<runtime::SlidingAggregateOperator>(std::move(in), std::move(evictor),
                                                          partition_is_group(), functions(),
                                                          std::move(out), place_.seed);
  }

  Result<runtime::Operator*> aggregate() {
    EF_TRY(KeyedInputSpec in, input());
    EF_TRY(OutputSpec out, output(stage_.grouped));
    const auto& window = place_.query.window;
    if (!window || window->batch) share_states(in);
    if (!window) {
      return &graph_.add<runtime::RunningAggregateOperator>(std::move(in), functions(),
                                                            std::move(out), place_.seed);
    }
    if (window->batch) {
      return &graph_.add<runtime::EmissionAggregateOperator>(std::move(in), functions(),
                                                             place_.seed);
    }
    return &graph_.add<runtime::ChangelogAggregateOperator>(std::move(in), functions(),
                                                            std::move(out), place_.seed);
  }

  /// The collected rows hold the columns of the target and then the order keys.
  runtime::OrderLimit order_spec(const std::vector<Type>& types) const {
    runtime::OrderLimit order;
    const std::size_t columns = place_.query.select.size();
    for (std::size_t i = 0; i < stage_.order->order.size(); ++i) {
      const semantic::OrderItem& item = stage_.order->order[i];
      order.keys.push_back({columns + i, item.descending, item.nulls_first});
    }
    order.limit = stage_.order->limit;
    order.offset = stage_.order->offset;
    order.output_columns = columns;
    order.rows = std::make_shared<BatchBuilder>(unnamed(types));
    return order;
  }

  Result<runtime::Operator*> order_limit() {
    return &graph_.add<runtime::OrderLimitOperator>(order_spec(place_.layout.types));
  }

  Result<runtime::Operator*> emit_events() {
    const EmittedEvents events = stage_.emit->events;
    return &graph_.add<runtime::EmitEventsOperator>(events != EmittedEvents::expired,
                                                    events != EmittedEvents::current);
  }

  static bool is_column(const semantic::Expression& expression, ColumnSource source) {
    return expression.kind == semantic::Expression::Kind::column && expression.space == source;
  }

  /// Which rows a window needs to keep, when that is known before it closes: ORDER BY columns of
  /// the input, and nothing that could fail and make place for another row.
  std::optional<runtime::TopNSpec> best_rows() const {
    const Query& query = place_.query;
    if (stage_.order == nullptr || query.aggregated || !query.limit || query.having != nullptr)
      return std::nullopt;
    if (query.order.empty()) return std::nullopt;
    for (std::size_t i = 0; i < query.select.size(); ++i) {
      const semantic::Expression& value = *query.select[i].value;
      const bool copied = is_column(value, ColumnSource::input) ||
                          is_column(value, ColumnSource::window_bound) ||
                          value.kind == semantic::Expression::Kind::constant;
      if (!copied || place_.target.fields[i].not_null) return std::nullopt;
    }
    runtime::TopNSpec best;
    for (const semantic::OrderItem& item : query.order) {
      if (!is_column(*item.value, ColumnSource::input)) return std::nullopt;
      best.keys.push_back({item.value->index, item.descending, item.nulls_first});
    }
    // Beyond this the sum could overflow, and no window holds that many rows.
    constexpr std::uint64_t rows_max = UINT32_MAX / 4;
    if (*query.limit > rows_max || query.offset > rows_max) return std::nullopt;
    best.count = *query.limit + query.offset;
    return best;
  }

  /// PER over the keys of GROUP BY adds nothing where all keys share their instances: the groups of
  /// one instance leave in the order in which they appeared, which is the order of the instances
  /// that PER would open. What acts per close (ORDER BY, LIMIT) or keeps rows would tell the
  /// difference.
  bool per_is_group_by() const {
    const Query& query = place_.query;
    return query.window->entry->aligned && stage_.aggregate != nullptr &&
           !query.window->per.empty() && query.order.empty() && !query.limit && query.offset == 0 &&
           query.events == EmittedEvents::current && partition_is_group();
  }

  Result<runtime::Operator*> batch_window() {
    const Query& query = place_.query;
    // Where HAVING follows the window at once, it stands between window and columns.
    if (stage_.aggregate == nullptr && query.having && !stage_.where.empty() &&
        stage_.where.back()->condition == query.having) {
      stage_.having = stage_.where.back();
      stage_.where.pop_back();
    }
    EF_TRY(KeyedInputSpec in, input());
    share_states(in);
    if (per_is_group_by()) in.partition.clear();
    runtime::WindowSpec spec;
    EF_TRY(spec.assigner, query.window->entry->assigner(query.window->arguments));
    spec.late = place_.late;
    spec.kinds = {query.events != EmittedEvents::expired, query.events != EmittedEvents::current};
    spec.aggregated = stage_.aggregate != nullptr;
    spec.aggregates = functions();
    spec.ends_emissions = stage_.project == nullptr;
    if (!spec.aggregated) spec.kept = place_.input;
    EF_TRY(OutputSpec out, output(stage_.grouped));
    if (stage_.order != nullptr) {
      std::vector<Type> types;
      for (const runtime::EvaluatorPtr& column : out.select)
        types.push_back(column->type());
      spec.order = order_spec(types);
    }
    spec.best = best_rows();
    return &graph_.add<runtime::WindowAggregateOperator>(
        std::move(in), std::move(spec), std::move(out), place_.seed,
        runtime::WindowClocks{place_.domain, place_.processing});
  }

  Stage stage_;
  const StagePlace& place_;
  runtime::Graph& graph_;
  plan::ColumnNames names_;  // for messages
};

}  // namespace

Result<runtime::Operator*> lower_stage(std::span<const plan::Operator> steps,
                                       const StagePlace& place, runtime::Graph& graph) {
  return StageLowering(steps, place, graph).lower();
}

}  // namespace eventflux::lower
