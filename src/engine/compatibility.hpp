#pragma once

#include <vector>

#include "plan/plan.hpp"
#include "runtime/state/plan_part.hpp"

namespace eventflux::engine {

/// Returns the parts of a program that own state.
std::vector<runtime::PlanPart> plan_parts(const plan::Plan& plan);

/// Compares a program with the one that stored its state. Parts that are equal, new or gone are no
/// conflict. Fails: EF0705 with the name of a part that is defined otherwise now, and the
/// difference.
Result<void> check_compatible(const plan::Plan& plan, const std::vector<runtime::PlanPart>& stored);

}  // namespace eventflux::engine
