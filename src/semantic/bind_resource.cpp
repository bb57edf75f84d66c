#include "semantic/bind_resource.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "syntax/format.hpp"

namespace eventflux::semantic {

namespace {

Result<Value> bind_default(const syntax::Expression& expression, Type type, Binding& binding) {
  const Scope scope{.clause = "DEFAULT"};
  EF_TRY(ExpressionPtr bound, ExpressionBinder(binding, scope).bind(expression));
  EF_TRY(bound, coerce(std::move(bound), type, binding.report));
  if (bound->kind == Expression::Kind::constant) return bound->value;
  return binding.report.fail(Code::type_mismatch, "DEFAULT takes a literal", expression.span);
}

Result<Field> bind_column(const syntax::ColumnDefinition& column, Binding& binding) {
  EF_TRY(const Type type, bind_type(column.type, binding.report));
  Field field{.name = column.name.text, .type = type, .not_null = column.not_null.has_value()};
  if (column.default_value) {
    EF_TRY(field.default_value, bind_default(*column.default_value, type, binding));
  }
  return field;
}

Result<std::size_t> column_index(const syntax::Name& name, const Stream& stream, Report& report) {
  const auto index = stream.schema.find(name.text);
  if (index) return *index;
  return unknown_column(name.text, name.span, stream, {}, report);
}

Result<std::vector<std::size_t>> column_indices(std::span<const syntax::Name> names,
                                                const Stream& stream, Report& report) {
  std::vector<std::size_t> indices;
  for (const syntax::Name& name : names) {
    EF_TRY(const std::size_t index, column_index(name, stream, report));
    indices.push_back(index);
  }
  return indices;
}

bool is_column(const syntax::Expression& expression, const std::string& name) {
  const auto* column = std::get_if<syntax::ColumnName>(&expression.node);
  return column != nullptr && column->parts.size() == 1 && column->parts.front().text == name;
}

// Reads `col` or `col - duration`.
std::optional<Duration> watermark_delay(const syntax::WatermarkDefinition& node) {
  if (is_column(node.value, node.column.text)) return Duration{};
  const auto* binary = std::get_if<syntax::Binary>(&node.value.node);
  if (binary == nullptr || binary->op != syntax::BinaryOperator::subtract) return std::nullopt;
  const auto* delay = std::get_if<syntax::DurationLiteral>(&binary->right->node);
  if (delay == nullptr || delay->months != 0 || !is_column(*binary->left, node.column.text))
    return std::nullopt;
  return Duration(delay->microseconds);
}

Result<void> bind_max_ahead(const syntax::MaxAhead& node, Watermark& watermark, Report& report) {
  if (node.duration.months != 0 || node.duration.microseconds < 0) {
    return report.fail(Code::invalid_watermark, "MAX AHEAD takes a duration of fixed length",
                       node.span, "MAX AHEAD 1 HOUR");
  }
  watermark.max_ahead = Duration(node.duration.microseconds);
  if (!node.action) return {};
  const std::string action = base::lower(node.action->text);
  if (action == "dlq") {
    watermark.ahead = AheadAction::dlq;
  } else if (action == "drop") {
    watermark.ahead = AheadAction::drop;
  } else if (action == "clamp") {
    watermark.ahead = AheadAction::clamp;
  } else {
    return report.fail(Code::invalid_watermark,
                       "'" + node.action->text + "' is not an action of MAX AHEAD",
                       node.action->span, "ELSE dlq, ELSE drop or ELSE clamp");
  }
  return {};
}

Result<Watermark> bind_watermark(const syntax::WatermarkDefinition& node, const Stream& stream,
                                 Report& report) {
  EF_TRY(const std::size_t index, column_index(node.column, stream, report));
  const Type type = stream.schema.fields[index].type;
  if (type != Type::timestamp && type != Type::int64) {
    return report.fail(Code::invalid_watermark,
                       '\'' + node.column.text + "' is " + std::string(type_name(type)) +
                           ", a watermark needs TIMESTAMP or BIGINT milliseconds",
                       node.column.span);
  }
  const auto delay = watermark_delay(node);
  if (!delay) {
    return report.fail(Code::invalid_watermark,
                       "a watermark is its column, or its column minus a duration", node.value.span,
                       "AS " + node.column.text + " - 2 SECONDS");
  }
  Watermark watermark{.column = index, .delay = *delay, .milliseconds = type == Type::int64};
  if (node.max_ahead) EF_CHECK(bind_max_ahead(*node.max_ahead, watermark, report));
  return watermark;
}

bool can_be_cursor(Type type) {
  return type != Type::json && type != Type::boolean;
}

}  // namespace

Result<Columns> bind_columns(const syntax::TableElements& elements, const std::string& stream,
                             Binding& binding) {
  Columns columns;
  for (const syntax::ColumnDefinition& column : elements.columns) {
    if (columns.schema.find(column.name.text)) {
      return binding.report.fail(Code::duplicate_name,
                                 "column '" + column.name.text + "' is defined twice",
                                 column.name.span);
    }
    EF_TRY(Field field, bind_column(column, binding));
    const std::string path = column.path ? syntax::to_text(*column.path) : "";
    columns.path_spans.push_back(column.path ? Span(column.path->span) : Span{});
    columns.fields.push_back({field.name, field.type, path, field.not_null, field.default_value});
    columns.schema.fields.push_back(std::move(field));
  }
  if (elements.primary_key || !elements.indexes.empty()) {
    return binding.report.fail(
        Code::unexpected_word, "PRIMARY KEY and INDEX belong to tables",
        elements.primary_key ? elements.primary_key->span : elements.indexes.front().span);
  }
  if (columns.schema.size() == 0)
    return binding.report.fail(Code::columns_not_known, "no columns", elements.span);
  if (elements.watermark) {
    EF_TRY(columns.watermark,
           bind_watermark(*elements.watermark, {.name = stream, .schema = columns.schema},
                          binding.report));
  }
  return columns;
}

Result<CheckpointClause> bind_checkpoint(const syntax::CheckpointClause& clause,
                                         const Stream& stream, Report& report) {
  EF_TRY(const auto columns, column_indices(clause.columns, stream, report));
  EF_TRY(auto per, column_indices(clause.per, stream, report));
  const std::size_t cursor = columns.front();
  const Span span = clause.columns.front().span;
  const Type type = stream.schema.fields[cursor].type;
  if (!can_be_cursor(type)) {
    return report.fail(Code::invalid_checkpoint,
                       '\'' + clause.columns.front().text + "' is " + std::string(type_name(type)) +
                           " and has no order to go on from",
                       span);
  }
  if (std::find(per.begin(), per.end(), cursor) != per.end()) {
    return report.fail(Code::invalid_checkpoint, "the cursor cannot be its own key",
                       clause.per.front().span);
  }
  return CheckpointClause{.cursor = cursor,
                          .info = {columns.begin() + 1, columns.end()},
                          .per = std::move(per),
                          .monotonic = clause.monotonic};
}

Result<Resource> bind_resource(const syntax::CreateResource& node, std::size_t stream,
                               std::vector<FieldSpec> fields, Binding& binding) {
  Resource resource{.stream = stream, .span = node.name.span};
  resource.decoder.fields = std::move(fields);
  if (node.each) {
    resource.decoder.each = syntax::to_text(*node.each);
    resource.each_span = node.each->span;
  }
  if (node.each && node.each->from_element) {
    return binding.report.fail(Code::invalid_path, "EACH begins at the message", node.each->span,
                               "begin with $");
  }
  if (!node.when) return resource;
  const Stream no_columns{.name = node.name.text, .schema = {}};
  const Scope scope{.clause = "WHEN", .input = &no_columns, .paths = &resource.when_fields};
  EF_TRY(resource.when, ExpressionBinder(binding, scope).condition(*node.when));
  return resource;
}

}  // namespace eventflux::semantic
