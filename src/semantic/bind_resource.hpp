#pragma once

#include <vector>

#include "semantic/bind_expression.hpp"
#include "semantic/bound.hpp"
#include "syntax/ast.hpp"

namespace eventflux::semantic {

/// What the parentheses of a stream or resource say.
struct Columns {
  Schema schema{};
  std::vector<FieldSpec> fields{};  ///< Parallel to the schema, with paths.
  std::optional<Watermark> watermark{};
  std::vector<Span> path_spans{};  ///< Parallel to the fields; empty where no PATH is written.
};

/// Fails: EF0202, EF0212, EF0213 and the errors of DEFAULT.
Result<Columns> bind_columns(const syntax::TableElements& elements, const std::string& stream,
                             Binding& binding);

/// Fails: EF0203, EF0215.
Result<CheckpointClause> bind_checkpoint(const syntax::CheckpointClause& clause,
                                         const Stream& stream, Report& report);

/// Makes the resource of a stream whose columns are known.
Result<Resource> bind_resource(const syntax::CreateResource& node, std::size_t stream,
                               std::vector<FieldSpec> fields, Binding& binding);

}  // namespace eventflux::semantic
