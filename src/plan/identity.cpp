#include "plan/identity.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "plan/expression_text.hpp"

namespace eventflux::plan {

namespace {

using semantic::ExpressionPtr;
using semantic::Query;

// FNV-1a: stable over builds and hosts, and short; ids need no protection from an adversary.
std::string hash_text(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char byte : text) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3ULL;
  }
  std::string id(16, '0');
  for (auto digit = id.rbegin(); digit != id.rend(); ++digit, hash >>= 4U)
    *digit = digits[hash & 15U];
  return id;
}

std::string condition_text(const ExpressionPtr& condition, const ColumnNames& names) {
  return condition ? to_text(*condition, names) : std::string();
}

std::string list_text(const std::vector<ExpressionPtr>& expressions, const ColumnNames& names) {
  std::string text;
  for (const ExpressionPtr& expression : expressions)
    text += (text.empty() ? "" : ", ") + to_text(*expression, names);
  return text;
}

std::string aggregates_text(const Query& query, const ColumnNames& names) {
  std::string text;
  for (const semantic::AggregateCall& call : query.aggregates)
    text += (text.empty() ? "" : ", ") + to_text(call, names);
  return text;
}

std::string aggregate_types(const Query& query) {
  std::string text;
  for (const semantic::AggregateCall& call : query.aggregates)
    text += std::string(type_name(call.function->output)) + ' ';
  return text;
}

std::string select_types(const Query& query) {
  std::string text;
  for (const semantic::SelectItem& item : query.select)
    text += std::string(type_name(item.value->type)) + ' ';
  return text;
}

std::string state_label(const Query& query, const ColumnNames& names) {
  std::string label = query.window ? "window " + to_text(*query.window) : "aggregate";
  if (query.window && !query.window->per.empty())
    label += " per " + list_text(query.window->per, names);
  if (!query.keys.empty()) label += " by " + list_text(query.keys, names);
  return label;
}

std::string input_text(const Query& query, const semantic::App& app) {
  const semantic::Stream& input = app.streams[query.input];
  return input.name + '(' + eventflux::to_text(input.schema) + ')';
}

/// Types that the layout of the state depends on.
std::string key_types(const Query& query) {
  std::string text;
  for (const ExpressionPtr& key : query.keys)
    text += ' ' + std::string(type_name(key->type));
  if (!query.window) return text;
  for (const ExpressionPtr& key : query.window->per)
    text += ' ' + std::string(type_name(key->type));
  return text;
}

std::string state_text(const Query& query, const semantic::App& app, const ColumnNames& names) {
  // A window without aggregates keeps whole rows; else other columns of the input do not matter.
  std::string text =
      "reads " + (query.aggregated ? app.streams[query.input].name : input_text(query, app));
  text += "\nfilter " + condition_text(query.filter, names);
  text += "\nwhere " + condition_text(query.where, names);
  text += '\n' + state_label(query, names) + key_types(query);
  text += "\naggregates " + aggregates_text(query, names) + ' ' + aggregate_types(query);
  // Rows that are to expire are part of the state.
  if (query.events != semantic::EmittedEvents::current && query.window)
    text += "\nexpiring " + select_types(query);
  return text;
}

std::string project_text(const Query& query, const semantic::App& app, const ColumnNames& names) {
  std::string text = "project\n" + state_text(query, app, names);
  for (const semantic::SelectItem& item : query.select)
    text += '\n' + item.name + " = " + to_text(*item.value, names);
  text += "\nhaving " + condition_text(query.having, names);
  return text + "\ninto " + app.streams[query.target].name;
}

// What the stored cursor of a resource depends on.
std::string cursor_text(const semantic::Stream& stream) {
  const auto column = [&](std::size_t index) {
    const Field& field = stream.schema.fields[index];
    return field.name + ' ' + std::string(type_name(field.type));
  };
  std::string text = "cursor " + column(stream.checkpoint->cursor);
  for (const std::size_t key : stream.checkpoint->per)
    text += "\nper " + column(key);
  return text;
}

void number(std::string& id, std::map<std::string, int>& seen) {
  if (id.empty()) return;
  const int count = ++seen[id];
  if (count > 1) id += '#' + std::to_string(count);
}

}  // namespace

namespace {

QueryNames names_of(const Query& query, const semantic::App& app) {
  const ColumnNames names{&app.streams[query.input].schema, &query};
  const bool keeps_rows = query.window && (query.window->batch || query.aggregated ||
                                           query.events != semantic::EmittedEvents::current);
  QueryNames made;
  if (keeps_rows || query.aggregated) made.state_label = state_label(query, names);
  if (!query.id.empty()) {
    made.project = query.id + ".project";
    if (!made.state_label.empty()) made.state = query.id;
    return made;
  }
  made.project = hash_text(project_text(query, app, names));
  if (!made.state_label.empty()) made.state = hash_text(state_text(query, app, names));
  return made;
}

}  // namespace

std::vector<QueryNames> name_queries(const semantic::App& app) {
  std::vector<QueryNames> all;
  std::map<std::string, int> seen;
  for (const Query& query : app.queries) {
    QueryNames& names = all.emplace_back(names_of(query, app));
    for (std::string* id : {&names.state, &names.project})
      number(*id, seen);
  }
  return all;
}

std::vector<StatefulPart> stateful_parts(const semantic::App& app,
                                         const std::vector<Operator>& operators) {
  std::vector<StatefulPart> parts;
  std::map<std::string, int> seen;
  for (std::size_t at = 0; at < operators.size(); ++at) {
    const Operator& op = operators[at];
    if (!op.state || !op.query || stage_id(operators, at) != op.state->id) continue;
    const Query& query = app.queries[*op.query];
    std::string name = "query into " + app.streams[query.target].name;
    if (!query.id.empty()) name = "query '" + query.id + '\'';
    number(name, seen);
    const ColumnNames names{&app.streams[query.input].schema, &query};
    parts.push_back({op.state->id, name, state_text(query, app, names)});
  }
  for (const Operator& op : operators) {
    const auto* decode = op.as<Decode>();
    if (decode == nullptr || !op.state) continue;
    const std::size_t stream = app.sources[decode->source].resources[decode->resource].stream;
    parts.push_back(
        {op.state->id, "resource " + app.streams[stream].name, cursor_text(app.streams[stream])});
  }
  return parts;
}

std::string fingerprint(const std::vector<StatefulPart>& parts) {
  std::vector<std::string> lines;
  lines.reserve(parts.size());
  for (const StatefulPart& part : parts)
    lines.push_back(part.id + ' ' + part.text + '\n');
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines)
    all += line;
  return hash_text(all);
}

}  // namespace eventflux::plan
