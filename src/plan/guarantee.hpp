#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace eventflux::plan {

/// Computes the guarantee of every path from a source to a sink: the least of source, sink, mode
/// and whether positions survive a restart. Operators are atomic and never lower it. Fails: EF0341
/// when @app(delivery='effectively_once') is more than a path can give.
Result<std::vector<Guarantee>> guarantees(const semantic::App& app, bool durable);

}  // namespace eventflux::plan
