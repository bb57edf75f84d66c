#include "runtime/graph/operator.hpp"

#include <algorithm>

namespace eventflux::runtime {

std::string_view drop_reason_name(DropReason reason) {
  constexpr std::array<std::string_view, drop_reasons> names{"filtered", "failed",    "late",
                                                             "ahead",    "duplicate", "unmatched"};
  return names[static_cast<std::size_t>(reason)];
}

RowCounts Operator::row_counts() const {
  RowCounts counts{counters.in, counters.out, counters.held, {}};
  for (std::size_t reason = 0; reason < drop_reasons; ++reason)
    counts.dropped[reason] = counters.dropped[reason];
  if (index_ == nullptr) return counts;
  const std::uint64_t offered = std::max<std::uint64_t>(index_->in, counts.in);
  counts.dropped[static_cast<std::size_t>(DropReason::filtered)] += offered - counts.in;
  counts.in = offered;
  return counts;
}

Selection Operator::reject(const Batch& batch, const RowErrors& errors, Selection left) {
  if (errors.empty()) return left;
  for (const RowErrors::Entry& entry : errors.entries()) {
    counters.drop(entry.error.code == Code::late_row        ? DropReason::late
                  : entry.error.code == Code::too_far_ahead ? DropReason::ahead
                                                            : DropReason::failed,
                  1);
  }
  if (row_errors == nullptr || !row_errors->rejected(*this, batch, errors)) return left;
  std::uint32_t stop = UINT32_MAX;
  for (const RowErrors::Entry& entry : errors.entries())
    stop = std::min(stop, entry.row);
  std::uint32_t before = 0;
  while (before < left.count && left[before] < stop)
    ++before;
  return {left.rows, before};
}

void Operator::drop(DropReason reason, const Batch& batch, const FirstDropped& dropped) {
  if (dropped.rows == 0) return;
  counters.drop(reason, dropped.rows);
  if (row_errors != nullptr) row_errors->dropped(batch, dropped.row, dropped.error, dropped.rows);
}

}  // namespace eventflux::runtime
