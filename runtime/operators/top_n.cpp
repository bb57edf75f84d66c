#include "runtime/operators/top_n.hpp"

#include <algorithm>

namespace eventflux::runtime {
namespace {

constexpr std::uint32_t slack_rows = 16;

void append_row(const Batch& from, std::uint32_t row, BatchBuilder& to) {
  for (std::size_t c = 0; c < to.width(); ++c)
    to.column(c).append_from(from.columns[c], row);
  to.end_row(Timestamp{from.time[row]});
}

}  // namespace

std::uint32_t TopN::add(const Batch& batch, Selection rows, BatchBuilder& kept) {
  std::uint32_t changed = kept.rows();
  if (spec_.count == 0) return changed;
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    if (heap_.size() == spec_.count) {
      i = skip_worse(batch, rows, i);
      if (i == rows.count) break;
      if (!comes_before(spec_.keys, {batch.columns, rows[i]}, {columns_, heap_.front()})) continue;
    }
    append_row(batch, rows[i], kept);
    kept.view(0, kept.rows(), columns_);
    enter(kept.rows() - 1);
    if (kept.rows() < 2 * spec_.count + slack_rows) continue;
    compact(kept);
    changed = 0;
  }
  return changed;
}

void TopN::rebuild(const BatchBuilder& kept) {
  heap_.clear();
  if (spec_.count == 0) return;
  kept.view(0, kept.rows(), columns_);
  for (std::uint32_t row = 0; row < kept.rows(); ++row)
    if (heap_.size() < spec_.count || worse(heap_.front(), row)) enter(row);
}

/// A row that arrived later is worse than its equal.
bool TopN::worse(std::uint32_t a, std::uint32_t b) const {
  if (comes_before(spec_.keys, {columns_, b}, {columns_, a})) return true;
  return a > b && !comes_before(spec_.keys, {columns_, a}, {columns_, b});
}

void TopN::enter(std::uint32_t row) {
  const auto better = [this](std::uint32_t a, std::uint32_t b) { return worse(b, a); };
  if (heap_.size() == spec_.count) {
    std::pop_heap(heap_.begin(), heap_.end(), better);
    heap_.pop_back();
  }
  heap_.push_back(row);
  std::push_heap(heap_.begin(), heap_.end(), better);
}

/// Drops rows that are no longer among the best. Numbers of rows change, their order does not.
void TopN::compact(BatchBuilder& kept) {
  std::vector<std::uint32_t> best = heap_;
  std::sort(best.begin(), best.end());
  const Batch all = kept.view(0, kept.rows(), columns_);
  BatchBuilder left(schema_);
  for (const std::uint32_t row : best)
    append_row(all, row, left);
  for (std::uint32_t& row : heap_) {
    row =
        static_cast<std::uint32_t>(std::lower_bound(best.begin(), best.end(), row) - best.begin());
  }
  kept = std::move(left);
  kept.view(0, kept.rows(), columns_);
}

/// Most rows fail the first comparison, so that of whole numbers is a loop of its own.
std::uint32_t TopN::skip_worse(const Batch& batch, Selection rows, std::uint32_t next) const {
  const OrderKey& key = spec_.keys.front();
  const Column& column = batch.columns[key.column];
  const Column& kept = columns_[key.column];
  const bool whole = column.type == Type::int64 || column.type == Type::timestamp;
  if (!whole || column.valid != nullptr || column.shape != Shape::flat) return next;
  if (kept.is_null(heap_.front())) return next;
  const auto* values = column.data<std::int64_t>();
  const std::int64_t worst = kept.at<std::int64_t>(heap_.front());
  if (key.descending) {
    while (next < rows.count && values[rows[next]] < worst)
      ++next;
  } else {
    while (next < rows.count && values[rows[next]] > worst)
      ++next;
  }
  return next;
}

}  // namespace eventflux::runtime
