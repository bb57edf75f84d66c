#include "plan/build_tree.hpp"

#include <algorithm>
#include <utility>

#include "semantic/dataflow.hpp"

namespace eventflux::plan {
namespace {

using semantic::ColumnSource;
using semantic::EmittedEvents;
using semantic::Expression;
using semantic::ExpressionPtr;
using semantic::Query;

ExpressionPtr computed_column(const Expression& of, std::size_t index) {
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::column,
                                                       .type = of.type,
                                                       .span = of.span,
                                                       .space = ColumnSource::input,
                                                       .index = index});
}

/// Adds stream by stream: what fills it, then itself, then the queries that read it, so that inputs
/// stand before what reads them.
class TreeBuilder {
 public:
  TreeBuilder(const semantic::App& app, bool changes)
      : app_(app),
        changes_(changes),
        queries_(app.queries),
        flow_(semantic::dataflow_of(app, app.streams.size())),
        streams_(app.streams.size()),
        decodes_(app.streams.size()),
        last_(app.queries.size()) {}

  std::vector<Operator> build() {
    for (std::size_t source = 0; source < app_.sources.size(); ++source)
      add_source(source);
    for (std::size_t stream = 0; stream < app_.streams.size(); ++stream)
      add_stream(stream);
    for (std::size_t sink = 0; sink < app_.sinks.size(); ++sink)
      add({.body = WriteSink{sink}, .inputs = {*streams_[app_.sinks[sink].stream]}});
    return std::move(operators_);
  }

 private:
  std::size_t add(Operator op) {
    op.stage = operators_.size();
    operators_.push_back(std::move(op));
    return operators_.size() - 1;
  }

  /// Adds a step of a query after its last one.
  Operator& step(std::size_t query, Operator::Body body) {
    const std::size_t before = last_[query].value_or(*streams_[queries_[query].input]);
    Operator op{.body = std::move(body), .inputs = {before}, .query = query};
    op.layout = operators_[before].layout;
    op.changelog = operators_[before].changelog;
    last_[query] = add(std::move(op));
    return operators_.back();
  }

  void add_source(std::size_t source) {
    const std::size_t read = add({.body = ReadSource{source}});
    for (std::size_t r = 0; r < app_.sources[source].resources.size(); ++r) {
      const std::size_t stream = app_.sources[source].resources[r].stream;
      decodes_[stream].push_back(add({.body = Decode{source, r}, .inputs = {read}}));
    }
  }

  // The binder has refused cycles, so that this ends.
  void add_stream(std::size_t stream) {
    if (streams_[stream]) return;
    for (const std::size_t writer : flow_.writers[stream])
      add_query(writer);
    Operator merge{.body = Merge{stream}, .inputs = decodes_[stream]};
    // In the order of the text: at one row, what the first query writes comes first.
    for (const std::size_t writer : flow_.writers[stream])
      merge.inputs.push_back(*last_[writer]);
    for (const Field& field : app_.streams[stream].schema.fields)
      merge.layout.types.push_back(field.type);
    streams_[stream] = add(std::move(merge));
  }

  void add_query(std::size_t index) {
    if (last_[index]) return;
    const Query& query = queries_[index];
    add_stream(query.input);
    if (query.filter) step(index, Filter{query.filter});
    const bool by_changes = query.window && !query.window->batch && query.aggregated &&
                            (changes_ || query.events != EmittedEvents::current);
    if (by_changes) {
      add_changes(index);
    } else {
      add_window(index);
      if (query.where) step(index, Filter{query.where});
      if (query.aggregated) add_aggregate(index, {query.keys, query.aggregates});
    }
    if (query.having) step(index, Filter{query.having});
    add_project(index);
    if (!query.order.empty() || query.limit || query.offset != 0)
      step(index, OrderLimit{query.order, query.limit, query.offset});
    if (query.events == EmittedEvents::current && !by_changes) return;
    step(index, EmitEvents{query.events}).changelog = Changelog::append;
  }

  void add_window(std::size_t index) {
    const Query& query = queries_[index];
    if (!query.window) return;
    Operator& window = step(index, Window{*query.window});
    if (query.window->batch) {
      window.layout.window_bound = window.layout.types.size();
      add_bounds(window.layout);
    } else if (query.events != EmittedEvents::current || (changes_ && query.aggregated)) {
      window.changelog = Changelog::append_and_expire;
    }
  }

  void add_aggregate(std::size_t index, Aggregate aggregate) {
    const bool batch = queries_[index].window && queries_[index].window->batch;
    const std::size_t before = last_[index].value_or(*streams_[queries_[index].input]);
    ColumnLayout layout = operators_[before].layout;
    // Over a batch window only the groups are left; else they stand beside the row that came.
    if (batch) layout.types.clear();
    layout.group_key = layout.types.size();
    for (const ExpressionPtr& key : aggregate.keys)
      layout.types.push_back(key->type);
    layout.aggregate = layout.types.size();
    for (const semantic::AggregateCall& call : aggregate.calls)
      layout.types.push_back(call.function->output);
    layout.window_bound = layout.types.size();
    if (batch) add_bounds(layout);
    step(index, std::move(aggregate)).layout = std::move(layout);
  }

  /// window_start and window_end.
  static void add_bounds(ColumnLayout& layout) {
    layout.types.insert(layout.types.end(), 2, Type::timestamp);
  }

  /// Before rows enter a window from which they are taken back, all that a function could answer
  /// otherwise the second time is computed and kept with them.
  void add_changes(std::size_t index) {
    const Query& query = queries_[index];
    const std::size_t width = app_.streams[query.input].schema.size();
    Compute compute;
    const auto keep = [&](const ExpressionPtr& value) {
      compute.columns.push_back(value);
      return computed_column(*value, width + compute.columns.size() - 1);
    };
    ExpressionPtr where;
    if (query.where) where = keep(query.where);
    Aggregate aggregate;
    for (const ExpressionPtr& key : query.keys)
      aggregate.keys.push_back(keep(key));
    for (const semantic::AggregateCall& call : query.aggregates) {
      aggregate.calls.push_back(call);
      if (call.argument) aggregate.calls.back().argument = keep(call.argument);
    }
    std::vector<Type> types;
    for (const ExpressionPtr& column : compute.columns)
      types.push_back(column->type);
    ColumnLayout& layout = step(index, std::move(compute)).layout;
    layout.types.insert(layout.types.end(), types.begin(), types.end());
    add_window(index);
    if (where) step(index, Filter{std::move(where)});
    add_aggregate(index, std::move(aggregate));
  }

  void add_project(std::size_t index) {
    const Query& query = queries_[index];
    Project project{query.select};
    for (const semantic::OrderItem& item : query.order)
      project.order_keys.push_back(item.value);
    ColumnLayout layout;
    for (const semantic::SelectItem& item : project.columns)
      layout.types.push_back(item.value->type);
    for (const ExpressionPtr& key : project.order_keys)
      layout.types.push_back(key->type);
    step(index, std::move(project)).layout = std::move(layout);
  }

  const semantic::App& app_;
  bool changes_;
  const std::vector<Query>& queries_;
  semantic::Dataflow flow_;
  std::vector<Operator> operators_;
  std::vector<std::optional<std::size_t>> streams_;  // their Merge
  std::vector<std::vector<std::size_t>> decodes_;    // by stream
  std::vector<std::optional<std::size_t>> last_;     // by query: its last step
};

}  // namespace

std::vector<Operator> build_tree(const semantic::App& app, bool changes) {
  return TreeBuilder(app, changes).build();
}

}  // namespace eventflux::plan
