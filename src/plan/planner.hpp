#pragma once

#include "plan/plan.hpp"

namespace eventflux::plan {

struct PlanOptions {
  bool durable = true;  ///< A state directory is in use.
  bool fuse = true;     ///< False: each step runs as an operator of its own.
};

/// Turns a bound app into a plan: folds and pushes conditions, lays out the operators, decides
/// which of them run as one, and names them. Fails: EF0341 a guarantee that no path gives, EF0230
/// one that is not built, EF0344 dead letters without a place to go.
Result<Plan> make_plan(semantic::App app, const PlanOptions& options = {});

}  // namespace eventflux::plan
