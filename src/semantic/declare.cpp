#include <algorithm>
#include <utility>

#include "semantic/app_binder.hpp"
#include "semantic/bind_offer.hpp"
#include "semantic/bind_query.hpp"
#include "semantic/bind_resource.hpp"

namespace eventflux::semantic {

namespace {

// The words of a statement that is not built, and the name that it would define.
struct Unbuilt {
  std::string what;
  const syntax::Name* name = nullptr;
  std::uint32_t end = 0;  // 0: as long as `what`
};

struct Describe {
  template <class Node>
  Unbuilt named(std::string what, const Node& node) const {
    return {std::move(what), &node.name, node.name.span.begin - 1};
  }

  Unbuilt operator()(const syntax::CreateTable& node) const { return named("CREATE TABLE", node); }

  Unbuilt operator()(const syntax::CreateWindow& node) const {
    return named("CREATE WINDOW", node);
  }

  Unbuilt operator()(const syntax::CreateTrigger& node) const {
    return named("CREATE TRIGGER", node);
  }

  Unbuilt operator()(const syntax::CreateAggregation& node) const {
    return named("CREATE AGGREGATION", node);
  }

  Unbuilt operator()(const syntax::CreateView& node) const { return named("CREATE VIEW", node); }

  Unbuilt operator()(const syntax::CreateFunction& node) const {
    return named("CREATE FUNCTION", node);
  }

  Unbuilt operator()(const syntax::InsertValues&) const { return {"INSERT … VALUES in an app"}; }

  Unbuilt operator()(const syntax::Update&) const { return {"UPDATE"}; }

  Unbuilt operator()(const syntax::Delete&) const { return {"DELETE"}; }

  Unbuilt operator()(const syntax::Upsert&) const { return {"UPSERT"}; }

  Unbuilt operator()(const syntax::Partition&) const { return {"PARTITION"}; }

  Unbuilt operator()(const syntax::Explain&) const { return {"EXPLAIN in an app"}; }

  Unbuilt operator()(const syntax::Show&) const { return {"SHOW in an app"}; }

  Unbuilt operator()(const syntax::Describe&) const { return {"DESCRIBE in an app"}; }

  Unbuilt operator()(const syntax::Drop&) const { return {"DROP in an app"}; }

