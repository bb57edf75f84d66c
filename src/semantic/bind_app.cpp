#include "semantic/bind_app.hpp"

#include <algorithm>
#include <utility>

#include "semantic/app_binder.hpp"
#include "semantic/bind_query.hpp"

// Queries are bound by need: before a query reads a stream whose columns are not declared, the
// queries that fill that stream are bound. A stream is open until then, and a query that comes back
// to itself on the way reads columns that nobody can know.
namespace eventflux::semantic {
namespace {

EmittedEvents emitted_events(syntax::EventKind kind) {
  switch (kind) {
    case syntax::EventKind::current:
      return EmittedEvents::current;
    case syntax::EventKind::expired:
      return EmittedEvents::expired;
    case syntax::EventKind::all:
      return EmittedEvents::all;
  }
  return EmittedEvents::current;
}

}  // namespace

BindResult bind_app(const std::vector<syntax::Statement>& statements, const Registry& registry,
                    const std::vector<std::string>& broken_names, model::VariableLookup variables) {
  return AppBinder(statements, registry, broken_names, std::move(variables)).run();
}

BindResult AppBinder::run() {
  declare_all();
  wire_all_dead_letters();
  for (std::size_t index = 0; index < pending_.size(); ++index)
    bind_query_at(index);
  report_open_streams();
  for (UnboundQuery& pending : pending_)
    for (Query& branch : pending.bound)
      app_.queries.push_back(std::move(branch));
  const bool failed = incomplete_ || report_.failed();
  if (!failed) check_app();
  app_.streams = catalog_.take();
  return {std::move(app_), report_.take(), failed || report_.failed()};
}

// Streams that only queries name exist as soon as a query writes them.
void AppBinder::declare_targets() {
  for (UnboundQuery& pending : pending_) {
    if (!pending.node->into) continue;
    const syntax::StreamName& name = pending.node->into->stream;
    if (name.sigil != syntax::Sigil::none) continue;
    pending.target = catalog_.find(name.text);
    if (pending.target || catalog_.is_failed_name(name.text)) continue;
    const auto added = catalog_.add({.name = name.text, .schema = {}, .span = name.span},
                                    Catalog::State::open, name.span, report_);
    if (added.ok()) pending.target = *added;
  }
  for (std::size_t index = 0; index < pending_.size(); ++index)
    if (const auto target = pending_[index].target) writers_of_[*target].push_back(index);
}

void AppBinder::bind_query_at(std::size_t index) {
  UnboundQuery& pending = pending_[index];
  if (pending.state != UnboundQuery::State::waiting) return;
  pending.state = UnboundQuery::State::running;
  const auto bound = bind_pending(pending);
  if (!bound.ok()) report_.add(bound.error());
  pending.state = pending.bound.empty() ? UnboundQuery::State::failed : UnboundQuery::State::done;
}

void AppBinder::bind_writers(std::size_t stream) {
  const auto writers = writers_of_.find(stream);
  if (writers == writers_of_.end()) return;
  for (const std::size_t index : writers->second) {
    bind_query_at(index);
    if (catalog_.state(stream) == Catalog::State::known) return;
  }
}

Error AppBinder::unknown_stream(const syntax::StreamName& name) {
  Diagnostic diagnostic{
      .code = resources_.empty() ? Code::unknown_stream : Code::undeclared_resource,
      .message = "unknown stream '" + name.text + "'",
      .span = name.span};
  if (!resources_.empty()) {
    std::string listed;
    for (const std::string& resource : resources_)
      listed += (listed.empty() ? "" : ", ") + resource;
    diagnostic.message = "no source declares a resource '" + name.text + "'";
    diagnostic.notes.push_back("declared: " + listed);
  }
  return report_.unknown(std::move(diagnostic), name.text, catalog_.names());
}

// Returns the stream that a query reads; nothing when its error was reported elsewhere.
Result<std::optional<std::size_t>> AppBinder::input_of(const syntax::StreamName& name) {
  const auto input = catalog_.find(name.text);
  const bool failed = catalog_.is_failed_name(name.text);
  if (failed && (!input || catalog_.state(*input) == Catalog::State::open))
    return std::optional<std::size_t>();
  if (!input) return unknown_stream(name);
  if (catalog_.state(*input) == Catalog::State::open) bind_writers(*input);
  if (catalog_.state(*input) == Catalog::State::known) return input;
  const auto writes = [&](const UnboundQuery& other) { return other.target == input; };
  const auto running = [&](const UnboundQuery& other) {
    return writes(other) && other.state == UnboundQuery::State::running;
  };
  if (std::any_of(pending_.begin(), pending_.end(), running)) {
    return report_.fail(Code::columns_not_known,
                        "the columns of '" + name.text + "' depend on this query", name.span,
                        "declare them: CREATE STREAM " + name.text + " (name TYPE, …)");
  }
  return std::optional<std::size_t>();
}

Result<void> AppBinder::bind_pending(UnboundQuery& pending) {
  std::vector<Query> branches;
  for (const syntax::SelectQuery& select : pending.node->query.selects) {
    EF_TRY(const auto input, input_of(relation_of(select).name));
    if (!input) return {};
    const Stream input_stream = catalog_.stream(*input);
    EF_TRY(Query query, bind_query(select, input_stream, *input, binding_));
    branches.push_back(std::move(query));
  }
  EF_CHECK(align_branches(branches, report_));
  note_branches(pending, branches);
  if (pending.node->into) {
    for (Query& query : branches) {
      EF_CHECK(check_emitted(query, *pending.node->into));
      EF_CHECK(settle_target(pending, query));
    }
  } else {
    EF_CHECK(settle_console(pending, branches));
  }
  pending.bound = std::move(branches);
  return {};
}

// What the statement says holds for all of its branches, which are told apart by number.
void AppBinder::note_branches(const UnboundQuery& pending, std::vector<Query>& branches) {
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const std::string suffix = i == 0 ? "" : '.' + std::to_string(i + 1);
    Query& query = branches[i];
    query.name = pending.notes.name + suffix;
    if (!pending.notes.id.empty()) query.id = pending.notes.id + suffix;
    query.on_error = pending.notes.on_error;
    if (pending.node->into) query.events = emitted_events(pending.node->into->events);
  }
}

