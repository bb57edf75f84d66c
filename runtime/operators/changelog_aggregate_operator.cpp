#include "runtime/operators/changelog_aggregate_operator.hpp"

#include "eventflux/window.hpp"

namespace eventflux::runtime {

void ChangelogAggregateOperator::begin(const Batch& batch, Selection rows) {
  expired_.clear();
  counted_.fill(0);
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    if (batch.kind_of(rows[i]) == RowKind::expire) {
      expired_.push_back(groups()[rows[i]]);
    } else {
      counted_[i / 64] |= std::uint64_t{1} << (i % 64);
    }
    ends_[i] = static_cast<std::uint32_t>(expired_.size());
  }
}

void ChangelogAggregateOperator::apply(std::size_t i, Selection rows, ColumnWriter& out,
                                       std::span<const StateReader>) {
  aggregate(i).slide({.lane = lane(i),
                      .groups = groups(),
                      .input = argument(i),
                      .rows = rows,
                      .expired = expired_.data(),
                      .ends = ends_.data(),
                      .counted = counted_.data(),
                      .all_results = true},
                     out);
}

}  // namespace eventflux::runtime
