#pragma once

#include <vector>

#include "model/variables.hpp"
#include "semantic/bound.hpp"
#include "semantic/report.hpp"
#include "syntax/ast.hpp"

namespace eventflux::semantic {

/// A program with its meaning, and all that was found.
/// Shape: diagnostics in the order of the text, warnings among them; `app` is complete when ok().
struct BindResult {
  App app;
  std::vector<Diagnostic> diagnostics;
  bool failed = false;

  bool ok() const { return !failed; }
};

/// Binds a program: all names first, then columns, then queries in the order of their inputs.
/// Owns: the result borrows extensions from the registry. Fails: see BindResult; one error per
/// statement, and none for what depends on a statement that failed, or on one of `broken_names`
/// whose statements did not parse. `variables` answers those of @app.
BindResult bind_app(const std::vector<syntax::Statement>& statements, const Registry& registry,
                    const std::vector<std::string>& broken_names = {},
                    model::VariableLookup variables = model::defaults_only());

/// Returns the columns of a stream that `error.dlq.stream` names.
Schema dead_letter_schema();

/// Binds the rows of INSERT … VALUES to a stream, for the shell and for tests.
/// Fails: EF0203, EF0206, EF0207, EF0208.
Result<std::vector<std::vector<Value>>> bind_rows(const syntax::InsertValues& node,
                                                  const Stream& stream, const Registry& registry);

}  // namespace eventflux::semantic