// Only windows give up rows.
Result<void> AppBinder::check_emitted(const Query& query, const syntax::InsertTarget& into) {
  if (query.events == EmittedEvents::current) return {};
  if (!query.window) {
    return report_.fail(Code::no_expired_events, "no row expires in a query without a window",
                        into.events_span, "add a window, or write INSERT INTO");
  }
  return {};
}

// A bare SELECT fills a stream of its own, whose rows go to the console.
Result<void> AppBinder::settle_console(const UnboundQuery& pending, std::vector<Query>& branches) {
  EF_TRY(Schema schema, schema_of(branches.front(), report_));
  Stream rows{.name = branches.front().name,
              .schema = std::move(schema),
              .anonymous = true,
              .span = pending.statement->body_span};
  const Span span = relation_of(pending.node->query.selects.front()).name.span;
  EF_TRY(const std::size_t target,
         catalog_.add(std::move(rows), Catalog::State::known, span, report_));
  for (Query& query : branches)
    query.target = target;
  return {};
}

// The names of a column list go to the columns that the query makes.
Result<void> AppBinder::name_columns(const std::vector<syntax::Name>& names, Query& query) {
  if (names.empty()) return {};
  if (names.size() != query.select.size()) {
    return report_.fail(Code::wrong_column_count,
                        "the query returns " + std::to_string(query.select.size()) +
                            " columns, the list names " + std::to_string(names.size()),
                        names.front().span);
  }
  for (std::size_t index = 0; index < names.size(); ++index)
    query.select[index].name = names[index].text;
  return {};
}

// The first query that fills an open stream gives it its columns; all others fit theirs to them.
Result<void> AppBinder::settle_target(const UnboundQuery& pending, Query& query) {
  const auto& into = pending.node->into;
  if (!pending.target) return {};
  query.target = *pending.target;
  if (catalog_.state(query.target) == Catalog::State::open) {
    EF_CHECK(name_columns(into->columns, query));
    EF_TRY(catalog_.stream(query.target).schema, schema_of(query, report_));
    catalog_.set_state(query.target, Catalog::State::known);
    return {};
  }
  if (catalog_.state(query.target) == Catalog::State::failed) return {};
  return fit_target(query, *into, catalog_.stream(query.target), report_);
}

// A stream without columns that no query fills; with a failed writer its error is known already.
void AppBinder::report_open_streams() {
  for (std::size_t stream = 0; stream < catalog_.size(); ++stream) {
    if (catalog_.state(stream) != Catalog::State::open ||
        catalog_.is_failed_name(catalog_.stream(stream).name))
      continue;
    if (writers_of_.contains(stream)) continue;
    const std::string& name = catalog_.stream(stream).name;
    report_.add(report_.fail(
        Code::columns_not_known, "the columns of '" + name + "' are not known: no query fills it",
        catalog_.stream(stream).span, "CREATE STREAM " + name + " (name TYPE, …)"));
  }
}

Result<std::vector<std::vector<Value>>> bind_rows(const syntax::InsertValues& node,
                                                  const Stream& stream, const Registry& registry) {
  Report report;
  Binding binding{registry, report};
  const Scope scope{.clause = "VALUES"};
  std::vector<std::vector<Value>> rows;
  for (const std::vector<syntax::Expression>& row : node.rows) {
    Query query;
    for (const syntax::Expression& value : row) {
      EF_TRY(ExpressionPtr bound, ExpressionBinder(binding, scope).bind(value));
      if (bound->kind != Expression::Kind::constant)
        return Error{Code::type_mismatch, "VALUES takes literals", "", value.span};
      query.select.push_back({"", std::move(bound)});
    }
    EF_CHECK(fit_target(query, node.into, stream, report));
    std::vector<Value> values;
    for (const SelectItem& item : query.select)
      values.push_back(item.value->value);
    rows.push_back(std::move(values));
  }
  return rows;
}

}  // namespace eventflux::semantic
