#include <string>
#include <vector>

#include "base/text.hpp"
#include "plan/explain.hpp"

// The plan for programs: JSON and Graphviz.
namespace eventflux::plan {

namespace {

using base::quote_json;

// Writes one JSON object member by member.
class Object {
 public:
  Object& text(std::string_view name, std::string_view value) {
    return raw(name, quote_json(value));
  }

  Object& raw(std::string_view name, const std::string& value) {
    text_ += (text_.size() > 1 ? "," : "") + quote_json(name) + ':' + value;
    return *this;
  }

  std::string end() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

template <class Items, class Print>
std::string array(const Items& items, Print print) {
  std::string text = "[";
  for (const auto& item : items)
    text += (text.size() > 1 ? "," : "") + print(item);
  return text + ']';
}

std::string schema_json(const Schema& schema) {
  return array(schema.fields, [](const Field& field) {
    return Object().text("name", field.name).text("type", type_name(field.type)).end();
  });
}

std::string_view changelog_word(Changelog changelog) {
  switch (changelog) {
    case Changelog::append:
      return "append";
    case Changelog::append_and_expire:
      return "append and expire";
  }
  return {};
}

std::string_view distribution_word(Distribution::Kind kind) {
  switch (kind) {
    case Distribution::Kind::any:
      return "any";
    case Distribution::Kind::by_key:
      return "by key";
    case Distribution::Kind::single:
      return "single";
  }
  return {};
}

std::string time_text(const Plan& plan, const TimeAttribute& time) {
  std::vector<std::string> clocks;
  for (const std::size_t stream : time.watermarks)
    clocks.push_back("watermark of " + plan.app.streams[stream].name);
  if (time.arrival) clocks.emplace_back("arrival");
  return base::join(clocks, ", ");
}

std::string operator_json(const Plan& plan, std::size_t at) {
  const Operator& op = plan.operators[at];
  Object object;
  object.text("operator", operator_word(op))
      .text("id", op.id)
      .text("label", op.label)
      .raw("inputs", array(op.inputs, [](std::size_t input) { return std::to_string(input); }))
      .raw("stage", std::to_string(op.stage))
      .text("time", time_text(plan, op.time))
      .text("changelog", changelog_word(op.changelog))
      .text("distribution", distribution_word(op.distribution.kind));
  if (op.query) object.text("query", plan.app.queries[*op.query].name);
  if (op.state) object.text("state", op.state->id).text("bound", op.state->bound);
  return object.end();
}

std::string operators_json(const Plan& plan) {
  std::string text = "[";
  for (std::size_t at = 0; at < plan.operators.size(); ++at)
    text += (at == 0 ? "" : ",") + operator_json(plan, at);
  return text + ']';
}

std::string query_json(const Plan& plan, const semantic::Query& query) {
  return Object()
      .text("name", query.name)
      .text("input", plan.app.streams[query.input].name)
      .text("target", plan.app.streams[query.target].name)
      .end();
}

std::string source_json(const Plan& plan, const semantic::Source& source) {
  const std::string resources = array(source.resources, [&](const semantic::Resource& resource) {
    return quote_json(plan.app.streams[resource.stream].name);
  });
  return Object()
      .text("name", source.name)
      .text("type", source.entry->name)
      .raw("resources", resources)
      .end();
}

std::string edge(std::string_view from, std::string_view to) {
  return "  " + quote_json(from) + " -> " + quote_json(to) + ";\n";
}

std::string node(std::string_view id, std::string_view label, std::string_view shape) {
  return "  " + quote_json(id) + " [label=" + quote_json(label) + ", shape=" + std::string(shape) +
         "];\n";
}

/// What a query keeps, on a line of its own; empty when it keeps nothing.
std::string state_line(const Plan& plan, std::size_t query) {
  for (const Operator& op : plan.operators)
    if (op.query == query && op.state) return '\n' + op.label;
  return "";
}

}  // namespace

std::string explain_json(const Plan& plan) {
  const auto stream_json = [](const semantic::Stream& stream) {
    return Object().text("name", stream.name).raw("columns", schema_json(stream.schema)).end();
  };
  const auto sink_json = [&](const semantic::Sink& sink) {
    return Object()
        .text("name", sink.name)
        .text("type", sink.entry->name)
        .text("stream", plan.app.streams[sink.stream].name)
        .end();
  };
  const auto path_json = [&](const Guarantee& path) {
    return Object()
        .text("source", plan.app.sources[path.source].name)
        .text("sink", plan.app.sinks[path.sink].name)
        .text("level", path.level)
        .text("reason", path.reason)
        .end();
  };
  return Object()
      .text("app", plan.app.options.name)
      .text("fingerprint", plan.fingerprint)
      .raw("streams", array(plan.app.streams, stream_json))
      .raw("sources",
           array(plan.app.sources, [&](const auto& source) { return source_json(plan, source); }))
      .raw("queries",
           array(plan.app.queries, [&](const auto& query) { return query_json(plan, query); }))
      .raw("operators", operators_json(plan))
      .raw("sinks", array(plan.app.sinks, sink_json))
      .raw("guarantees", array(plan.guarantees, path_json))
      .end();
}

std::string explain_dot(const Plan& plan) {
  std::string text = "digraph " + quote_json(plan.app.options.name) + " {\n  rankdir=LR;\n";
  const auto stream_id = [&](std::size_t stream) {
    return "stream " + plan.app.streams[stream].name;
  };
  for (std::size_t stream = 0; stream < plan.app.streams.size(); ++stream)
    text += node(stream_id(stream), plan.app.streams[stream].name, "ellipse");
  for (const semantic::Source& source : plan.app.sources) {
    const std::string id = "source " + source.name;
    text += node(id, id + "\n" + source.entry->name, "house");
    for (const semantic::Resource& resource : source.resources)
      text += edge(id, stream_id(resource.stream));
  }
  for (const Operator& op : plan.operators) {
    if (!op.query || op.as<Project>() == nullptr) continue;
    const semantic::Query& query = plan.app.queries[*op.query];
    const std::string id = "query " + query.name;
    text += node(id, query.name + state_line(plan, *op.query), "box");
    text += edge(stream_id(query.input), id) + edge(id, stream_id(query.target));
  }
  for (const semantic::Sink& sink : plan.app.sinks) {
    const std::string id = "sink " + sink.name;
    text += node(id, sink.name, "invhouse") + edge(stream_id(sink.stream), id);
  }
  return text + "}\n";
}

}  // namespace eventflux::plan
