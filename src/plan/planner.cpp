#include "plan/planner.hpp"

#include <algorithm>
#include <utility>

#include "plan/guarantee.hpp"
#include "plan/identity.hpp"
#include "plan/rules/fold_constants.hpp"
#include "plan/rules/push_filter.hpp"

namespace eventflux::plan {

namespace {

// Visits the writers of a query's input before the query; the binder has refused cycles.
void visit(std::size_t index, const std::vector<semantic::Query>& queries,
           std::vector<bool>& placed, std::vector<std::size_t>& order) {
  if (placed[index]) return;
  placed[index] = true;
  for (std::size_t writer = 0; writer < queries.size(); ++writer)
    if (queries[writer].target == queries[index].input) visit(writer, queries, placed, order);
  order.push_back(index);
}

std::vector<std::size_t> writers_first(const std::vector<semantic::Query>& queries) {
  std::vector<std::size_t> order;
  std::vector<bool> placed(queries.size());
  for (std::size_t index = 0; index < queries.size(); ++index)
    visit(index, queries, placed, order);
  return order;
}

Result<void> check_dead_letters(const std::string& what, const ParamValues& params, Span span) {
  const auto value = [&](std::string_view name) {
    const auto found = std::find_if(params.begin(), params.end(),
                                    [&](const ParamValue& param) { return param.name == name; });
    return found == params.end() ? nullptr : &*found;
  };
  const ParamValue* strategy = value("error.strategy");
  if (strategy == nullptr || strategy->text != "dlq" || value("error.dlq.stream") != nullptr)
    return {};
  return Error{Code::dead_letters_unwired, "dead letters of " + what + " have no place to go",
               "use a state directory, or error.dlq.stream='dead_letters'",
               strategy->span.empty() ? span : strategy->span};
}

Result<void> check_all_dead_letters(const semantic::App& app) {
  for (const semantic::Source& source : app.sources)
    EF_CHECK(
        check_dead_letters("source '" + source.name + '\'', source.shared_params, source.span));
  for (const semantic::Sink& sink : app.sinks)
    EF_CHECK(check_dead_letters("sink '" + sink.name + '\'', sink.shared_params, sink.span));
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
  for (const semantic::Query& query : app.queries) {
    QueryPlan& part = plan.queries.emplace_back();
    part.query = query;
    fold_constants(part.query);
    push_filter(part.query);
    name_operators(part, app);
  }
  number_equal_operators(plan.queries);
  plan.order = writers_first(app.queries);
  plan.fingerprint = fingerprint(app, plan.queries);
  plan.app = std::move(app);
  return plan;
}

}  // namespace eventflux::plan
