#include "semantic/bind_annotation.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace eventflux::semantic {

namespace {

constexpr std::array<std::string_view, 7> built = {"app",  "source", "sink",   "map",
                                                   "info", "id",     "onerror"};
constexpr std::array<std::string_view, 4> later = {"store", "limit", "async", "purge"};

template <class Names>
bool contains(const Names& names, std::string_view word) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return base::equal_fold(name, word); });
}

ParamValue written(const syntax::Option& option) {
  return {.name = option.key.text,
          .text = option.value.text,
          .span = option.value.span,
          .name_span = option.key.span,
          .open = model::has_variable(option.value.text)};
}

// Names may carry the extension's own: websocket.url is url.
std::string without_prefix(const std::string& name, const std::string& type) {
  return name.starts_with(type + '.') ? name.substr(type.size() + 1) : name;
}

// A key that stands twice would have its first value dropped.
Result<void> check_keys(const std::vector<syntax::Option>& options, Report& report) {
  for (auto option = options.begin(); option != options.end(); ++option) {
    const auto same = [&](const syntax::Option& other) {
      return other.key.text == option->key.text;
    };
    if (std::none_of(options.begin(), option, same)) continue;
    const std::string what =
        option->key.text.empty() ? "a value without a name" : '\'' + option->key.text + '\'';
    return report.fail(Code::conflicting_parameters, what + " is given twice",
                       option->key.text.empty() ? option->value.span : option->key.span,
                       "keep one of the two");
  }
  return {};
}

Error nameless(const syntax::Option& option, std::string_view annotation, Report& report) {
  return report.fail(Code::unknown_parameter,
                     "a value without a name in @" + std::string(annotation), option.value.span,
                     "write name='" + option.value.text + "'");
}

std::vector<std::string> names_of(const auto& entries) {
  std::vector<std::string> names;
  names.reserve(entries.size());
  for (const auto& entry : entries)
    names.push_back(entry.name);
  return names;
}

// A missing parameter is reported at the annotation.
Error at_annotation(Error error, const Connection& connection, Report& report) {
  if (error.code != Code::missing_parameter || !error.span.empty()) return error;
  Diagnostic diagnostic = syntax::to_diagnostic(error);
  diagnostic.span = connection.span;
  const auto begin = error.message.find('\'') + 1;
  diagnostic.label = "required: " + error.message.substr(begin, error.message.rfind('\'') - begin);
  return report.fail(std::move(diagnostic));
}

// The parameter that an error is about; the end of the list when it is none of them.
ParamValues::iterator culprit(const Error& error, ParamValues& values) {
  return std::find_if(values.begin(), values.end(), [&](const ParamValue& value) {
    return !error.span.empty() &&
           (error.span.begin == value.span.begin || error.span.begin == value.name_span.begin);
  });
}

// Reports all that is wrong with the parameters but the last error, which it returns: an unknown
// name does not hide a missing one. What was reported counts as given from then on.
Result<void> check_all_params(std::string_view extension, const std::vector<ParamInfo>& infos,
                              ParamValues values, const Connection& connection, Report& report) {
  std::optional<Error> last;
  while (true) {
    const auto checked = check_params(extension, infos, values);
    if (checked.ok()) break;
    const Error error = checked.error();
    if (last && last->message == error.message) break;
    if (last) report.add(*last);
    last = at_annotation(error, connection, report);
    if (error.code == Code::missing_parameter && error.span.empty()) {
      const auto begin = error.message.find('\'') + 1;
      std::string name = error.message.substr(begin, error.message.find('\'', begin) - begin);
      const auto given = [&](const ParamValue& value) { return value.name == name; };
      if (std::any_of(values.begin(), values.end(), given)) break;
      values.push_back({.name = std::move(name), .open = true});
      continue;
    }
    const auto wrong = culprit(error, values);
    if (wrong == values.end() || wrong->open) break;
    if (error.code == Code::unknown_parameter) {
      values.erase(wrong);
    } else {
      wrong->open = true;
    }
  }
  if (last) return *std::move(last);
  return {};
}

