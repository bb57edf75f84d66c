#pragma once

#include "plan/plan.hpp"

namespace eventflux::plan {

/// Returns the operators of an app: sources, what they decode, streams and the queries that read
/// them, sinks. No two run as one yet. `changes`: aggregates over every sliding window are made of
/// the rows that come and leave, not only where INSERT asks for those that leave.
std::vector<Operator> build_tree(const semantic::App& app, bool changes);

}  // namespace eventflux::plan
