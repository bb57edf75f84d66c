#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eventflux/extension.hpp"
#include "eventflux/program.hpp"

#include "model/variables.hpp"
#include "plan/plan.hpp"
#include "syntax/diagnostic.hpp"

namespace eventflux {

/// Registers every extension that was built in.
void register_extensions(Registry& registry);

}  // namespace eventflux

namespace eventflux::engine {

/// A compiled program, and all that was found in its text.
/// Shape: `plan` is complete when ok(); diagnostics are in the order of the text, warnings
/// included.
struct Compiled {
  plan::Plan plan;
  std::vector<syntax::Diagnostic> diagnostics;
  bool failed = false;
  bool bad_override = false;  ///< What failed is an override and not the text.

  bool ok() const { return !failed; }

  /// Returns the first error. Fails: undefined when ok().
  Error first_error() const;
};

struct CompileOptions {
  bool durable = false;  ///< A state directory will be in use.
  std::vector<Override> overrides{};
  std::string file{};  ///< Path of the program: names the app where @app(name) does not.
  model::VariableLookup variables = model::defaults_only();  ///< Those of @app.
  bool fuse = true;  ///< False: each step of a query runs as an operator of its own; for tests.
};

/// Parses, binds and plans a program. Owns: the plan borrows extensions from `registry`.
Compiled compile(std::string_view text, const Registry& registry,
                 const CompileOptions& options = {});

/// Reads variables from the environment, and from regular files that no others can read.
/// Owns: `files` outlives the lookup.
model::VariableLookup system_variables(FileSystem& files);

}  // namespace eventflux::engine
