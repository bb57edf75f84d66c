#pragma once

#include "eventflux/extension.hpp"

namespace eventflux::functions::math {

/// Functions whose arguments are DOUBLE or FLOAT.
void register_real(Registry& registry);
/// Functions of INT and BIGINT.
void register_whole(Registry& registry);
/// Functions of DECIMAL.
void register_exact(Registry& registry);

}  // namespace eventflux::functions::math
