#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "eventflux/params.hpp"

namespace eventflux::model {

/// Answers what a `${…}` stands for: `kind` is "env", "file" or "checkpoint", `name` the rest.
/// Nothing: there is no such thing. Fails: EF0307 for a file that others can read.
using VariableLookup =
    std::function<Result<std::optional<std::string>>(std::string_view kind, std::string_view name)>;

/// Returns a lookup that knows nothing: every variable takes the default that the text gives it.
VariableLookup defaults_only();

/// Replaces ${env:NAME}, ${env:NAME:-default}, ${NAME}, ${NAME:default} and ${file:/path}. A
/// ${checkpoint.resource.column} is asked for with kind "checkpoint" and name "resource.column",
/// and stays as it is when the answer is nothing. Fails: EF0305 when a variable without a default
/// is missing; what the lookup fails with.
Result<std::string> resolve_variables(std::string_view text, const VariableLookup& lookup);

/// Replaces in all values, none of which is open any more. Fails: EF0305 with the span of the
/// value.
Result<ParamValues> resolve_variables(const ParamValues& values, const VariableLookup& lookup);

/// Returns whether a text holds a variable.
bool has_variable(std::string_view text);

}  // namespace eventflux::model
