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

std::string state_note(const OperatorName& name) {
  return name.id.empty() ? "" : "   state " + name.id;
}

std::string order_text(const Query& query, const ColumnNames& names) {
  std::string text = listed(query.order, [&](const semantic::OrderItem& item) {
    return to_text(*item.value, names) + (item.descending ? " DESC" : " ASC") +
           (item.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  });
  if (query.limit) text += (text.empty() ? "limit " : ", limit ") + std::to_string(*query.limit);
  if (query.offset != 0)
    text += (text.empty() ? "offset " : ", offset ") + std::to_string(query.offset);
  return text;
}

std::string select_text(const Query& query, const ColumnNames& names) {
  return listed(query.select, [&](const semantic::SelectItem& item) {
    const std::string value = to_text(*item.value, names);
    return value == item.name ? value : value + " AS " + item.name;
  });
}

std::string aggregate_step(const QueryPlan& part, const ColumnNames& names) {
  const Query& query = part.query;
  std::string groups = listed(
      query.aggregates, [&](const semantic::AggregateCall& call) { return to_text(call, names); });
  const std::string keys =
      listed(query.keys, [&](const semantic::ExpressionPtr& key) { return to_text(*key, names); });
  if (!keys.empty()) groups += (groups.empty() ? "by " : " by ") + keys;
  return step("aggregate", groups + (query.window ? "" : state_note(part.state)));
}

std::string query_text(const Plan& plan, const QueryPlan& part) {
  const Query& query = part.query;
  const semantic::Stream& input = plan.app.streams[query.input];
  const ColumnNames names{&input.schema, &query};
  const auto print = [&](const semantic::ExpressionPtr& value) { return to_text(*value, names); };
  std::string text = "query " + query.name + '\n' + step("read", input.name);
  if (query.filter) text += step("filter", print(query.filter));
  if (query.window) {
    const std::string per =
        query.window->per.empty() ? "" : " per " + listed(query.window->per, print);
    text += step("window", to_text(*query.window) + per + state_note(part.state));
  }
  if (query.where) text += step("where", print(query.where));
  if (query.aggregated) text += aggregate_step(part, names);
  if (query.having) text += step("having", print(query.having));
  text += step("select", select_text(query, names));
  if (const std::string order = order_text(query, names); !order.empty())
    text += step("order", order);
  const semantic::Stream& target = plan.app.streams[query.target];
  return text + step("write", target.anonymous ? "console" : target.name);
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
  for (const QueryPlan& part : plan.queries)
    text += '\n' + query_text(plan, part);
  for (const semantic::Sink& sink : plan.app.sinks)
    text += "\nsink " + sink.name + '\n' + step("read", plan.app.streams[sink.stream].name);
  const std::string delivery = explain_delivery(plan);
  return delivery.empty() ? text : text + '\n' + delivery;
}

Result<std::string> explain_query(const Plan& plan, std::string_view name) {
  std::vector<std::string> names;
  for (const QueryPlan& part : plan.queries) {
    if (part.query.name == name) return query_text(plan, part);
    names.push_back(part.query.name);
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
