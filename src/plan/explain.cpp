#include "plan/explain.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "plan/expression_text.hpp"

namespace eventflux::plan {

namespace {

using semantic::Query;

template <class Items, class Print>
std::string listed(const Items& items, Print print) {
  std::string text;
  for (const auto& item : items)
    text += (text.empty() ? "" : ", ") + print(item);
  return text;
}

// "  window     TUMBLING(10 s)"
std::string step(std::string_view word, const std::string& text) {
  constexpr std::size_t width = 11;
  return "  " + std::string(word) + std::string(width - word.size(), ' ') + text + '\n';
}

std::string state_note(const Plan& plan, std::size_t at) {
  const Operator& op = plan.operators[at];
  if (!op.state) return "";
  // A window and the aggregates over it are one state where they run as one.
  return "   state " + stage_id(plan.operators, at);
}

std::string order_text(const OrderLimit& limit, const ColumnNames& names) {
  std::string text = listed(limit.order, [&](const semantic::OrderItem& item) {
    return to_text(*item.value, names) + (item.descending ? " DESC" : " ASC") +
           (item.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  });
  if (limit.limit) text += (text.empty() ? "limit " : ", limit ") + std::to_string(*limit.limit);
  if (limit.offset != 0)
    text += (text.empty() ? "offset " : ", offset ") + std::to_string(limit.offset);
  return text;
}

std::string select_text(const Project& project, const ColumnNames& names) {
  return listed(project.columns, [&](const semantic::SelectItem& item) {
    const std::string value = to_text(*item.value, names);
    return value == item.name ? value : value + " AS " + item.name;
  });
}

std::string aggregate_text(const Aggregate& aggregate, const ColumnNames& names) {
  std::string groups = listed(
      aggregate.calls, [&](const semantic::AggregateCall& call) { return to_text(call, names); });
  const std::string keys = listed(
      aggregate.keys, [&](const semantic::ExpressionPtr& key) { return to_text(*key, names); });
  if (!keys.empty()) groups += (groups.empty() ? "by " : " by ") + keys;
  return groups;
}

/// Writes the steps of one query, one line each.
class QueryText {
 public:
  QueryText(const Plan& plan, std::size_t query)
      : plan_(plan),
        query_(plan.app.queries[query]),
        names_{&plan.app.streams[query_.input].schema, &query_} {
    for (std::size_t at = 0; at < plan.operators.size(); ++at)
      if (plan.operators[at].query == query) add(at);
  }

  std::string text() const {
    const semantic::Stream& target = plan_.app.streams[query_.target];
    return "query " + query_.name + '\n' + step("read", plan_.app.streams[query_.input].name) +
           text_ + step("write", target.anonymous ? "console" : target.name);
  }

 private:
  std::string print(const semantic::ExpressionPtr& value) const { return to_text(*value, names_); }

  std::string index_note(const Operator& op) const {
    const auto* index = plan_.operators[op.inputs.front()].as<FilterIndex>();
    if (index == nullptr) return "";
    return "   index " + plan_.app.streams[query_.input].schema.fields[index->column].name;
  }

  void add(std::size_t at) {
    const Operator& op = plan_.operators[at];
    if (const auto* filter = op.as<Filter>()) {
      text_ += step(filter_word_, print(filter->condition) + index_note(op));
    } else if (const auto* compute = op.as<Compute>()) {
      names_.computed = &compute->columns;
      text_ += step("compute", listed(compute->columns, [&](const auto& c) { return print(c); }));
    } else if (const auto* window = op.as<Window>()) {
      filter_word_ = "where";
      std::string per;
      if (!window->window.per.empty())
        per = " per " + listed(window->window.per, [&](const auto& key) { return print(key); });
      text_ += step("window", to_text(window->window) + per + state_note(plan_, at));
    } else if (const auto* aggregate = op.as<Aggregate>()) {
      filter_word_ = "having";
      const bool shown = query_.window && stage_id(plan_.operators, at) == op.state->id &&
                         query_.events == semantic::EmittedEvents::current;
      text_ += step("aggregate",
                    aggregate_text(*aggregate, names_) + (shown ? "" : state_note(plan_, at)));
    } else if (const auto* project = op.as<Project>()) {
      text_ += step("select", select_text(*project, names_));
    } else if (const auto* order = op.as<OrderLimit>()) {
      text_ += step("order", order_text(*order, names_));
    } else if (const auto* emit = op.as<EmitEvents>()) {
      const bool all = emit->events == semantic::EmittedEvents::all;
      text_ += step("emit", all ? "expired rows, then current ones" : "expired rows");
    }
  }

  const Plan& plan_;
  const Query& query_;
  ColumnNames names_;
  std::string_view filter_word_ = "filter";
  std::string text_;
};

std::string query_text(const Plan& plan, std::size_t query) {
  return QueryText(plan, query).text();
}

std::string checkpoint_text(const semantic::Stream& stream) {
  if (!stream.checkpoint) return "";
  const auto name = [&](std::size_t index) { return stream.schema.fields[index].name; };
  std::string text = ", checkpoint " + name(stream.checkpoint->cursor);
  if (!stream.checkpoint->per.empty()) text += " per " + listed(stream.checkpoint->per, name);
  return stream.checkpoint->monotonic ? text + " monotonic" : text;
}

std::string watermark_text(const semantic::Stream& stream) {
  if (!stream.watermark) return "";
  return ", watermark " + stream.schema.fields[stream.watermark->column].name + " - " +
         eventflux::to_text(stream.watermark->delay);
}

std::string source_text(const Plan& plan, const semantic::Source& source) {
  std::string text = "source " + source.name + " (" + source.entry->name;
  if (source.mapper.entry != nullptr) text += ", " + source.mapper.entry->name;
  text += ")\n";
  for (const semantic::Resource& resource : source.resources) {
    const semantic::Stream& stream = plan.app.streams[resource.stream];
    text += step("resource", stream.name + watermark_text(stream) + checkpoint_text(stream));
    if (resource.when) {
      Schema paths;
      for (const FieldSpec& field : resource.when_fields)
        paths.fields.push_back({.name = field.name, .type = field.type});
      text += step("when", to_text(*resource.when, {&paths, nullptr}));
    }
    if (!resource.decoder.each.empty()) text += step("each", resource.decoder.each);
  }
  return text;
}

}  // namespace

std::string explain_text(const Plan& plan) {
  std::string text = "app " + plan.app.options.name + "   fingerprint " + plan.fingerprint + '\n';
  for (const semantic::Source& source : plan.app.sources)
    text += '\n' + source_text(plan, source);
  for (std::size_t query = 0; query < plan.app.queries.size(); ++query)
    text += '\n' + query_text(plan, query);
  for (const semantic::Sink& sink : plan.app.sinks)
    text += "\nsink " + sink.name + '\n' + step("read", plan.app.streams[sink.stream].name);
  const std::string delivery = explain_delivery(plan);
  return delivery.empty() ? text : text + '\n' + delivery;
}

Result<std::string> explain_query(const Plan& plan, std::string_view name) {
  std::vector<std::string> names;
  for (std::size_t query = 0; query < plan.app.queries.size(); ++query) {
    if (plan.app.queries[query].name == name) return query_text(plan, query);
    names.push_back(plan.app.queries[query].name);
  }
  const auto near = base::closest_match(name, names);
  return Error{Code::unknown_target, "no query '" + std::string(name) + '\'',
               near ? "did you mean '" + *near + "'?" : "queries: " + base::join(names, ", ")};
}

std::string explain_delivery(const Plan& plan) {
  std::string text;
  for (const Guarantee& path : plan.guarantees) {
    text += "  " + plan.app.sources[path.source].name + " -> " + plan.app.sinks[path.sink].name +
            ": " + path.level + "; " + path.reason + '\n';
  }
  return text.empty() ? text : "delivery\n" + text;
}

}  // namespace eventflux::plan
