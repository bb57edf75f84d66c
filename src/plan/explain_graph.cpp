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

std::string operators_json(const QueryPlan& part) {
  std::vector<const OperatorName*> names;
  for (const OperatorName* name : {&part.filter, &part.state, &part.project})
    if (!name->id.empty()) names.push_back(name);
  return array(names, [](const OperatorName* name) {
    return Object().text("id", name->id).text("label", name->label).end();
  });
}

std::string query_json(const Plan& plan, const QueryPlan& part) {
  return Object()
      .text("name", part.query.name)
      .text("input", plan.app.streams[part.query.input].name)
      .text("target", plan.app.streams[part.query.target].name)
      .raw("operators", operators_json(part))
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
      .raw("queries", array(plan.queries, [&](const auto& part) { return query_json(plan, part); }))
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
  for (const QueryPlan& part : plan.queries) {
    const std::string id = "query " + part.query.name;
    const std::string state = part.state.label.empty() ? "" : "\n" + part.state.label;
    text += node(id, part.query.name + state, "box");
    text += edge(stream_id(part.query.input), id) + edge(id, stream_id(part.query.target));
  }
  for (const semantic::Sink& sink : plan.app.sinks) {
    const std::string id = "sink " + sink.name;
    text += node(id, sink.name, "invhouse") + edge(stream_id(sink.stream), id);
  }
  return text + "}\n";
}

}  // namespace eventflux::plan
