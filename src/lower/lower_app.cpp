#include "lower/lower_app.hpp"

#include <algorithm>
#include <map>

#include "lower/lower_expression.hpp"
#include "lower/lower_stage.hpp"
#include "runtime/graph/input_merger.hpp"
#include "runtime/operators/filter_index_operator.hpp"

namespace eventflux::lower {
namespace {

using runtime::TimeDomain;

// How far live input may be ahead of the clock when its watermark does not say.
constexpr Duration default_max_ahead = std::chrono::hours(1);

runtime::LateAction late_action(model::LatePolicy policy) {
  switch (policy) {
    case model::LatePolicy::drop:
      return runtime::LateAction::drop;
    case model::LatePolicy::dlq:
      return runtime::LateAction::reject;
    case model::LatePolicy::accept:
      return runtime::LateAction::accept;
  }
  return runtime::LateAction::drop;
}

runtime::AheadAction ahead_action(semantic::AheadAction action) {
  switch (action) {
    case semantic::AheadAction::dlq:
      return runtime::AheadAction::reject;
    case semantic::AheadAction::drop:
      return runtime::AheadAction::drop;
    case semantic::AheadAction::clamp:
      return runtime::AheadAction::clamp;
  }
  return runtime::AheadAction::reject;
}

/// Builds the graph of a plan operator by operator, in their order.
class Builder {
 public:
  Builder(const plan::Plan& plan, const LowerOptions& options) : plan_(plan), options_(options) {
    app_.graph = std::make_unique<runtime::Graph>();
    app_.streams.resize(plan.app.streams.size());
    app_.resources.resize(plan.app.sources.size());
    made_.resize(plan.operators.size());
    domains_.resize(plan.operators.size());
    lates_.resize(plan.app.streams.size());
    policies_.resize(plan.app.queries.size());
    feeders_.resize(plan.app.streams.size());
    for (std::size_t s = 0; s < plan.app.sources.size(); ++s)
      for (const semantic::Resource& resource : plan.app.sources[s].resources)
        feeders_[resource.stream].push_back(s);
  }

  Result<LoweredApp> build() {
    for (std::size_t at = 0; at < plan_.operators.size(); ++at)
      EF_CHECK(add(at));
    return std::move(app_);
  }

 private:
  Result<void> add(std::size_t at) {
    const plan::Operator& op = plan_.operators[at];
    // The ends of the plan are made where threads are: sources and sinks connect to the graph.
    if (op.as<plan::ReadSource>() != nullptr || op.as<plan::WriteSink>() != nullptr) return {};
    if (const auto* decode = op.as<plan::Decode>()) {
      const semantic::Source& source = plan_.app.sources[decode->source];
      auto& made = add_resource(source, source.resources[decode->resource]);
      app_.resources[decode->source].push_back(&made);
      made_[at] = &made;
      domains_[at] = &app_.graph->processing_time();
      return {};
    }
    if (const auto* merge = op.as<plan::Merge>()) return add_stream(at, merge->stream);
    if (const auto* index = op.as<plan::FilterIndex>()) return add_index(at, index->column);
    return add_step(at);
  }

  runtime::ResourceOperator& add_resource(const semantic::Source& source,
                                          const semantic::Resource& resource) {
    const semantic::Stream& stream = plan_.app.streams[resource.stream];
    runtime::ResourceSpec spec;
    spec.schema = stream.schema;
    if (stream.checkpoint) {
      spec.cursor = stream.checkpoint->cursor;
      spec.per = stream.checkpoint->per;
      spec.monotonic = stream.checkpoint->monotonic;
    }
    auto& op = app_.graph->add<runtime::ResourceOperator>(std::move(spec));
    op.id = "resource:" + source.name + "/" + stream.name;
    op.label = "resource " + stream.name;
    return op;
  }

