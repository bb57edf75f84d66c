#pragma once

#include <optional>
#include <span>

#include "semantic/bound.hpp"
#include "semantic/report.hpp"

/// How many digits DECIMAL results have.
namespace eventflux::semantic {

/// Returns the DECIMAL that holds every value of a type exactly: of INT (10,0), of BIGINT (19,0);
/// nothing for other types.
std::optional<Type> decimal_type(Type type);
/// The same of an expression: a literal has the digits that are written.
std::optional<Type> decimal_type(const Expression& expression);

/// Returns the DECIMAL that holds what both hold, as far as 38 digits go.
Type common_decimal(Type left, Type right);
/// Returns whether every value of one DECIMAL is a value of the other.
bool holds(Type wide, Type narrow);

/// Returns the type of an operation on two DECIMAL operands; nothing when it needs a scale beyond
/// 38.
std::optional<Type> decimal_result(Operator op, Type left, Type right);

/// Makes a DECIMAL of an integer, a literal or NULL, without loss; another DECIMAL stays.
ExpressionPtr as_decimal(ExpressionPtr expression);

/// Returns whether operands are computed as DECIMAL: one is, and none is FLOAT or DOUBLE but as a
/// literal.
bool are_decimal(std::span<const ExpressionPtr> operands);

}  // namespace eventflux::semantic
