#include "plan/annotate.hpp"

#include <algorithm>

#include "plan/expression_text.hpp"
#include "plan/identity.hpp"

namespace eventflux::plan {
namespace {

using semantic::EmittedEvents;
using semantic::Query;

TimeAttribute least_of(const Operator& op, const std::vector<Operator>& operators) {
  TimeAttribute least;
  for (const std::size_t input : op.inputs) {
    const TimeAttribute& time = operators[input].time;
    least.arrival = least.arrival || time.arrival;
    least.watermarks.insert(least.watermarks.end(), time.watermarks.begin(), time.watermarks.end());
  }
  std::sort(least.watermarks.begin(), least.watermarks.end());
  least.watermarks.erase(std::unique(least.watermarks.begin(), least.watermarks.end()),
                         least.watermarks.end());
  if (op.inputs.empty()) least.arrival = true;
  return least;
}

TimeAttribute time_of(const Operator& op, const std::vector<Operator>& operators,
                      const semantic::App& app) {
  const auto* merge = op.as<Merge>();
  if (merge != nullptr && app.streams[merge->stream].watermark) return {{merge->stream}, false};
  return least_of(op, operators);
}

Distribution by(const std::vector<semantic::ExpressionPtr>& keys) {
  if (keys.empty()) return {Distribution::Kind::single, {}};
  return {Distribution::Kind::by_key, keys};
}

/// Rows of a window meet by PER, or by group where every group has a window of its own. Batch
/// windows that all keys share can be divided by group as well.
Distribution distribution_of(const Operator& op, const Query& query) {
  if (op.as<OrderLimit>() != nullptr) return {Distribution::Kind::single, {}};
  if (const auto* aggregate = op.as<Aggregate>()) return by(aggregate->keys);
  if (op.as<Window>() == nullptr) return {};
  const semantic::Window& window = *query.window;
  if (!window.per.empty()) return by(window.per);
  const bool by_group = window.entry->per_group || window.entry->aligned;
  return by(by_group && query.aggregated ? query.keys : window.per);
}

std::string window_bound(const Query& query) {
  if (!query.window->batch) return "the rows of the window, for each key";
  const std::string held = query.aggregated ? "the groups" : "the rows";
  return held + " of the windows that are open";
}

/// The state of a step of a query; nothing when it keeps none.
std::optional<StateInfo> state_of(const Operator& op, const Query& query, const QueryNames& names) {
  if (names.state.empty()) return std::nullopt;
  if (op.as<Aggregate>() != nullptr) {
    const bool groups = !query.window;
    return StateInfo{names.state, groups ? "a group for each key, for ever" : window_bound(query)};
  }
  if (op.as<Window>() == nullptr) return std::nullopt;
  return StateInfo{query.aggregated ? names.state + ".window" : names.state, window_bound(query)};
}

class Annotator {
 public:
  Annotator(std::vector<Operator>& operators, const semantic::App& app)
      : operators_(operators), app_(app), names_(name_queries(app)) {}

  void run() {
    for (Operator& op : operators_) {
      op.time = time_of(op, operators_, app_);
      if (op.query) {
        annotate_step(op);
      } else {
        annotate_end(op);
      }
    }
  }

 private:
  void annotate_step(Operator& op) {
    const Query& query = app_.queries[*op.query];
    const QueryNames& names = names_[*op.query];
    op.distribution = distribution_of(op, query);
    op.state = state_of(op, query, names);
    op.id = op.state ? op.state->id : names.project;
    op.label = op.state ? names.state_label : "project into " + app_.streams[query.target].name;
  }

  /// What is not a step of a query.
  void annotate_end(Operator& op) {
    if (const auto* read = op.as<ReadSource>()) {
      op.label = "source " + app_.sources[read->source].name;
    } else if (const auto* decode = op.as<Decode>()) {
      const semantic::Source& source = app_.sources[decode->source];
      const semantic::Stream& stream = app_.streams[source.resources[decode->resource].stream];
      op.label = "resource " + stream.name;
      op.id = "resource:" + source.name + '/' + stream.name;
      if (stream.checkpoint) op.state = {op.id, "a cursor for each key"};
    } else if (const auto* merge = op.as<Merge>()) {
      const semantic::Stream& stream = app_.streams[merge->stream];
      op.label = "stream " + stream.name;
      op.id = "stream:" + stream.name;
      if (stream.watermark) op.state = {op.id, "a watermark for each partition"};
    } else if (const auto* index = op.as<FilterIndex>()) {
      const std::size_t stream = operators_[op.inputs.front()].as<Merge>()->stream;
      const Schema& schema = app_.streams[stream].schema;
      op.label = "index " + app_.streams[stream].name + '.' + schema.fields[index->column].name;
    } else if (const auto* write = op.as<WriteSink>()) {
      op.label = "sink " + app_.sinks[write->sink].name;
    }
    if (op.id.empty()) op.id = op.label;
  }

  std::vector<Operator>& operators_;
  const semantic::App& app_;
  std::vector<QueryNames> names_;
};

}  // namespace

void annotate(std::vector<Operator>& operators, const semantic::App& app) {
  Annotator(operators, app).run();
}

}  // namespace eventflux::plan
