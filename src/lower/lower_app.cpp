#include "lower/lower_app.hpp"

#include <algorithm>
#include <map>

#include "lower/lower_query.hpp"

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

/// Builds the graph stream by stream: a stream, then the queries that read it, so that nodes stand
/// in topological order.
class Builder {
 public:
  Builder(const plan::Plan& plan, const LowerOptions& options) : plan_(plan), options_(options) {
    app_.graph = std::make_unique<runtime::Graph>();
    app_.streams.resize(plan.app.streams.size());
    app_.queries.resize(plan.queries.size());
    app_.resources.resize(plan.app.sources.size());
    domains_.resize(plan.app.streams.size());
    lates_.resize(plan.app.streams.size());
    writers_.resize(plan.app.streams.size());
    feeders_.resize(plan.app.streams.size());
    for (std::size_t s = 0; s < plan.app.sources.size(); ++s)
      for (const semantic::Resource& resource : plan.app.sources[s].resources)
        feeders_[resource.stream].push_back(s);
    readers_.resize(plan.app.streams.size());
    for (std::size_t query = 0; query < plan.queries.size(); ++query)
      readers_[plan.queries[query].query.input].push_back(query);
    for (const std::size_t query : plan.order)
      writers_[plan.queries[query].query.target].push_back(query);
  }

  Result<LoweredApp> build() {
    add_resources();
    for (const std::size_t stream : stream_order()) {
      EF_CHECK(add_stream(stream));
      for (const std::size_t query : readers_[stream])
        EF_CHECK(add_query(query));
    }
    connect();
    return std::move(app_);
  }

 private:
  /// Streams so that all writers of a stream read earlier ones.
  std::vector<std::size_t> stream_order() const {
    std::vector<std::size_t> order;
    std::vector<bool> placed(plan_.app.streams.size());
    const auto place = [&](std::size_t stream) {
      if (placed[stream]) return;
      placed[stream] = true;
      order.push_back(stream);
    };
    for (std::size_t stream = 0; stream < placed.size(); ++stream)
      if (writers_[stream].empty()) place(stream);
    for (const std::size_t query : plan_.order) {
      place(plan_.queries[query].query.input);
    }
    for (std::size_t stream = 0; stream < placed.size(); ++stream)
      place(stream);
    return order;
  }

  void add_resources() {
    for (std::size_t s = 0; s < plan_.app.sources.size(); ++s) {
      for (const semantic::Resource& resource : plan_.app.sources[s].resources)
        app_.resources[s].push_back(&add_resource(plan_.app.sources[s], resource));
    }
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
  Result<TimeDomain*> find_domain(std::size_t stream) {
    const std::string& name = plan_.app.streams[stream].name;
    if (plan_.app.streams[stream].watermark) return &app_.graph->add_domain(name);
    std::vector<TimeDomain*> parents;
    for (const std::size_t query : writers_[stream]) {
      TimeDomain* domain = domains_[plan_.queries[query].query.input];
      if (std::find(parents.begin(), parents.end(), domain) == parents.end())
        parents.push_back(domain);
    }
    if (parents.empty()) return &app_.graph->processing_time();
    if (parents.size() == 1) return parents.front();
    TimeDomain& least = app_.graph->add_domain(name);
    for (TimeDomain* parent : parents)
      least.follow(*parent);
    return &least;
  }

  Result<void> add_stream(std::size_t index) {
    const semantic::Stream& stream = plan_.app.streams[index];
    EF_TRY(TimeDomain * domain, find_domain(index));
    domains_[index] = domain;
    lates_[index] = late_of(index);
    auto& op = app_.graph->add<runtime::StreamOperator>(stream.schema);
    op.id = "stream:" + stream.name;
    op.label = "stream " + stream.name;
    op.set_writers(static_cast<std::uint32_t>(writers_[index].size()));
    if (writers_[index].size() > 1) app_.graph->flush_after_runs(op);
    if (options_.stream_errors) {
      EF_TRY(op.row_errors, options_.stream_errors(index));
    }
    if (stream.watermark) {
      op.set_event_time(event_time_of(index), *domain, app_.graph->processing_time());
      app_.graph->processing_time().add(op);
    }
    app_.streams[index] = &op;
    return {};
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
  runtime::LateAction late_of(std::size_t stream) const {
    runtime::LateAction found = runtime::LateAction::drop;
    for (const std::size_t s : feeders_[stream])
      found = late_action(options_.sources[s].late);
    for (const std::size_t query : writers_[stream]) {
      if (lates_[plan_.queries[query].query.input] == runtime::LateAction::reject)
        found = runtime::LateAction::reject;
    }
    return found;
  }

  Result<void> add_query(std::size_t index) {
    const plan::QueryPlan& query = plan_.queries[index];
    const semantic::Stream& input = plan_.app.streams[query.query.input];
    TimeDomain& domain = *domains_[query.query.input];
    const QueryPlace place{input.schema,
                           plan_.app.streams[query.query.target].schema,
                           domain,
                           app_.graph->processing_time(),
                           lates_[query.query.input],
                           options_.seed};
    EF_TRY(runtime::Operator * op, lower_query(query, place, *app_.graph));
    if (options_.query_errors) op->row_errors = options_.query_errors(query.query);
    domain.add(*op);
    app_.queries[index] = op;
    return {};
  }

  void connect() {
    for (std::size_t s = 0; s < plan_.app.sources.size(); ++s) {
      for (std::size_t r = 0; r < app_.resources[s].size(); ++r)
        app_.resources[s][r]->connect(*app_.streams[plan_.app.sources[s].resources[r].stream], 0);
    }
    for (std::size_t query = 0; query < app_.queries.size(); ++query)
      app_.streams[plan_.queries[query].query.input]->connect(*app_.queries[query], 0);
    for (std::size_t stream = 0; stream < writers_.size(); ++stream) {
      // Ports follow the text: at one row, what the first query writes comes first.
      std::vector<std::size_t> writers = writers_[stream];
      std::sort(writers.begin(), writers.end());
      for (std::size_t i = 0; i < writers.size(); ++i)
        app_.queries[writers[i]]->connect(*app_.streams[stream], static_cast<runtime::Port>(i + 1));
    }
  }

  const plan::Plan& plan_;
  const LowerOptions& options_;
  LoweredApp app_;
  std::vector<TimeDomain*> domains_;
  std::vector<runtime::LateAction> lates_;  // by stream: what its windows do with late rows
  std::vector<std::vector<std::size_t>> writers_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::vector<std::size_t>> feeders_;  // sources by stream
};

}  // namespace

Result<LoweredApp> lower_app(const plan::Plan& plan, const LowerOptions& options) {
  return Builder(plan, options).build();
}

}  // namespace eventflux::lower
