#pragma once

#include "plan/plan.hpp"

namespace eventflux::plan {

/// Lets a window, what filters its rows, the aggregates over it and the columns that are made of
/// them run as one operator, without rows in between. A sliding window whose leaving rows are asked
/// for stays apart.
void fuse_window_aggregate(std::vector<Operator>& operators, const semantic::App& app);

/// Lets filters and the columns after them run as one operator.
void fuse_filter_project(std::vector<Operator>& operators);

/// Lets steps run as one that nothing runs apart: a batch window holds back what is to expire, for
/// only it knows when the next one is over; of a sliding window without aggregates the arrivals
/// pass, and no operator is left.
void fuse_inseparable(std::vector<Operator>& operators, const semantic::App& app);

}  // namespace eventflux::plan
