#pragma once

#include "plan/plan.hpp"

namespace eventflux::plan {

/// So many filters of a stream have to compare one column with constants before an index pays.
inline constexpr std::size_t indexed_filters_min = 8;

/// Puts an index in front of filters that compare the same column of a stream with constants, so
/// that of many selective queries only those cost time that a batch concerns. An equality goes
/// before an order. What is judged before the comparison must not be able to fail: a row that an
/// index keeps away leaves no error.
/// Shape: before any fusion; every operator is a stage of its own.
void index_filters(std::vector<Operator>& operators);

}  // namespace eventflux::plan
