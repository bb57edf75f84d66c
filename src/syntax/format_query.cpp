#include <array>
#include <utility>

#include "syntax/format.hpp"
#include "syntax/format_lines.hpp"

namespace eventflux::syntax {

namespace {

template <class Items, class Print>
std::string listed(const Items& items, Print print) {
  std::string text;
  for (const auto& item : items)
    text += (text.empty() ? "" : ", ") + print(item);
  return text;
}

std::string expression_list(const std::vector<Expression>& items) {
  return listed(items, [](const Expression& item) { return to_text(item); });
}

std::string_view direction_text(const std::optional<Direction>& direction) {
  if (!direction) return "";
  return *direction == Direction::ascending ? " ASC" : " DESC";
}

std::string order_text(const OrderItem& item) {
  std::string text = to_text(item.value);
  text += direction_text(item.direction);
  if (item.nulls) text += *item.nulls == NullOrder::first ? " NULLS FIRST" : " NULLS LAST";
  return text;
}

std::string range_text(const std::optional<AggregationRange>& range) {
  if (!range) return "";
  std::string text = " WITHIN " + to_text(range->from);
  if (range->to) text += ", " + to_text(*range->to);
  return text + " PER " + to_text(range->granularity);
}

std::string output_text(const OutputRate& output) {
  constexpr std::array<std::string_view, 4> kinds = {"ALL", "FIRST", "LAST", "SNAPSHOT"};
  std::string text = "OUTPUT ";
  text += kinds[static_cast<std::size_t>(output.kind)];
  text += " EVERY ";
  if (output.duration) return text + to_text(*output.duration);
  return text + std::to_string(output.rows.value_or(0)) + " EVENTS";
}

std::string window_text(const std::optional<Window>& window) {
  return window ? ' ' + to_text(*window) : std::string();
}

std::string within_text(const Within& within) {
  if (within.duration) return " WITHIN " + to_text(*within.duration);
  return " WITHIN " + std::to_string(within.rows.value_or(0)) + " EVENTS";
}

std::string repetition_text(const std::optional<Repetition>& repetition) {
  if (!repetition) return "";
  const std::string least = std::to_string(repetition->least);
  if (!repetition->most) return repetition->least == 0 ? "*" : '{' + least + ",}";
  if (*repetition->most == repetition->least) return '{' + least + '}';
  return '{' + least + ',' + std::to_string(*repetition->most) + '}';
}

std::string element_text(const PatternElement& element, std::string_view separator);

std::string pattern_text(const Pattern& pattern, std::string_view separator) {
  std::string text;
  for (const PatternStep& step : pattern.steps) {
    if (!text.empty()) text += separator;
    if (step.every) text += "EVERY ";
    text += element_text(step.element, separator);
  }
  return text;
}

std::string filter_text(const std::optional<Expression>& filter) {
  return filter ? '[' + to_text(*filter) + ']' : std::string();
}

std::string element_text(const PatternElement& element, std::string_view separator) {
  if (const auto* stream = std::get_if<StreamElement>(&element.node)) {
    const std::string alias = stream->alias ? quoted_name(stream->alias->text) + '=' : "";
    return alias + to_text(stream->stream) + filter_text(stream->filter) +
           repetition_text(stream->repetition);
  }
  if (const auto* absent = std::get_if<AbsentElement>(&element.node)) {
    const std::string wait = absent->wait ? " FOR " + to_text(*absent->wait) : "";
    return "NOT " + to_text(absent->stream) + filter_text(absent->filter) + wait;
  }
  if (const auto* group = std::get_if<GroupElement>(&element.node)) {
    return '(' + pattern_text(*group->pattern, separator) + ')' +
           repetition_text(group->repetition);
  }
  const auto& logical = std::get<LogicalElement>(element.node);
  std::string text;
  for (const PatternElement& part : logical.elements) {
    if (!text.empty()) text += logical.op == LogicalOperator::all ? " AND " : " OR ";
    text += element_text(part, separator);
  }
  return text;
}

std::string join_head(JoinKind kind) {
  constexpr std::array<std::string_view, 5> words = {"JOIN ", "LEFT JOIN ", "RIGHT JOIN ",
                                                     "FULL JOIN ", "CROSS JOIN "};
  return std::string(words[static_cast<std::size_t>(kind)]);
}

std::string join_tail(const Join& join) {
  std::string text;
  if (join.condition) text += " ON " + to_text(*join.condition);
  if (!join.columns.empty()) text += " USING " + to_text(join.columns);
  return text + range_text(join.range);
}

// The clauses behind FROM, each with the place that its comments stand before.
std::vector<std::pair<std::string, Span>> tail_clauses(const SelectQuery& query) {
  std::vector<std::pair<std::string, Span>> clauses;
  const auto add = [&clauses](std::string text, Span at) {
    clauses.emplace_back(std::move(text), at);
  };
  if (query.where) add("WHERE " + to_text(*query.where), query.where->span);
  if (!query.group_by.empty())
    add("GROUP BY " + expression_list(query.group_by), query.group_by.front().span);
  if (query.having) add("HAVING " + to_text(*query.having), query.having->span);
  if (!query.order_by.empty())
    add("ORDER BY " + listed(query.order_by, order_text), query.order_by.front().span);
  if (query.limit) {
    add("LIMIT " + std::to_string(query.limit->rows) + (query.limit->with_ties ? " WITH TIES" : ""),
        query.limit->span);
  }
  if (query.offset) add("OFFSET " + std::to_string(query.offset->rows), query.offset->span);
  if (query.emit_final) add("EMIT FINAL", *query.emit_final);
  if (query.output) add(output_text(*query.output), query.output->span);
  return clauses;
}

std::string select_text(const SelectQuery& query) {
  std::string text = query.distinct ? "SELECT DISTINCT " : "SELECT ";
  text += listed(query.items, [](const SelectItem& item) { return to_text(item); });
  text += " FROM " + to_text(query.from);
  for (const Join& join : query.joins)
    text += ' ' + join_head(join.kind) + to_text(join.relation) + join_tail(join);
  for (const auto& [clause, at] : tail_clauses(query))
    text += ' ' + clause;
  return text;
}

}  // namespace

std::string to_text(const Query& query) {
  std::string text;
  for (const NamedQuery& named : query.named) {
    text += (text.empty() ? "WITH " : ", ") + quoted_name(named.name.text) + " AS (" +
            to_text(named.query) + ')';
  }
  if (!text.empty()) text += ' ';
  for (std::size_t part = 0; part < query.selects.size(); ++part)
    text += (part > 0 ? " UNION ALL " : "") + select_text(query.selects[part]);
  return text;
}

std::string to_text(const Pattern& pattern) {
  return pattern_text(pattern, " -> ");
}

std::string to_text(const WindowCall& window) {
  const std::string arguments = listed(window.arguments, [](const WindowArgument& argument) {
    return to_text(argument.value) + std::string(direction_text(argument.direction));
  });
  return quoted_name(window.name.text) + '(' + arguments + ')';
}

std::string to_text(const Window& window) {
  const std::string per = window.per.empty() ? "" : " PER (" + expression_list(window.per) + ')';
  return "WINDOW " + to_text(window.call) + per;
}

std::string to_text(const SelectItem& item) {
  if (const auto* all = std::get_if<AllColumns>(&item.node))
    return all->relation ? to_text(*all->relation) + ".*" : "*";
  const auto& plain = std::get<SelectExpression>(item.node);
  return to_text(plain.value) + (plain.alias ? " AS " + quoted_name(plain.alias->text) : "");
}

std::string to_text(const std::vector<Name>& names) {
  return '(' + listed(names, [](const Name& name) { return quoted_name(name.text); }) + ')';
}

std::string to_text(const Relation& relation) {
  if (const auto* stream = std::get_if<StreamRelation>(&relation.node)) {
    const std::string alias = stream->alias ? " AS " + quoted_name(stream->alias->text) : "";
    return to_text(stream->name) + alias + filter_text(stream->filter) +
           window_text(stream->window) + (stream->unidirectional ? " UNIDIRECTIONAL" : "") +
           range_text(stream->range);
  }
  if (const auto* nested = std::get_if<QueryRelation>(&relation.node)) {
    return '(' + to_text(*nested->query) + ") AS " + quoted_name(nested->alias.text) +
           window_text(nested->window) + (nested->unidirectional ? " UNIDIRECTIONAL" : "");
  }
  const auto& matched = std::get<PatternRelation>(relation.node);
  std::string text = matched.sequence ? "SEQUENCE (" : "PATTERN (";
  text += pattern_text(*matched.pattern, matched.sequence ? ", " : " -> ") + ')';
  if (matched.within) text += within_text(*matched.within);
  if (!matched.partition_by.empty())
    text += " PARTITION BY " + expression_list(matched.partition_by);
  return text;
}

void LineWriter::query(const Query& query) {
  for (std::size_t index = 0; index < query.named.size(); ++index) {
    const NamedQuery& named = query.named[index];
    const std::string comma = index + 1 < query.named.size() ? "," : "";
    line((index == 0 ? "WITH " : "") + quoted_name(named.name.text) + " AS (", named.span);
    indent_ += 4;
    this->query(named.query);
    indent_ -= 4;
    line(')' + comma, {named.span.end - 1, named.span.end});
  }
  for (std::size_t part = 0; part < query.selects.size(); ++part) {
    const Span at = query.selects[part].span;
    if (part > 0) line("UNION ALL", {at.begin - 1, at.begin});
    select(query.selects[part]);
  }
}

void LineWriter::select(const SelectQuery& query) {
  std::vector<Item> items;
  for (const SelectItem& item : query.items)
    items.push_back({to_text(item), item.span});
  list(query.distinct ? "SELECT DISTINCT" : "SELECT", query.span, items, "");
  relation("FROM ", query.from, "");
  for (const Join& join : query.joins)
    relation(join_head(join.kind), join.relation, join_tail(join));
  for (auto& [clause, at] : tail_clauses(query))
    line(clause, at);
}

void LineWriter::relation(const std::string& head, const Relation& relation,
                          const std::string& tail) {
  const auto* nested = std::get_if<QueryRelation>(&relation.node);
  std::string text = head + to_text(relation) + tail;
  const bool fits = indent_ + text.size() <= width_max;
  if (nested == nullptr || (fits && !has_comment(relation.span.begin, relation.span.end))) {
    line(std::move(text), relation.span);
    return;
  }
  line(head + '(', relation.span);
  indent_ += 4;
  query(*nested->query);
  indent_ -= 4;
  line(") AS " + quoted_name(nested->alias.text) + window_text(nested->window) +
           (nested->unidirectional ? " UNIDIRECTIONAL" : "") + tail,
       nested->alias.span);
}

}  // namespace eventflux::syntax