  /// A stream's clock: its own watermark, that of what fills it, or arrival time.
  TimeDomain* domain_of(const plan::Operator& op, std::size_t stream) {
    const std::string& name = plan_.app.streams[stream].name;
    if (plan_.app.streams[stream].watermark) return &app_.graph->add_domain(name);
    std::vector<TimeDomain*> parents;
    for (const std::size_t input : op.inputs) {
      if (std::find(parents.begin(), parents.end(), domains_[input]) == parents.end())
        parents.push_back(domains_[input]);
    }
    if (parents.empty()) return &app_.graph->processing_time();
    if (parents.size() == 1) return parents.front();
    TimeDomain& least = app_.graph->add_domain(name);
    for (TimeDomain* parent : parents)
      least.follow(*parent);
    return &least;
  }

  Result<void> add_stream(std::size_t at, std::size_t index) {
    const plan::Operator& step = plan_.operators[at];
    const semantic::Stream& stream = plan_.app.streams[index];
    domains_[at] = domain_of(step, index);
    lates_[index] = late_of(step, index);
    runtime::Operator* merger = merge_queries(step, stream.schema);
    auto& op = app_.graph->add<runtime::StreamOperator>(stream.schema);
    op.id = step.id;
    op.label = step.label;
    if (merger != nullptr) merger->connect(op, 0);
    for (const std::size_t input : step.inputs)
      if (merger == nullptr || !plan_.operators[input].query) made_[input]->connect(op, 0);
    if (options_.stream_errors) {
      EF_TRY(op.row_errors, options_.stream_errors(index));
    }
    if (stream.watermark) {
      op.set_event_time(event_time_of(index), *domains_[at], app_.graph->processing_time());
      app_.graph->processing_time().add(op);
    }
    app_.streams[index] = &op;
    made_[at] = &op;
    return {};
  }

  /// Returns what merges the queries that write a stream; a null pointer when fewer than two do.
  runtime::Operator* merge_queries(const plan::Operator& step, const Schema& schema) {
    std::vector<runtime::Operator*> queries;
    for (const std::size_t input : step.inputs)
      if (plan_.operators[input].query) queries.push_back(made_[input]);
    if (queries.size() < 2) return nullptr;
    const auto count = static_cast<std::uint32_t>(queries.size());
    auto& merger = app_.graph->add<runtime::InputMerger>(schema, count);
    for (runtime::Port port = 0; port < count; ++port)
      queries[port]->connect(merger, port);
    app_.graph->flush_after_runs(merger);
    return &merger;
  }

  runtime::EventTime event_time_of(std::size_t index) const {
    const semantic::Watermark& watermark = *plan_.app.streams[index].watermark;
    runtime::EventTime spec;
    spec.column = watermark.column;
    spec.milliseconds = watermark.milliseconds;
    spec.delay_us = watermark.delay.count();
    for (const std::size_t s : feeders_[index]) {
      const model::SourceOptions& source = options_.sources[s];
      spec.late = late_action(source.late);
      spec.delay_us += source.lateness.count();
      spec.idle_us = source.idle_timeout.count();
      const bool bounded = !options_.is_bounded || options_.is_bounded(s);
      if (!watermark.max_ahead && !bounded) spec.ahead_us = default_max_ahead.count();
    }
    if (watermark.max_ahead) spec.ahead_us = watermark.max_ahead->count();
    spec.ahead = ahead_action(watermark.ahead);
    return spec;
  }

  /// What becomes of late rows in the windows over a stream: as its source says; where several
  /// sources fill it, a dead letter rather than nothing.
  runtime::LateAction late_of(const plan::Operator& step, std::size_t stream) const {
    runtime::LateAction found = runtime::LateAction::drop;
    for (const std::size_t s : feeders_[stream])
      found = late_action(options_.sources[s].late);
    for (const std::size_t input : step.inputs) {
      const auto& query = plan_.operators[input].query;
      if (query && lates_[plan_.app.queries[*query].input] == runtime::LateAction::reject)
        found = runtime::LateAction::reject;
    }
    return found;
  }