  template <class Node>
  Unbuilt operator()(const Node&) const {
    return {"this statement"};
  }
};

}  // namespace

Error AppBinder::unsupported(const syntax::Statement& statement) {
  const Unbuilt unbuilt = std::visit(Describe{}, statement.body);
  if (unbuilt.name != nullptr) catalog_.add_failed_name(unbuilt.name->text);
  Span span = statement.body_span;
  const auto word = static_cast<std::uint32_t>(unbuilt.what.find(' '));
  const auto length = std::min(word, static_cast<std::uint32_t>(unbuilt.what.size()));
  span.end = std::min(span.end, unbuilt.end != 0 ? unbuilt.end : span.begin + length);
  return report_.unsupported(unbuilt.what, span);
}

void AppBinder::declare_all() {
  declare_sources();
  for (const syntax::Statement& statement : statements_) {
    if (std::holds_alternative<syntax::CreateSource>(statement.body)) continue;
    if (auto declared = declare(statement); !declared.ok()) report_.add(declared.error());
  }
  std::stable_sort(
      app_.sources.begin(), app_.sources.end(),
      [](const Source& left, const Source& right) { return left.span.begin < right.span.begin; });
  declare_targets();
}

// Sources come first, as resources may stand before the source they belong to.
void AppBinder::declare_sources() {
  for (const syntax::Statement& statement : statements_) {
    const auto* node = std::get_if<syntax::CreateSource>(&statement.body);
    if (node == nullptr) continue;
    if (auto declared = declare_source(statement, *node); !declared.ok()) {
      report_.add(declared.error());
      sources_.try_emplace(node->name.text, std::nullopt);
    }
  }
}

Result<void> AppBinder::declare(const syntax::Statement& statement) {
  if (const auto* stream = std::get_if<syntax::CreateStream>(&statement.body))
    return declare_stream(statement, *stream);
  if (const auto* resource = std::get_if<syntax::CreateResource>(&statement.body))
    return declare_resource(statement, *resource);
  if (const auto* query = std::get_if<syntax::QueryStatement>(&statement.body))
    return declare_query(statement, *query);
  if (!std::holds_alternative<syntax::AppDeclaration>(statement.body))
    return unsupported(statement);
  if (has_app_) {
    return report_.fail(Code::duplicate_name, "a second @app; a program has one",
                        statement.annotations.front().name.span);
  }
  has_app_ = true;
  EF_TRY(app_.options, read_app_options(statement, variables_, report_));
  for (const syntax::Option& option : statement.annotations.front().options)
    if (option.key.text == "delivery") app_.delivery_span = option.value.span;
  return {};
}

Result<void> AppBinder::declare_source(const syntax::Statement& statement,
                                       const syntax::CreateSource& node) {
  EF_CHECK(check_annotations(statement, {"source"}, "a source", report_));
  if (sources_.contains(node.name.text)) {
    return report_.fail(Code::duplicate_name, "source '" + node.name.text + "' is defined twice",
                        node.name.span);
  }
  const auto annotations = find_annotations(statement, "source");
  if (annotations.size() + (node.options.empty() ? 0U : 1U) != 1) {
    return report_.fail(
        annotations.empty() ? Code::missing_parameter : Code::conflicting_parameters,
        annotations.empty() ? "source '" + node.name.text + "' has no type"
                            : "source '" + node.name.text + "' has several types",
        node.name.span, "@source(type='…') CREATE SOURCE " + node.name.text);
  }
  auto connection = annotations.empty()
                        ? read_connection(node.options, Connection::Role::source, report_)
                        : read_connection(*annotations.front(), report_);
  if (!connection.ok()) return connection.error();
  EF_TRY(Source source, bind_source(*connection, node.name.text, registry_, report_));
  source.span = node.name.span;
  sources_[node.name.text] = app_.sources.size();
  app_.sources.push_back(std::move(source));
  return {};
}

Result<std::size_t> AppBinder::declare_name(const syntax::StreamName& name, Stream stream,
                                            Catalog::State state) {
  if (name.sigil != syntax::Sigil::none) {
    return report_.unsupported(
        name.sigil == syntax::Sigil::inner ? "a stream inside a partition" : "a fault stream",
        name.span);
  }
  stream.name = name.text;
  stream.span = name.span;
  return catalog_.add(std::move(stream), state, name.span, report_);
}

// The name is known from here on, whatever becomes of the rest: its readers get no second error.
Result<void> AppBinder::declare_stream(const syntax::Statement& statement,
                                       const syntax::CreateStream& node) {
  EF_TRY(const std::size_t stream, declare_name(node.name, {}, Catalog::State::failed));
  EF_CHECK(check_annotations(statement, {"source", "sink"}, "a stream", report_));
  Columns columns;
  if (node.elements) {
    EF_TRY(columns, bind_columns(*node.elements, node.name.text, binding_));
    catalog_.stream(stream).schema = std::move(columns.schema);
    catalog_.stream(stream).watermark = columns.watermark;
  }
  catalog_.set_state(stream, node.elements ? Catalog::State::known : Catalog::State::open);
  EF_CHECK(attach(statement, node.options, stream));
  const auto sources = find_annotations(statement, "source");
  std::optional<Connection> connection;
  if (!sources.empty()) {
    EF_TRY(connection, read_connection(*sources.front(), report_));
  }
  if (!node.options.empty()) {
    EF_TRY(Connection with, read_connection(node.options, std::nullopt, report_));
    if (with.role == Connection::Role::source && connection)
      return report_.fail(Code::conflicting_parameters, "a stream has one source", with.span);
    if (with.role == Connection::Role::source) connection = std::move(with);
  }
  if (sources.size() > 1) {
    return report_.fail(Code::conflicting_parameters, "a stream has one source",
                        sources[1]->name.span, "CREATE SOURCE and CREATE RESOURCE");
  }
  if (connection) return attach_source(*connection, stream, std::move(columns), node);
  for (const Span path : columns.path_spans) {
    if (!path.empty())
      return report_.fail(Code::invalid_path, "PATH needs a source to read from", path);
  }
  return {};
}

Result<void> AppBinder::attach_source(const Connection& connection, std::size_t stream,
                                      Columns columns, const syntax::CreateStream& node) {
  const Stream& target = catalog_.stream(stream);
  if (columns.fields.empty()) {
    catalog_.set_state(stream, Catalog::State::failed);
    return report_.fail(Code::columns_not_known,
                        '\'' + target.name + "' reads a source and needs its columns", target.span,
                        "CREATE STREAM " + target.name + " (name TYPE, …)");
  }
  EF_TRY(Source source, bind_source(connection, target.name, registry_, report_));
  if (!source.entry->traits.tables.empty()) {
    return report_.fail(
        Code::invalid_path, source.entry->name + " offers several kinds of rows",
        connection.type_span,
        "CREATE SOURCE, and CREATE RESOURCE … EACH " + source.entry->traits.tables.front().each);
  }
  if (source.entry->traits.rows) {
    for (const Span path : columns.path_spans)
      if (!path.empty()) return no_messages(*source.entry, "PATH", path, report_);
    EF_CHECK(check_columns(source, columns.fields, node.elements->columns, report_));
  }
  source.anonymous = true;
  source.span = connection.span;
  Resource resource{.stream = stream, .span = target.span};
  resource.decoder.fields = std::move(columns.fields);
  resource.path_spans = std::move(columns.path_spans);
  source.resources.push_back(std::move(resource));
  app_.sources.push_back(std::move(source));
  return {};
}

Result<void> AppBinder::attach_sink(const Connection& connection, std::size_t stream) {
  EF_TRY(Sink sink, bind_sink(connection, registry_, report_));
  sink.stream = stream;
  const std::string name = catalog_.stream(stream).name + '.' + sink.name;
  std::size_t count = 1;
  for (const Sink& other : app_.sinks)
    if (other.stream == stream && other.entry == sink.entry) ++count;
  sink.name = count == 1 ? name : name + '#' + std::to_string(count);
  app_.sinks.push_back(std::move(sink));
  return {};
}

// Attaches sinks; @source and WITH of type source are left to the caller.
Result<void> AppBinder::attach(const syntax::Statement& statement,
                               const std::vector<syntax::Option>& options, std::size_t stream) {
  for (const syntax::Annotation* annotation : find_annotations(statement, "sink")) {
    EF_TRY(const Connection connection, read_connection(*annotation, report_));
    EF_CHECK(attach_sink(connection, stream));
  }
  if (options.empty()) return {};
  EF_TRY(const Connection connection, read_connection(options, std::nullopt, report_));
  if (connection.role == Connection::Role::sink) return attach_sink(connection, stream);
  return {};
}

Result<void> AppBinder::declare_resource(const syntax::Statement& statement,
                                         const syntax::CreateResource& node) {
  EF_TRY(const std::size_t stream,
         declare_name({syntax::Sigil::none, node.name.text, node.name.span}, {},
                      Catalog::State::failed));
  resources_.push_back(node.name.text);
  EF_CHECK(check_annotations(statement, {"sink"}, "a resource", report_));
  EF_TRY(Columns columns, bind_columns(node.elements, node.name.text, binding_));
  Stream& target = catalog_.stream(stream);
  target.schema = std::move(columns.schema);
  target.watermark = columns.watermark;
  catalog_.set_state(stream, Catalog::State::known);
  const auto source = sources_.find(node.source.text);
  if (source == sources_.end() && catalog_.is_failed_name(node.source.text)) return {};
  if (source == sources_.end()) {
    std::vector<std::string> names;
    for (const auto& [name, index] : sources_)
      names.push_back(name);
    return report_.unknown({.code = Code::unknown_source,
                            .message = "unknown source '" + node.source.text + "'",
                            .span = node.source.span},
                           node.source.text, names);
  }
  if (node.checkpoint) {
    EF_TRY(target.checkpoint, bind_checkpoint(*node.checkpoint, target, report_));
  }
  EF_TRY(Resource resource, bind_resource(node, stream, std::move(columns.fields), binding_));
  resource.path_spans = std::move(columns.path_spans);
  if (source->second) {
    Source& fed = app_.sources[*source->second];
    EF_TRY(resource.rows, bind_offer(node, resource, fed, report_));
    fed.resources.push_back(std::move(resource));
  }
  return attach(statement, {}, stream);
}

Result<void> AppBinder::declare_query(const syntax::Statement& statement,
                                      const syntax::QueryStatement& node) {
  UnboundQuery pending{.statement = &statement, .node = &node};
  pending.notes.name = "q" + std::to_string(pending_.size() + 1);
  pending.state = UnboundQuery::State::failed;
  pending_.push_back(pending);
  EF_TRY(QueryNotes notes, read_query_notes(statement, report_));
  UnboundQuery& query = pending_.back();
  if (notes.name.empty()) notes.name = query.notes.name;
  query.notes = std::move(notes);
  if (!query_names_.insert(query.notes.name).second) {
    const Span at =
        query.notes.name_span.empty() ? Span(statement.body_span) : query.notes.name_span;
    return report_.fail(Code::duplicate_name, "two queries are named '" + query.notes.name + '\'',
                        at);
  }
  EF_CHECK(check_query(node, report_));
  query.state = UnboundQuery::State::waiting;
  return {};
}

}  // namespace eventflux::semantic