template <class Options>
std::vector<ParamInfo> with_shared(std::vector<ParamInfo> own, const ParamSpec<Options>& shared) {
  const std::vector<ParamInfo> more = infos(shared);
  own.insert(own.end(), more.begin(), more.end());
  return own;
}

// Typed rows need no mapper: their connector may have a `format` of its own.
template <class Entry>
Connection settle_format(Connection connection, const Entry& entry) {
  const auto is_format = [](const ParamInfo& info) { return info.name == "format"; };
  const bool own =
      entry.traits.rows && std::any_of(entry.params.begin(), entry.params.end(), is_format);
  if (!own || !connection.format) return connection;
  connection.params.push_back(*connection.format);
  connection.map.reset();
  return connection;
}

Result<Mapper> bind_mapper(const Connection& connection, bool rows, std::string_view connector,
                           const Registry& registry, Report& report) {
  if (rows) {
    if (!connection.map) return Mapper{};
    return report.fail(Code::conflicting_parameters,
                       std::string(connector) + " handles typed rows and takes no mapper",
                       connection.map_span, "leave out the mapper");
  }
  const std::string name = connection.map.value_or("json");
  const MapperEntry* entry = registry.find_mapper(name);
  if (entry == nullptr) {
    return report.unknown({.code = Code::unknown_extension,
                           .message = "unknown mapper '" + name + "'",
                           .span = connection.map_span},
                          name, names_of(registry.mappers()));
  }
  const bool source = connection.role == Connection::Role::source;
  if (source ? !entry->decoder : !entry->encoder) {
    return report.fail(Code::conflicting_parameters,
                       "mapper '" + name + "' does not " + (source ? "read" : "write"),
                       connection.map_span);
  }
  EF_CHECK(check_all_params(name, source ? entry->decoder_params : entry->encoder_params,
                            connection.map_params, connection, report));
  return Mapper{entry, connection.map_params,
                connection.map ? connection.map_span : connection.span};
}

Result<void> read_map(const syntax::Annotation& annotation, Connection& connection,
                      Report& report) {
  if (!connection.map_params.empty() || connection.map) {
    return report.fail(Code::conflicting_parameters, "a second mapper; a connector has one",
                       annotation.name.span);
  }
  connection.map_span = annotation.name.span;
  for (const syntax::Option& option : annotation.options) {
    if (option.key.text == "type") {
      connection.map = option.value.text;
      connection.map_span = option.value.span;
    } else if (option.key.text.empty()) {
      return nameless(option, "map", report);
    } else {
      connection.map_params.push_back(written(option));
    }
  }
  if (!connection.map) {
    return report.fail(Code::missing_parameter, "@map needs 'type'", annotation.name.span,
                       "@map(type='json')");
  }
  for (ParamValue& param : connection.map_params)
    param.name = without_prefix(param.name, *connection.map);
  return {};
}

// Parameters of the mapper carry its name in the WITH spelling.
void part_mapper_params(Connection& connection) {
  if (!connection.map) return;
  const std::string prefix = *connection.map + '.';
  ParamValues own;
  for (ParamValue& param : connection.params) {
    if (param.name.starts_with(prefix)) {
      param.name.erase(0, prefix.size());
      connection.map_params.push_back(std::move(param));
    } else {
      own.push_back(std::move(param));
    }
  }
  connection.params = std::move(own);
}

// Reads the key that names the connector, or `format`; returns whether the option was one of them.
bool read_reserved(const syntax::Option& option, std::string_view type_key,
                   Connection& connection) {
  if (option.key.text == type_key) {
    connection.type = option.value.text;
    connection.type_span = option.value.span;
    return true;
  }
  if (option.key.text != "format") return false;
  connection.map = option.value.text;
  connection.map_span = option.value.span;
  connection.format = written(option);
  return true;
}

