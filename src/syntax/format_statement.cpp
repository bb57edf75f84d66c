#include <algorithm>
#include <array>
#include <utility>

#include "syntax/format.hpp"
#include "syntax/format_lines.hpp"

namespace eventflux::syntax {

namespace {

bool is_plain_key(std::string_view key) {
  if (key.empty() || key.front() == '.' || key.back() == '.') return false;
  return std::all_of(key.begin(), key.end(), [](char byte) {
    return byte == '.' || byte == '_' || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
  });
}

std::string option_text(const Option& option) {
  const bool text = option.value.kind == OptionKind::text;
  std::string value = text ? quoted_string(option.value.text) : option.value.text;
  if (option.key.text.empty()) return value;
  const bool plain = is_plain_key(option.key.text);
  return (plain ? option.key.text : quoted_string(option.key.text)) + '=' + value;
}

std::string annotation_text(const Annotation& annotation);

std::vector<std::pair<std::string, Span>> annotation_items(const Annotation& annotation) {
  std::vector<std::pair<std::string, Span>> items;
  for (const Option& option : annotation.options) {
    items.emplace_back(option_text(option),
                       option.key.text.empty() ? option.value.span : option.key.span);
  }
  for (const Annotation& nested : annotation.nested)
    items.emplace_back(annotation_text(nested), nested.span);
  return items;
}

std::string annotation_text(const Annotation& annotation) {
  std::string items;
  for (const auto& [text, at] : annotation_items(annotation))
    items += (items.empty() ? "" : ", ") + text;
  return '@' + annotation.name.text + (items.empty() ? "" : '(' + items + ')');
}

std::string column_text(const ColumnDefinition& column) {
  std::string text = quoted_name(column.name.text) + ' ' + to_text(column.type);
  if (column.path) text += " PATH " + to_text(*column.path);
  if (column.default_value) text += " DEFAULT " + to_text(*column.default_value);
  if (column.not_null) text += " NOT NULL";
  return text;
}

std::string checkpoint_text(const CheckpointClause& clause) {
  std::string text = "CHECKPOINT " + to_text(clause.columns);
  if (!clause.per.empty()) text += " PER " + to_text(clause.per);
  return clause.monotonic ? text + " MONOTONIC" : text;
}

std::string key_text(const PartitionKey& key) {
  std::string text;
  if (const auto* value = std::get_if<Expression>(&key.key)) {
    text = to_text(*value);
  } else {
    for (const PartitionRange& range : std::get<std::vector<PartitionRange>>(key.key)) {
      text += (text.empty() ? "" : " OR ") + to_text(range.condition) + " AS " +
              quoted_string(range.label);
    }
  }
  return text + " OF " + to_text(key.stream);
}

std::string_view unit_text(TimeUnit unit) {
  constexpr std::array<std::string_view, 9> units = {
      "MICROSECONDS", "MS", "SECONDS", "MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "YEARS"};
  return units[static_cast<std::size_t>(unit)];
}

std::string_view event_text(EventKind kind) {
  constexpr std::array<std::string_view, 3> words = {"CURRENT", "EXPIRED", "ALL"};
  return words[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string to_text(const InsertTarget& target) {
  std::string text = "INSERT ";
  if (target.events != EventKind::current)
    text += std::string(event_text(target.events)) + " EVENTS ";
  text += "INTO " + to_text(target.stream);
  return target.columns.empty() ? text : text + ' ' + to_text(target.columns);
}

void LineWriter::line(std::string text, Span at) {
  lines_.push_back({indent_, std::move(text), at.begin});
}

bool LineWriter::has_comment(std::uint32_t begin, std::uint32_t end) const {
  return std::any_of(comments_.begin(), comments_.end(), [&](const Comment& comment) {
    return comment.span.begin > begin && comment.span.begin < end;
  });
}

// `head item, item tail` on one line, or each item on its own; the head then ends its line.
void LineWriter::list(const std::string& head, Span at, const std::vector<Item>& items,
                      const std::string& tail) {
  std::string joined;
  for (const Item& item : items)
    joined += (joined.empty() ? "" : ", ") + item.text;
  const std::string space = head.ends_with('(') || head.empty() ? "" : " ";
  const bool fits = indent_ + head.size() + joined.size() + tail.size() < width_max;
  const std::uint32_t last = items.empty() ? at.begin : items.back().span.begin;
  if (fits && !has_comment(at.begin, last)) {
    line(head + space + joined + tail, at);
    return;
  }
  line(head, at);
  indent_ += 4;
  for (std::size_t index = 0; index < items.size(); ++index)
    line(items[index].text + (index + 1 < items.size() ? "," : tail), items[index].span);
  indent_ -= 4;
}

void LineWriter::statement(const Statement& statement, std::size_t indent) {
  indent_ = indent;
  start_ = statement.body_span;
  const std::size_t first = lines_.size();
  for (const Annotation& tree : statement.annotations)
    annotation(tree);
  std::visit([this](const auto& node) { body(node); }, statement.body);
  lines_[first].opens_statement = true;
  lines_.back().text += ';';
}

void LineWriter::annotation(const Annotation& annotation) {
  std::vector<Item> items;
  for (auto& [text, at] : annotation_items(annotation))
    items.push_back({text, at});
  if (items.empty()) {
    line('@' + annotation.name.text, annotation.span);
  } else {
    list('@' + annotation.name.text + '(', annotation.span, items, ")");
  }
}

void LineWriter::options(const std::vector<Option>& options) {
  if (options.empty()) return;
  std::vector<Item> items;
  items.reserve(options.size());
  for (const Option& option : options)
    items.push_back({option_text(option), option.key.span});
  list("WITH (", options.front().key.span, items, ")");
}

namespace {

std::string watermark_text(const WatermarkDefinition& watermark) {
  std::string text =
      "WATERMARK FOR " + quoted_name(watermark.column.text) + " AS " + to_text(watermark.value);
  if (!watermark.max_ahead) return text;
  text += " MAX AHEAD " + to_text(watermark.max_ahead->duration);
  if (watermark.max_ahead->action) text += " ELSE " + watermark.max_ahead->action->text;
  return text;
}

}  // namespace

void LineWriter::elements(const std::string& head, std::uint32_t offset,
                          const TableElements& elements) {
  std::vector<Item> items;
  for (const ColumnDefinition& column : elements.columns)
    items.push_back({column_text(column), column.span});
  if (elements.watermark) {
    items.push_back({watermark_text(*elements.watermark), elements.watermark->span});
  }
  if (elements.primary_key) {
    items.push_back(
        {"PRIMARY KEY " + to_text(elements.primary_key->names), elements.primary_key->span});
  }
  for (const NameList& index : elements.indexes)
    items.push_back({"INDEX " + to_text(index.names), index.span});
  std::stable_sort(items.begin(), items.end(), [](const Item& left, const Item& right) {
    return left.span.begin < right.span.begin;
  });
  const std::size_t before = lines_.size();
  list(head + '(', {offset, offset}, items, ")");
  if (lines_.size() == before + 1) return;
  lines_.back().text.pop_back();
  line(")", {elements.span.end - 1, elements.span.end});
}

void LineWriter::body(const CreateStream& node) {
  const std::string head = "CREATE STREAM " + to_text(node.name);
  if (node.elements) {
    elements(head + ' ', start_.begin, *node.elements);
  } else {
    line(head, start_);
  }
  options(node.options);
}

void LineWriter::body(const CreateSource& node) {
  line("CREATE SOURCE " + quoted_name(node.name.text), start_);
  options(node.options);
}

void LineWriter::body(const CreateResource& node) {
  line("CREATE RESOURCE " + quoted_name(node.name.text) + " ON " + quoted_name(node.source.text),
       start_);
  if (node.when) line("WHEN " + to_text(*node.when), node.when->span);
  if (node.each) line("EACH " + to_text(*node.each), node.each->span);
  elements("", node.elements.span.begin, node.elements);
  if (node.checkpoint) line(checkpoint_text(*node.checkpoint), node.checkpoint->span);
}

void LineWriter::body(const CreateTable& node) {
  elements("CREATE TABLE " + quoted_name(node.name.text) + ' ', start_.begin, node.elements);
  options(node.options);
}

void LineWriter::body(const CreateWindow& node) {
  elements("CREATE WINDOW " + quoted_name(node.name.text) + ' ', start_.begin, node.elements);
  line(to_text(node.window), node.window.span);
  if (node.output) {
    line("OUTPUT " + std::string(event_text(*node.output)) + " EVENTS",
         {node.window.span.end, node.window.span.end});
  }
}

void LineWriter::body(const CreateTrigger& node) {
  std::string text = "CREATE TRIGGER " + quoted_name(node.name.text) + " AT ";
  if (node.every) {
    text += "EVERY " + to_text(*node.every);
  } else {
    text += node.cron ? "CRON " + quoted_string(*node.cron) : "START";
  }
  line(std::move(text), start_);
}

void LineWriter::body(const CreateAggregation& node) {
  line("CREATE AGGREGATION " + quoted_name(node.name.text) + " AS", start_);
  query(node.query);
  std::string text = "AGGREGATE";
  if (node.by) text += " BY " + to_text(*node.by);
  text += " EVERY";
  for (std::size_t index = 0; index < node.units.size(); ++index) {
    if (index > 0) text += node.range ? " ..." : ",";
    text += ' ' + std::string(unit_text(node.units[index]));
  }
  line(std::move(text), {node.query.span.end, node.query.span.end});
}

void LineWriter::body(const CreateView& node) {
  line("CREATE VIEW " + quoted_name(node.name.text) + " AS", start_);
  query(node.query);
}

void LineWriter::body(const CreateFunction& node) {
  std::string text = "CREATE FUNCTION " + quoted_name(node.name.text) + '(';
  for (std::size_t index = 0; index < node.parameters.size(); ++index) {
    text += (index > 0 ? ", " : "") + quoted_name(node.parameters[index].name.text) + ' ' +
            to_text(node.parameters[index].type);
  }
  line(text + ") RETURNS " + to_text(node.result) + " AS " + to_text(node.body), start_);
}

void LineWriter::body(const QueryStatement& node) {
  // A target that stood last moves to the front, before the comments of the query.
  if (node.into) line(to_text(*node.into), start_);
  query(node.query);
}

void LineWriter::body(const InsertValues& node) {
  std::vector<Item> items;
  for (const std::vector<Expression>& row : node.rows) {
    std::string text;
    for (const Expression& value : row)
      text += (text.empty() ? "" : ", ") + to_text(value);
    items.push_back({'(' + text + ')', row.front().span});
  }
  line(to_text(node.into), start_);
  list("VALUES", items.front().span, items, "");
}

void LineWriter::body(const Update& node) {
  line("UPDATE " + quoted_name(node.table.text), start_);
  std::vector<Item> items;
  for (const Assignment& part : node.assignments) {
    items.push_back(
        {quoted_name(part.column.text) + " = " + to_text(part.value), part.column.span});
  }
  list("SET", items.front().span, items, "");
  if (node.from) relation("FROM ", *node.from, "");
  if (node.where) line("WHERE " + to_text(*node.where), node.where->span);
}

void LineWriter::body(const Delete& node) {
  line("DELETE FROM " + quoted_name(node.table.text), start_);
  if (node.from) relation("USING ", *node.from, "");
  if (node.where) line("WHERE " + to_text(*node.where), node.where->span);
}

void LineWriter::body(const Upsert& node) {
  const std::string columns = node.columns.empty() ? "" : ' ' + to_text(node.columns);
  line("UPSERT INTO " + quoted_name(node.table.text) + columns, start_);
  query(node.query);
  line("ON " + to_text(node.condition), node.condition.span);
}

void LineWriter::body(const Partition& node) {
  std::vector<Item> items;
  for (const PartitionKey& key : node.keys)
    items.push_back({key_text(key), key.span});
  const std::size_t outer = indent_;
  list("PARTITION WITH (", start_, items, ")");
  const Span end{start_.end - 1, start_.end};
  line("BEGIN", items.back().span);
  for (const Statement& inner : node.statements)
    statement(inner, outer + 4);
  indent_ = outer;
  line("END", end);
}

void LineWriter::body(const Explain& node) {
  line("EXPLAIN", start_);
  body(node.query);
}

void LineWriter::body(const Show& node) {
  line("SHOW " + node.kind.text, start_);
}

void LineWriter::body(const Describe& node) {
  line("DESCRIBE " + to_text(node.name), start_);
}

void LineWriter::body(const Drop& node) {
  line("DROP " + node.kind.text + ' ' + to_text(node.name), start_);
}

}  // namespace eventflux::syntax
