#pragma once

#include "semantic/bind_expression.hpp"
#include "semantic/bound.hpp"
#include "syntax/ast_query.hpp"

namespace eventflux::semantic {

/// Binds WINDOW … PER (…), whose keys see the input. Fails: EF0211, EF0230 for a window of the
/// language that is not registered.
Result<Window> bind_window(const syntax::Window& node, const Scope& scope, Binding& binding);

}  // namespace eventflux::semantic
