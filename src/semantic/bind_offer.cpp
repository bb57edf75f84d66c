#include "semantic/bind_offer.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "syntax/format.hpp"

// A source of typed rows has no messages that paths could be looked up in. EACH picks one of its
// offers, a column is one of the offer's by name, and WHEN is about its facts.
namespace eventflux::semantic {

namespace {

Result<std::size_t> find_table(const syntax::CreateResource& node, const SourceEntry& source,
                               Report& report) {
  const std::string wanted = node.each ? syntax::to_text(*node.each) : std::string();
  std::vector<std::string> paths;
  for (const SourceTable& table : source.traits.tables) {
    if (table.each == wanted) return paths.size();
    paths.push_back(table.each);
  }
  if (!node.each) {
    return report.fail(Code::invalid_path, source.name + " offers several kinds of rows",
                       node.name.span, "EACH " + base::join(paths, ", or EACH "));
  }
  return report.unknown({.code = Code::invalid_path,
                         .message = source.name + " offers no '" + wanted + "'",
                         .span = node.each->span,
                         .notes = {"offered: " + base::join(paths, ", ")}},
                        wanted, paths);
}

std::vector<std::string> names_of(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields)
    names.push_back(field.name);
  return names;
}

// `@.price` and `$.bid.price` are the column price of EACH $.bid; other paths are none.
std::optional<std::string> column_at(const std::string& path, const SourceTable& table) {
  for (const std::string& row : {std::string("@"), table.each})
    if (path.starts_with(row + '.')) return path.substr(row.size() + 1);
  return std::nullopt;
}

Error no_path(const std::string& path, Span span, const SourceEntry& source,
              const std::string& offered, Report& report) {
  return report.fail({.code = Code::invalid_path,
                      .message = source.name + " offers no '" + path + "'",
                      .span = span,
                      .notes = {"offered: " + offered}});
}

Result<std::size_t> find_column(const syntax::ColumnDefinition& column, Type type,
                                const SourceTable& table, const SourceEntry& source,
                                Report& report) {
  const std::string offered = eventflux::to_text(table.columns);
  std::string name = column.name.text;
  if (column.path) {
    const std::string path = syntax::to_text(*column.path);
    const auto at = column_at(path, table);
    if (!at || !table.columns.find(*at))
      return no_path(path, column.path->span, source, offered, report);
    name = *at;
  }
  const auto index = table.columns.find(name);
  if (!index) {
    return report.unknown(
        {.code = Code::unknown_column,
         .message = source.name + " offers no column '" + name + "' in " + table.each,
         .span = column.name.span,
         .notes = {"offered: " + offered}},
        name, names_of(table.columns));
  }
  const Type found = table.columns.fields[*index].type;
  if (found == type) return *index;
  return report.fail(Code::type_mismatch,
                     "'" + name + "' of " + source.name + " is " + std::string(type_name(found)) +
                         ", not " + std::string(type_name(type)),
                     column.span, name + ' ' + std::string(type_name(found)));
}

// Every path in a condition is a fact of the offer, and of a type that it can be compared as.
Result<void> check_constants(const Expression& expression, const std::vector<FieldSpec>& fields,
                             const SourceTable& table, const SourceEntry& source, Report& report) {
  for (const ExpressionPtr& operand : expression.operands)
    if (operand) EF_CHECK(check_constants(*operand, fields, table, source, report));
  if (expression.kind != Expression::Kind::column) return {};
  const FieldSpec& field = fields[expression.index];
  const Value* fact = find_constant(table, field.path);
  if (fact == nullptr) {
    std::vector<std::string> paths;
    for (const auto& [path, value] : table.constants)
      paths.push_back(path);
    return no_path(field.path, expression.span, source, base::join(paths, ", "), report);
  }
  if (convert(*fact, field.type).ok()) return {};
  return report.fail(
      Code::type_mismatch,
      "'" + field.path + "' of " + source.name + " is not " + std::string(type_name(field.type)),
      expression.span);
}

// A source without offers makes the rows of one stream, column by column of the same name.
Result<void> check_rows(const syntax::CreateResource& node, const Resource& resource,
                        const Source& source, Report& report) {
  if (node.when) return no_messages(*source.entry, "WHEN", node.when->span, report);
  if (node.each) return no_messages(*source.entry, "EACH", node.each->span, report);
  for (const syntax::ColumnDefinition& column : node.elements.columns)
    if (column.path) return no_messages(*source.entry, "PATH", column.path->span, report);
  if (source.resources.empty())
    return check_columns(source, resource.decoder.fields, node.elements.columns, report);
  return report.fail(
      Code::conflicting_parameters,
      source.entry->name + " makes rows of one resource, and '" + source.name + "' has one",
      node.name.span, "CREATE SOURCE another one");
}

}  // namespace

Result<void> check_columns(const Source& source, const std::vector<FieldSpec>& fields,
                           const std::vector<syntax::ColumnDefinition>& columns, Report& report) {
  if (!source.entry->traits.check_columns) return {};
  Schema schema;
  for (const FieldSpec& field : fields)
    schema.fields.push_back({.name = field.name, .type = field.type});
  const auto fault = source.entry->traits.check_columns(schema, source.params);
  if (!fault) return {};
  const Error& error = fault->error;
  const Span span = error.span.empty() ? columns[fault->column].span : error.span;
  return report.fail(error.code, error.message, span, error.help);
}

Error no_messages(const SourceEntry& source, std::string_view clause, Span span, Report& report) {
  const std::string word(clause);
  return report.fail(Code::invalid_path,
                     source.name + " makes typed rows and has no messages for " + word, span,
                     "leave out " + word);
}

const Value* find_constant(const SourceTable& table, std::string_view path) {
  for (const auto& [name, value] : table.constants)
    if (name == path) return &value;
  return nullptr;
}

Result<std::optional<TableProjection>> bind_offer(const syntax::CreateResource& node,
                                                  const Resource& resource, const Source& fed,
                                                  Report& report) {
  const SourceEntry& source = *fed.entry;
  if (!source.traits.rows) return std::optional<TableProjection>();
  if (source.traits.tables.empty()) {
    EF_CHECK(check_rows(node, resource, fed, report));
    return std::optional<TableProjection>();
  }
  TableProjection wanted;
  EF_TRY(wanted.table, find_table(node, source, report));
  const SourceTable& table = source.traits.tables[wanted.table];
  if (resource.when)
    EF_CHECK(check_constants(*resource.when, resource.when_fields, table, source, report));
  for (std::size_t i = 0; i < node.elements.columns.size(); ++i) {
    EF_TRY(const std::size_t column,
           find_column(node.elements.columns[i], resource.decoder.fields[i].type, table, source,
                       report));
    if (std::find(wanted.columns.begin(), wanted.columns.end(), column) != wanted.columns.end()) {
      return report.fail(
          Code::duplicate_name,
          "'" + table.columns.fields[column].name + "' of " + source.name + " is taken twice",
          node.elements.columns[i].span);
    }
    wanted.columns.push_back(column);
  }
  return std::optional<TableProjection>(std::move(wanted));
}

}  // namespace eventflux::semantic
