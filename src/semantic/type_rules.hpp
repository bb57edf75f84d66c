#pragma once

#include <optional>
#include <span>

#include "semantic/bound.hpp"
#include "semantic/report.hpp"

namespace eventflux::semantic {

/// Returns the type that two types widen to; nothing when there is none. BIGINT with FLOAT is
/// DOUBLE.
std::optional<Type> common_type(Type left, Type right);
/// Returns whether a value of one type becomes the other without loss and without being asked.
bool widens(Type from, Type to);
/// Returns whether CAST can turn one type into the other.
bool casts(Type from, Type to);

ExpressionPtr make_constant(Value value, Type type, Span span);
ExpressionPtr make_cast(ExpressionPtr operand, Type type, Span span);
ExpressionPtr make_operation(Operator op, Type type, std::vector<ExpressionPtr> operands,
                             Span span);

/// Returns whether the expression is the literal NULL, which takes the type of its place.
bool is_null_literal(const Expression& expression);
/// Returns whether two expressions always have the same value in the same row.
bool same(const Expression& left, const Expression& right);

/// Returns a number that is equal for expressions that are the same().
std::size_t hash_of(const Expression& expression);

/// Gives an expression a wider type; constants are converted at once, text becomes a TIMESTAMP.
/// Fails: EF0208 when a CAST would do, EF0206 when nothing would, EF0109 for text that is no time.
Result<ExpressionPtr> coerce(ExpressionPtr expression, Type type, Report& report);

/// Returns the common type of operands, literals NULL aside; STRING when all are NULL.
/// Fails: EF0206 at the first operand that does not fit those before it.
Result<Type> common_type_of(std::span<const ExpressionPtr> operands, Report& report);

/// Gives an expression the common type of several: a DECIMAL of other digits is cast, which is
/// checked row by row.
Result<ExpressionPtr> coerce_common(ExpressionPtr expression, Type type, Report& report);

/// Gives all operands their common type, which it returns.
Result<Type> unify(std::vector<ExpressionPtr>& operands, Report& report);

}  // namespace eventflux::semantic
