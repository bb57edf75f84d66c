#include "plan/planner.hpp"

#include <utility>

#include "plan/annotate.hpp"
#include "plan/build_tree.hpp"
#include "plan/guarantee.hpp"
#include "plan/identity.hpp"
#include "plan/rules/fold_constants.hpp"
#include "plan/rules/fuse.hpp"
#include "plan/rules/index_filters.hpp"
#include "plan/rules/push_filter.hpp"

namespace eventflux::plan {

namespace {

// The word that asks for dead letters. For a sink on_exhausted='dlq' is the default: where there is
// no place for them, rows are counted.
Span dead_letter_span(const ParamValues& params, Span otherwise) {
  for (const ParamValue& param : params) {
    if (param.text == "dlq" && param.name != "on_exhausted" && !param.span.empty())
      return param.span;
  }
  return otherwise;
}

Result<void> check_dead_letters(const std::string& what, const model::ErrorOptions& options,
                                const ParamValues& params, Span span) {
  if (!options.dlq_stream.empty()) return {};
  return Error{Code::dead_letters_unwired, "dead letters of " + what + " have no place to go",
               "use a state directory, or error.dlq.stream='dead_letters'",
               dead_letter_span(params, span)};
}

Result<void> check_source_letters(const semantic::Source& source) {
  EF_TRY(const model::SourceOptions options,
         model::parse_source_options(*source.entry, source.shared_params));
  if (!options.wants_dead_letters() && options.late != model::LatePolicy::dlq &&
      options.unmatched != model::UnmatchedPolicy::dlq)
    return {};
  return check_dead_letters("source '" + source.name + '\'', options, source.shared_params,
                            source.span);
}

Result<void> check_sink_letters(const semantic::Sink& sink) {
  EF_TRY(const model::SinkOptions options,
         model::parse_sink_options(*sink.entry, sink.shared_params));
  if (!options.wants_dead_letters()) return {};
  return check_dead_letters("sink '" + sink.name + '\'', options, sink.shared_params, sink.span);
}

Result<void> check_all_dead_letters(const semantic::App& app) {
  for (const semantic::Source& source : app.sources)
    EF_CHECK(check_source_letters(source));
  for (const semantic::Sink& sink : app.sinks)
    EF_CHECK(check_sink_letters(sink));
  for (const semantic::Query& query : app.queries) {
    if (query.on_error != semantic::RowErrorAction::dlq) continue;
    return Error{Code::dead_letters_unwired,
                 "dead letters of query '" + query.name + "' have no place to go",
                 "use a state directory, or another action of @onerror", query.span};
  }
  return {};
}

}  // namespace

Result<Plan> make_plan(semantic::App app, const PlanOptions& options) {
  if (!options.durable) EF_CHECK(check_all_dead_letters(app));
  Plan plan;
  EF_TRY(plan.guarantees, guarantees(app, options.durable));
  if (app.options.delivery != model::Delivery::at_least_once)
    return model::delivery_not_built(app.options.delivery, app.delivery_span);
  for (semantic::Query& query : app.queries) {
    fold_constants(query);
    push_filter(query);
  }
  plan.operators = build_tree(app, !options.fuse);
  if (options.fuse) index_filters(plan.operators);
  fuse_inseparable(plan.operators, app);
  if (options.fuse) {
    fuse_window_aggregate(plan.operators, app);
    fuse_filter_project(plan.operators);
  }
  annotate(plan.operators, app);
  plan.stateful = stateful_parts(app, plan.operators);
  plan.fingerprint = fingerprint(plan.stateful);
  plan.app = std::move(app);
  return plan;
}

}  // namespace eventflux::plan
