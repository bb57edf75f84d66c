#pragma once

#include <string>
#include <string_view>

#include "eventflux/extension.hpp"

namespace eventflux::engine {

/// Returns a program's text in which the literal values of parameters that hold secrets are stars,
/// byte for byte, for diagnostics that quote it. It looks at words and not at statements, because a
/// text that does not parse is quoted, too. `${…}` names a secret and is none.
std::string without_secrets(std::string_view text, const Registry& registry);

}  // namespace eventflux::engine
