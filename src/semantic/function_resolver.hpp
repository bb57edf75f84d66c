#pragma once

#include <string>
#include <vector>

#include "semantic/bound.hpp"
#include "semantic/report.hpp"

namespace eventflux::semantic {

/// A function with its arguments cast to what it takes.
struct ResolvedCall {
  const ScalarFunction* function = nullptr;
  Type result = Type::int64;
  std::vector<ExpressionPtr> arguments{};
};

/// Chooses the overload that needs the fewest widenings; a signature that is inferred is asked for
/// the types as they are first, then for their common type.
/// Fails: EF0205, with the nearest name or the signatures there are.
Result<ResolvedCall> resolve_function(const std::string& name, Span span,
                                      std::vector<ExpressionPtr> arguments,
                                      const Registry& registry, Report& report);

/// Chooses an aggregate by the type of its argument, which is null for none. Fails: EF0205.
Result<AggregateCall> resolve_aggregate(const std::string& name, Span span, ExpressionPtr argument,
                                        const Registry& registry, Report& report);

bool is_aggregate(const std::string& name, const Registry& registry);

}  // namespace eventflux::semantic
