#include "semantic/scope.hpp"

#include <array>
#include <utility>

#include "syntax/format.hpp"

namespace eventflux::semantic {

namespace {

constexpr std::array<std::string_view, 2> bound_names = {"window_start", "window_end"};

ExpressionPtr bound_column(std::string_view name, Span span) {
  for (std::size_t index = 0; index < bound_names.size(); ++index) {
    if (bound_names[index] == name) {
      return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::column,
                                                           .type = Type::timestamp,
                                                           .span = span,
                                                           .space = ColumnSource::window_bound,
                                                           .index = index});
    }
  }
  return nullptr;
}

ExpressionPtr output(std::string_view name, const Scope& scope) {
  if (scope.outputs == nullptr) return nullptr;
  for (const SelectItem& item : *scope.outputs)
    if (item.name == name) return item.value;
  return nullptr;
}

std::vector<std::string> more_names(const Scope& scope) {
  std::vector<std::string> names;
  if (scope.outputs != nullptr) {
    for (const SelectItem& item : *scope.outputs)
      names.push_back(item.name);
  }
  if (scope.bounds) names.insert(names.end(), bound_names.begin(), bound_names.end());
  return names;
}

Error no_columns(std::string_view name, Span span, const Scope& scope, Report& report) {
  return report.fail(
      Code::unknown_column,
      "column '" + std::string(name) + "' is not allowed in " + std::string(scope.clause), span);
}

Error missing_bound(const std::string& name, Span span, Report& report) {
  return report.fail(Code::unknown_column, '\'' + name + "' is a column of batch windows only",
                     span, "add a batch window: FROM s WINDOW TUMBLING(10 SECONDS)");
}

// A name whose place in the text is longer than itself is written in quotes.
bool is_quoted(const syntax::Name& name) {
  return name.span.end - name.span.begin >= name.text.size() + 2;
}

// Double quotes are around names; whoever writes them around text means text.
Error not_text(const std::string& text, Span span, const Scope& scope, Report& report) {
  const std::string literal = syntax::quoted_string(text);
  return report.fail({.code = Code::unknown_column,
                      .message = "unknown column '" + text + "' in stream " + scope.input->name,
                      .span = span,
                      .label = "double quotes stand around names",
                      .help = {"text stands in single quotes: " + literal},
                      .notes = {scope.input->name + " has: " + to_text(scope.input->schema)},
                      .fixes = {{"write text", {{span, literal}}}}});
}

Result<void> check_relation(const syntax::ColumnName& name, const Scope& scope, Report& report) {
  const syntax::Name& relation = name.parts.front();
  if (name.parts.size() == 2 && relation.text == scope.relation) return {};
  return report.unknown({.code = Code::unknown_stream,
                         .message = "unknown stream or alias '" + relation.text + "'",
                         .span = relation.span,
                         .notes = {"this query reads " + scope.relation}},
                        relation.text, {scope.relation});
}

// A column of the input, or a bound of its window; a name alone must not be both.
Result<ExpressionPtr> column_or_bound(const syntax::ColumnName& name, Span span, const Scope& scope,
                                      Report& report) {
  const std::string& last = name.parts.back().text;
  const auto index = scope.input->schema.find(last);
  ExpressionPtr bound = scope.bounds ? bound_column(last, span) : nullptr;
  if (bound && index && name.parts.size() == 1) {
    return report.fail(
        Code::ambiguous_column,
        '\'' + last + "' is a column of " + scope.relation + " and of its window", span,
        "write " + scope.relation + '.' + last + " for the column of " + scope.relation);
  }
  if (index) return input_column(*scope.input, *index, span);
  if (bound) return bound;
  if (bound_column(last, span)) return missing_bound(last, span, report);
  if (name.parts.size() == 1 && is_quoted(name.parts.front()))
    return not_text(last, span, scope, report);
  return unknown_column(last, name.parts.back().span, *scope.input, more_names(scope), report);
}

}  // namespace

ExpressionPtr input_column(const Stream& stream, std::size_t index, Span span) {
  return std::make_shared<const Expression>(Expression{.kind = Expression::Kind::column,
                                                       .type = stream.schema.fields[index].type,
                                                       .span = span,
                                                       .space = ColumnSource::input,
                                                       .index = index});
}

Error unknown_column(std::string_view column, Span span, const Stream& stream,
                     const std::vector<std::string>& more_names, Report& report) {
  Diagnostic diagnostic{
      .code = Code::unknown_column,
      .message = "unknown column '" + std::string(column) + "' in stream " + stream.name,
      .span = span,
      .label = "not a column of " + stream.name,
      .notes = {stream.name + " has: " + to_text(stream.schema)}};
  if (!stream.span.empty())
    diagnostic.mentions.push_back({stream.name + " is defined at", stream.span});
  std::vector<std::string> names;
  for (const Field& field : stream.schema.fields)
    names.push_back(field.name);
  names.insert(names.end(), more_names.begin(), more_names.end());
  return report.unknown(std::move(diagnostic), column, names);
}

Result<ExpressionPtr> resolve(const syntax::ColumnName& name, Span span, const Scope& scope,
                              Report& report) {
  if (name.sigil == syntax::Sigil::inner)
    return report.unsupported("a stream inside a partition", span);
  if (name.sigil == syntax::Sigil::fault) return report.unsupported("a fault stream", span);
  const std::string& last = name.parts.back().text;
  if (scope.input == nullptr) return no_columns(last, span, scope, report);
  if (scope.paths != nullptr) {
    return report.fail(Code::unknown_column, "WHEN sees the message, not columns", span,
                       "write the path: $." + last);
  }
  if (name.parts.size() > 1) {
    EF_CHECK(check_relation(name, scope, report));
  } else if (ExpressionPtr found = output(last, scope)) {
    return found;
  }
  return column_or_bound(name, span, scope, report);
}

}  // namespace eventflux::semantic
