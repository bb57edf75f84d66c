#pragma once

#include <vector>

#include "semantic/bound.hpp"
#include "semantic/report.hpp"
#include "syntax/ast.hpp"

namespace eventflux::semantic {

/// Finds what a resource takes of a source that offers kinds of typed rows; nothing when the source
/// is another one.
/// Fails: EF0108 a path that is not offered, EF0203 a column, EF0206 its type; EF0108 and EF0313
/// when the source makes rows of one stream and cannot do what is asked.
Result<std::optional<TableProjection>> bind_offer(const syntax::CreateResource& node,
                                                  const Resource& resource, const Source& source,
                                                  Report& report);

/// Checks the columns of a stream against a source of typed rows, at the column's place or at the
/// parameter that is wrong. Fails: what the source says, EF0203 and EF0206 among them.
Result<void> check_columns(const Source& source, const std::vector<FieldSpec>& fields,
                           const std::vector<syntax::ColumnDefinition>& columns, Report& report);

/// Says that a clause has no message to look into.
Error no_messages(const SourceEntry& source, std::string_view clause, Span span, Report& report);

/// Returns the value that an offer has at a path of WHEN; null when there is none.
const Value* find_constant(const SourceTable& table, std::string_view path);

}  // namespace eventflux::semantic
