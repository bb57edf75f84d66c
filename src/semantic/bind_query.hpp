#pragma once

#include <string>

#include "semantic/bind_expression.hpp"
#include "semantic/bound.hpp"
#include "syntax/ast.hpp"

namespace eventflux::semantic {

/// Fails: EF0230 for every clause that is not built.
Result<void> check_query(const syntax::QueryStatement& statement, Report& report);

/// Returns what a SELECT that passed check_query() reads.
const syntax::StreamRelation& relation_of(const syntax::SelectQuery& select);

/// Binds a query over its input; select is as written, not yet cast to a target.
Result<Query> bind_query(const syntax::SelectQuery& node, const Stream& input,
                         std::size_t input_index, Binding& binding);

/// Returns the columns that a query makes. Fails: EF0202 two of one name, EF0216 only NULL.
Result<Schema> schema_of(const Query& query, Report& report);

/// Gives the branches of a UNION ALL the same columns: the names of the first, and for each column
/// the type that all can be turned into. Fails: EF0207 another number of columns, EF0203 types that
/// have none in common.
Result<void> align_branches(std::vector<Query>& branches, Report& report);

/// Casts select to the columns of the target, in their order.
/// Fails: EF0203, EF0207, EF0206, EF0208.
Result<void> fit_target(Query& query, const syntax::InsertTarget& into, const Stream& target,
                        Report& report);

}  // namespace eventflux::semantic
