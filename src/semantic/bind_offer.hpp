#pragma once

#include "semantic/bound.hpp"
#include "semantic/report.hpp"
#include "syntax/ast.hpp"

namespace eventflux::semantic {

/// Finds what a resource takes of a source that offers kinds of typed rows; nothing when the source
/// is another one.
/// Fails: EF0108 a path that is not offered, EF0203 a column, EF0206 its type.
Result<std::optional<RowsWanted>> bind_offer(const syntax::CreateResource& node,
                                             const Resource& resource, const SourceEntry& source,
                                             Report& report);

/// Returns the value that an offer has at a path of WHEN; null when there is none.
const Value* find_fact(const RowOffer& offer, std::string_view path);

}  // namespace eventflux::semantic
