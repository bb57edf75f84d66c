#pragma once

#include "semantic/bound.hpp"

namespace eventflux::plan {

/// Moves WHERE in front of a window that rows leave by time alone, or that there is none of: which
/// rows leave does not depend on which others are there, so filtering first keeps less.
void push_filter(semantic::Query& query);

}  // namespace eventflux::plan
