#include <utility>

#include "semantic/bind_query.hpp"

// What parses and is not built yet, each with the words that say it.
namespace eventflux::semantic {

namespace {

using Check = Result<void>;

Check check_name(const syntax::StreamName& name, Report& report) {
  if (name.sigil == syntax::Sigil::inner)
    return report.unsupported("a stream inside a partition", name.span);
  if (name.sigil == syntax::Sigil::fault) return report.unsupported("a fault stream", name.span);
  return {};
}

Check check_target(const syntax::InsertTarget& into, Report& report) {
  return check_name(into.stream, report);
}

Check check_relation(const syntax::Relation& relation, Report& report) {
  if (const auto* nested = std::get_if<syntax::QueryRelation>(&relation.node))
    return report.unsupported("a query in FROM", nested->query->span);
  if (const auto* matched = std::get_if<syntax::PatternRelation>(&relation.node))
    return report.unsupported(matched->sequence ? "SEQUENCE" : "PATTERN", relation.span);
  const auto& stream = std::get<syntax::StreamRelation>(relation.node);
  EF_CHECK(check_name(stream.name, report));
  if (stream.unidirectional) return report.unsupported("UNIDIRECTIONAL", *stream.unidirectional);
  if (stream.range) return report.unsupported("reading an aggregation", stream.range->span);
  return {};
}

Check check_select(const syntax::SelectQuery& query, Report& report) {
  if (query.distinct) return report.unsupported("SELECT DISTINCT", *query.distinct);
  EF_CHECK(check_relation(query.from, report));
  if (!query.joins.empty()) return report.unsupported("JOIN", query.joins.front().span);
  if (query.limit && query.limit->with_ties)
    return report.unsupported("WITH TIES", *query.limit->with_ties);
  if (query.emit_final) return report.unsupported("EMIT FINAL", *query.emit_final);
  if (query.output) return report.unsupported("OUTPUT … EVERY", query.output->span);
  return {};
}

}  // namespace

Result<void> check_query(const syntax::QueryStatement& statement, Report& report) {
  const syntax::Query& query = statement.query;
  if (!query.named.empty())
    return report.unsupported("WITH … AS (query)", query.named.front().span);
  for (const syntax::SelectQuery& select : query.selects)
    EF_CHECK(check_select(select, report));
  if (statement.into) EF_CHECK(check_target(*statement.into, report));
  return {};
}

}  // namespace eventflux::semantic