// In WITH, 'type' says source or sink; where that is known it may name the connector at once.
Result<void> read_role(const syntax::Option* type, std::optional<Connection::Role> role,
                       Connection& connection, Report& report) {
  if (type == nullptr && !role) {
    return report.fail(Code::missing_parameter, "WITH needs 'type'", connection.span,
                       "'type'='source' or 'type'='sink'");
  }
  if (type == nullptr) return {};
  if (connection.type.empty() && role) {
    connection.type = type->value.text;
    connection.type_span = type->value.span;
    return {};
  }
  const bool source = type->value.text == "source";
  const bool sink = type->value.text == "sink" && role != Connection::Role::source;
  if (!source && !sink) {
    return report.fail(Code::invalid_value, "'" + type->value.text + "' is not a type of stream",
                       type->value.span, "write 'type'='source' or 'type'='sink'");
  }
  connection.role = source ? Connection::Role::source : Connection::Role::sink;
  return {};
}

// What may not be left to a variable, and what is not built.
Result<void> check_dead_letter_params(const Connection& connection, Report& report) {
  for (const ParamValue& param : connection.params) {
    if (param.name.starts_with("error.dlq.fallback-retry."))
      return report.unsupported(param.name, param.span);
    if (param.name != "error.dlq.stream" || !param.open) continue;
    return report.fail(Code::invalid_value,
                       "error.dlq.stream = '" + param.text + "' is not the name of a stream",
                       param.span, "streams are part of the program: write the name itself");
  }
  return {};
}

// A query has one of each: another would be dropped.
Result<void> check_once(const syntax::Statement& statement, Report& report) {
  for (const syntax::Annotation& annotation : statement.annotations) {
    const auto all = find_annotations(statement, annotation.name.text);
    if (all.size() < 2) continue;
    return report.fail(Code::conflicting_parameters,
                       "a second @" + annotation.name.text + "; a query has one",
                       all[1]->name.span);
  }
  return {};
}

Result<std::string> only_value(const syntax::Annotation& annotation, std::string_view key,
                               Report& report) {
  if (annotation.options.size() == 1 && annotation.nested.empty()) {
    const syntax::Option& option = annotation.options.front();
    if (option.key.text.empty() || option.key.text == key) return option.value.text;
    return report.unknown(
        {.code = Code::unknown_parameter,
         .message = "unknown parameter '" + option.key.text + "' for " + annotation.name.text,
         .span = option.key.span},
        option.key.text, {std::string(key)});
  }
  return report.fail(Code::missing_parameter,
                     annotation.name.text + " needs '" + std::string(key) + "' and nothing else",
                     annotation.name.span,
                     '@' + annotation.name.text + '(' + std::string(key) + "='…')");
}

Result<RowErrorAction> read_action(const syntax::Annotation& annotation, Report& report) {
  EF_TRY(const std::string action, only_value(annotation, "action", report));
  const std::vector<std::string> names = {"drop", "log", "dlq", "fail"};
  const Span span = annotation.options.front().value.span;
  if (action == "stream") return report.unsupported("@onerror(action='stream')", span);
  const auto found = std::find(names.begin(), names.end(), action);
  if (found == names.end()) {
    return report.unknown({.code = Code::invalid_value,
                           .message = "'" + action + "' is not an action of @onerror",
                           .span = span,
                           .notes = {"one of drop, log, dlq, fail"}},
                          action, names);
  }
  constexpr std::array<RowErrorAction, 4> actions = {RowErrorAction::drop, RowErrorAction::log,
                                                     RowErrorAction::dlq, RowErrorAction::fail};
  return actions[static_cast<std::size_t>(found - names.begin())];
}

}  // namespace

std::vector<const syntax::Annotation*> find_annotations(const syntax::Statement& statement,
                                                        std::string_view name) {
  std::vector<const syntax::Annotation*> found;
  for (const syntax::Annotation& annotation : statement.annotations)
    if (base::equal_fold(annotation.name.text, name)) found.push_back(&annotation);
  return found;
}

