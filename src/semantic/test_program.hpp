#pragma once

#include <string_view>

#include "semantic/bind_app.hpp"
#include "syntax/parser.hpp"

namespace eventflux::semantic {

/// Parses and binds a text, for tests of the layers above. Fails: the first error of either.
inline Result<App> bind_text(std::string_view text, const Registry& registry) {
  const syntax::ParseResult parsed = syntax::parse(text);
  if (!parsed.ok()) return syntax::to_error(parsed.diagnostics.front());
  BindResult bound = bind_app(parsed.statements, registry);
  for (const Diagnostic& diagnostic : bound.diagnostics)
    if (diagnostic.severity == syntax::Severity::error) return syntax::to_error(diagnostic);
  return std::move(bound.app);
}

}  // namespace eventflux::semantic
