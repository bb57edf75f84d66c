#pragma once

#include <string>

#include "semantic/bind_expression.hpp"
#include "semantic/bound.hpp"
#include "syntax/ast.hpp"

namespace eventflux::semantic {

/// Returns the stream that a query reads. Fails: EF0230 for every clause that is not built.
Result<const syntax::StreamRelation*> check_query(const syntax::QueryStatement& statement,
                                                  Report& report);

/// Binds a query over its input; select is as written, not yet cast to a target.
Result<Query> bind_query(const syntax::SelectQuery& node, const Stream& input,
                         std::size_t input_index, Binding& binding);

/// Returns the columns that a query makes. Fails: EF0202 two of one name, EF0216 only NULL.
Result<Schema> schema_of(const Query& query, Report& report);

/// Casts select to the columns of the target, in their order.
/// Fails: EF0203, EF0207, EF0206, EF0208.
Result<void> fit_target(Query& query, const syntax::InsertTarget& into, const Stream& target,
                        Report& report);

}  // namespace eventflux::semantic
