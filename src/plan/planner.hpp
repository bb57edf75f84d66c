#pragma once

#include "plan/plan.hpp"

namespace eventflux::plan {

struct PlanOptions {
  bool durable = true;  ///< A state directory is in use.
};

/// Turns a bound app into a plan: folds, pushes, orders and names.
/// Fails: EF0341 a guarantee that no path gives, EF0230 one that is not built, EF0344 dead letters
/// without a place to go.
Result<Plan> make_plan(semantic::App app, const PlanOptions& options = {});

}  // namespace eventflux::plan
