#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "semantic/app_binder.hpp"

// Streams named by `error.dlq.stream`: they exist without being declared, and have fixed columns.
namespace eventflux::semantic {

namespace {

const ParamValue* dead_letter_param(const ParamValues& params) {
  for (const ParamValue& param : params)
    if (param.name == "error.dlq.stream") return &param;
  return nullptr;
}

}  // namespace

Schema dead_letter_schema() {
  return {{{.name = "originalEvent", .type = Type::string},
           {.name = "errorMessage", .type = Type::string},
           {.name = "errorType", .type = Type::string},
           {.name = "timestamp", .type = Type::int64},
           {.name = "attemptCount", .type = Type::int32},
           {.name = "streamName", .type = Type::string}}};
}

Result<void> AppBinder::wire_dead_letters(const ParamValue& param) {
  const Schema schema = dead_letter_schema();
  const auto found = catalog_.find(param.text);
  if (!found) {
    EF_CHECK(catalog_.add({.name = param.text, .schema = schema, .span = param.span},
                          Catalog::State::known, param.span, report_));
    return {};
  }
  Stream& stream = catalog_.stream(*found);
  if (catalog_.state(*found) == Catalog::State::open) {
    stream.schema = schema;
    catalog_.set_state(*found, Catalog::State::known);
  }
  if (catalog_.state(*found) == Catalog::State::failed || to_text(stream.schema) == to_text(schema))
    return {};
  return report_.fail({.code = Code::dead_letter_columns,
                       .message = "dead letters do not fit the columns of " + stream.name,
                       .span = param.span,
                       .notes = {"dead letters have: " + to_text(schema),
                                 stream.name + " has: " + to_text(stream.schema)},
                       .mentions = {{stream.name + " is defined at", stream.span}}});
}

void AppBinder::wire_all_dead_letters() {
  const auto wire = [this](const ParamValues& params) {
    const ParamValue* param = dead_letter_param(params);
    if (param == nullptr) return;
    if (auto wired = wire_dead_letters(*param); !wired.ok()) report_.add(wired.error());
  };
  for (const Source& source : app_.sources)
    wire(source.shared_params);
  for (const Sink& sink : app_.sinks)
    wire(sink.shared_params);
}

// Edges lead from a stream to where the dead letters of its sources and sinks go.
std::vector<AppBinder::DeadLetterEdge> AppBinder::dead_letter_edges() const {
  std::vector<DeadLetterEdge> edges;
  const auto add = [&](std::size_t stream, const ParamValues& params) {
    const ParamValue* param = dead_letter_param(params);
    const auto target = param == nullptr ? std::nullopt : catalog_.find(param->text);
    if (target) edges.push_back({stream, *target, param->span});
  };
  for (const Source& source : app_.sources) {
    for (const Resource& resource : source.resources)
      add(resource.stream, source.shared_params);
  }
  for (const Sink& sink : app_.sinks)
    add(sink.stream, sink.shared_params);
  return edges;
}

void AppBinder::check_dead_letters() {
  const std::vector<DeadLetterEdge> edges = dead_letter_edges();
  for (const DeadLetterEdge& first : edges) {
    std::vector<bool> reached(catalog_.size());
    reached[first.to] = true;
    for (std::size_t round = 0; round < edges.size(); ++round) {
      for (const DeadLetterEdge& edge : edges)
        if (reached[edge.from]) reached[edge.to] = true;
    }
    if (!reached[first.from]) continue;
    report_.add(
        report_.fail(Code::dead_letter_cycle,
                     "dead letters of '" + catalog_.stream(first.from).name + "' come back to it",
                     first.span, "send them to a stream of their own"));
    return;
  }
}

}  // namespace eventflux::semantic
