#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "semantic/bound.hpp"
#include "semantic/report.hpp"
#include "syntax/ast_expression.hpp"

namespace eventflux::semantic {

/// What an expression can name, and what it may contain.
/// Owns: nothing; what it points at must outlive it.
struct Scope {
  std::string_view clause;                           ///< For messages: "WHERE".
  const Stream* input = nullptr;                     ///< Null: no columns, as in DEFAULT.
  std::string relation{};                            ///< Alias or name of the input.
  bool bounds = false;                               ///< window_start and window_end exist.
  std::vector<AggregateCall>* aggregates = nullptr;  ///< Null: none can stand here.
  const std::vector<SelectItem>* outputs = nullptr;  ///< Names that come before columns.
  std::vector<FieldSpec>* paths = nullptr;           ///< Null: no JSON paths.
};

/// Finds what a column name means.
/// Fails: EF0203 unknown column, EF0201 unknown relation, both with the nearest name.
Result<ExpressionPtr> resolve(const syntax::ColumnName& name, Span span, const Scope& scope,
                              Report& report);

/// Makes a column of the input.
ExpressionPtr input_column(const Stream& stream, std::size_t index, Span span);

/// Says that a stream has no such column, which ones it has, and where it is defined.
Error unknown_column(std::string_view column, Span span, const Stream& stream,
                     const std::vector<std::string>& more_names, Report& report);

}  // namespace eventflux::semantic
