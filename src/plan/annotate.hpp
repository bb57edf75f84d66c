#pragma once

#include "plan/plan.hpp"

namespace eventflux::plan {

/// Fills in what follows from where an operator stands: its time, how rows may be divided, the
/// state that it keeps and how it is bounded, its id and label.
void annotate(std::vector<Operator>& operators, const semantic::App& app);

}  // namespace eventflux::plan