Result<void> check_annotations(const syntax::Statement& statement,
                               std::initializer_list<std::string_view> allowed,
                               std::string_view statement_name, Report& report) {
  for (const syntax::Annotation& annotation : statement.annotations) {
    const std::string& word = annotation.name.text;
    const Span span = annotation.name.span;
    EF_CHECK(check_keys(annotation.options, report));
    if (contains(allowed, word)) continue;
    if (contains(later, word)) return report.unsupported('@' + word, span);
    if (contains(built, word)) {
      return report.fail(
          Code::misplaced_annotation,
          '@' + word + " does not belong to " + std::string(statement_name), span,
          base::equal_fold(word, "app") ? "@app stands at the top of the program" : "");
    }
    std::vector<std::string> names(built.begin(), built.end());
    names.insert(names.end(), later.begin(), later.end());
    return report.unknown({.code = Code::unknown_annotation,
                           .message = "unknown annotation '@" + word + "'",
                           .span = span},
                          word, names);
  }
  return {};
}

Result<Connection> read_connection(const syntax::Annotation& annotation, Report& report) {
  const bool source = base::equal_fold(annotation.name.text, "source");
  Connection connection{.role = source ? Connection::Role::source : Connection::Role::sink,
                        .type = {},
                        .span = annotation.name.span};
  for (const syntax::Option& option : annotation.options) {
    if (option.key.text.empty()) return nameless(option, annotation.name.text, report);
    if (!read_reserved(option, "type", connection)) connection.params.push_back(written(option));
  }
  if (connection.type.empty()) {
    return report.fail(Code::missing_parameter, '@' + annotation.name.text + " needs 'type'",
                       annotation.name.span, '@' + annotation.name.text + "(type='…')");
  }
  for (ParamValue& param : connection.params)
    param.name = without_prefix(param.name, connection.type);
  part_mapper_params(connection);
  for (const syntax::Annotation& nested : annotation.nested) {
    if (!base::equal_fold(nested.name.text, "map")) {
      return report.unknown(
          {.code = Code::misplaced_annotation,
           .message = '@' + nested.name.text + " does not belong in @" + annotation.name.text,
           .span = nested.name.span},
          nested.name.text, {"map"});
    }
    EF_CHECK(check_keys(nested.options, report));
    EF_CHECK(read_map(nested, connection, report));
  }
  return connection;
}

Result<Connection> read_connection(const std::vector<syntax::Option>& options,
                                   std::optional<Connection::Role> role, Report& report) {
  Connection connection{.role = role.value_or(Connection::Role::source),
                        .type = {},
                        .span = options.front().key.span};
  EF_CHECK(check_keys(options, report));
  const syntax::Option* type = nullptr;
  for (const syntax::Option& option : options) {
    if (option.key.text == "type") {
      type = &option;
    } else if (!read_reserved(option, "extension", connection)) {
      connection.params.push_back(written(option));
    }
  }
  EF_CHECK(read_role(type, role, connection, report));
  if (connection.type.empty()) {
    return report.fail(Code::missing_parameter, "WITH needs 'extension'", connection.span,
                       "for example 'extension'='websocket'");
  }
  for (ParamValue& param : connection.params)
    param.name = without_prefix(param.name, connection.type);
  part_mapper_params(connection);
  return connection;
}