  /// The steps from `at` that run as one.
  std::span<const plan::Operator> stage_at(std::size_t at) const {
    std::size_t last = at + 1;
    while (last < plan_.operators.size() && plan_.operators[last].stage == at)
      ++last;
    return {plan_.operators.data() + at, last - at};
  }

  Result<void> add_index(std::size_t at, std::size_t column) {
    const std::size_t before = plan_.operators[at].inputs.front();
    auto& index = app_.graph->add<runtime::FilterIndexOperator>(
        plan_.operators[at].layout.types[column], column);
    made_[before]->connect(index, 0);
    made_[at] = &index;
    domains_[at] = domains_[before];
    indexes_[at] = &index;
    return {};
  }

  /// Connects the first step of a query to what it reads.
  void connect_step(const plan::Operator& first, runtime::Operator& op) {
    const std::size_t before = first.inputs.front();
    const auto index = indexes_.find(before);
    if (index == indexes_.end()) return made_[before]->connect(op, 0);
    const plan::Filter::Term& term = *first.as<plan::Filter>()->indexed;
    index->second->add(*kernel_operation(term.comparison), term.constant, op);
  }

  /// Returns what the query of a step has computed in front of it, or in its own stage.
  const std::vector<semantic::ExpressionPtr>* computed_before(std::size_t at) const {
    const auto query = plan_.operators[at].query;
    std::size_t last = at + 1;
    while (last < plan_.operators.size() && plan_.operators[last].stage == at)
      ++last;
    while (last != 0 && plan_.operators[last - 1].query == query) {
      if (const auto* compute = plan_.operators[--last].as<plan::Compute>())
        return &compute->columns;
    }
    return nullptr;
  }

  Result<void> add_step(std::size_t at) {
    const plan::Operator& first = plan_.operators[at];
    if (first.stage != at) return {};  // made with the first of its stage
    const std::size_t before = first.inputs.front();
    const semantic::Query& query = plan_.app.queries[*first.query];
    const StagePlace place{query,
                           plan_.app.streams[query.input].schema,
                           plan_.app.streams[query.target].schema,
                           plan_.operators[before].layout,
                           *domains_[before],
                           app_.graph->processing_time(),
                           lates_[query.input],
                           options_.seed,
                           computed_before(at)};
    const auto steps = stage_at(at);
    EF_TRY(runtime::Operator * op, lower_stage(steps, place, *app_.graph));
    op->id = plan::stage_id(plan_.operators, at);
    op->label = plan::stage_label(plan_.operators, at);
    op->row_errors = policy_of(*first.query);
    domains_[before]->add(*op);
    connect_step(first, *op);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      made_[at + i] = op;
      domains_[at + i] = domains_[before];
    }
    return {};
  }

  /// All steps of a query share what becomes of rows that fail.
  runtime::RowErrorPolicy* policy_of(std::size_t query) {
    if (!options_.query_errors) return nullptr;
    if (policies_[query] == nullptr)
      policies_[query] = options_.query_errors(plan_.app.queries[query]);
    return policies_[query];
  }

  const plan::Plan& plan_;
  const LowerOptions& options_;
  LoweredApp app_;
  std::vector<runtime::Operator*> made_;                          // by operator of the plan
  std::vector<TimeDomain*> domains_;                              // clocks of what those emit
  std::map<std::size_t, runtime::FilterIndexOperator*> indexes_;  // by operator of the plan
  std::vector<runtime::LateAction> lates_;          // by stream: what its windows do with late rows
  std::vector<runtime::RowErrorPolicy*> policies_;  // by query
  std::vector<std::vector<std::size_t>> feeders_;   // sources by stream
};

}  // namespace

Result<LoweredApp> lower_app(const plan::Plan& plan, const LowerOptions& options) {
  return Builder(plan, options).build();
}

}  // namespace eventflux::lower