Result<Source> bind_source(const Connection& read, std::string name, const Registry& registry,
                           Report& report) {
  const SourceEntry* entry = registry.find_source(read.type);
  if (entry == nullptr) {
    return report.unknown({.code = Code::unknown_extension,
                           .message = "unknown source '" + read.type + "'",
                           .span = read.type_span},
                          read.type, names_of(registry.sources()));
  }
  const Connection connection = settle_format(read, *entry);
  EF_CHECK(check_dead_letter_params(connection, report));
  const auto shared = model::source_params(entry->traits);
  const auto [own, common] = model::split_params(connection.params, entry->params, infos(shared));
  const auto checked =
      check_all_params(entry->name, with_shared(entry->params, shared), own, connection, report);
  const auto options = model::parse_source_options(*entry, common);
  if (!checked.ok() && !options.ok()) report.add(options.error());
  EF_CHECK(checked);
  EF_CHECK(options);
  EF_TRY(Mapper mapper, bind_mapper(connection, entry->traits.rows, entry->name, registry, report));
  return Source{.name = std::move(name),
                .entry = entry,
                .params = own,
                .shared_params = common,
                .mapper = std::move(mapper),
                .span = connection.span};
}

Result<Sink> bind_sink(const Connection& read, const Registry& registry, Report& report) {
  const SinkEntry* entry = registry.find_sink(read.type);
  if (entry == nullptr) {
    return report.unknown({.code = Code::unknown_extension,
                           .message = "unknown sink '" + read.type + "'",
                           .span = read.type_span},
                          read.type, names_of(registry.sinks()));
  }
  const Connection connection = settle_format(read, *entry);
  EF_CHECK(check_dead_letter_params(connection, report));
  const auto shared = model::sink_params(entry->traits);
  const auto [own, common] = model::split_params(connection.params, entry->params, infos(shared));
  const auto checked =
      check_all_params(entry->name, with_shared(entry->params, shared), own, connection, report);
  const auto options = model::parse_sink_options(*entry, common);
  if (!checked.ok() && !options.ok()) report.add(options.error());
  EF_CHECK(checked);
  EF_CHECK(options);
  EF_TRY(Mapper mapper, bind_mapper(connection, entry->traits.rows, entry->name, registry, report));
  return Sink{.name = entry->name,
              .entry = entry,
              .params = own,
              .shared_params = common,
              .mapper = std::move(mapper),
              .span = connection.span};
}

Result<QueryNotes> read_query_notes(const syntax::Statement& statement, Report& report) {
  EF_CHECK(check_annotations(statement, {"info", "id", "onerror"}, "a query", report));
  QueryNotes notes;
  EF_CHECK(check_once(statement, report));
  for (const syntax::Annotation& annotation : statement.annotations) {
    if (base::equal_fold(annotation.name.text, "info")) {
      EF_TRY(notes.name, only_value(annotation, "name", report));
      notes.name_span = annotation.options.front().value.span;
    } else if (base::equal_fold(annotation.name.text, "id")) {
      EF_TRY(notes.id, only_value(annotation, "id", report));
    } else {
      EF_TRY(notes.on_error, read_action(annotation, report));
    }
  }
  return notes;
}

Result<model::AppOptions> read_app_options(const syntax::Statement& statement,
                                           const model::VariableLookup& variables, Report& report) {
  const syntax::Annotation& app = statement.annotations.front();
  EF_CHECK(check_keys(app.options, report));
  Connection connection{.type = "@app", .span = app.name.span};
  for (const syntax::Option& option : app.options) {
    if (option.key.text.empty()) return nameless(option, "app", report);
    connection.params.push_back(written(option));
  }
  if (!app.nested.empty()) {
    return report.fail(Code::misplaced_annotation,
                       '@' + app.nested.front().name.text + " does not belong in @app",
                       app.nested.front().name.span);
  }
  EF_TRY(const ParamValues values, model::resolve_variables(connection.params, variables));
  auto options = model::parse_app_options(values);
  if (options.ok()) return options;
  Error error = options.error();
  if (error.code == Code::unknown_parameter && !error.help.starts_with("did you mean")) {
    const std::vector<ParamInfo> keys = infos(model::app_params());
    error.help = "@app takes " + base::join(names_of(keys), ", ");
  }
  return at_annotation(std::move(error), connection, report);
}

}  // namespace eventflux::semantic
