// What leaves a window: which instances are due, and what their groups or rows become.
#include <algorithm>
#include <numeric>

#include "runtime/operators/window_aggregate_operator.hpp"

namespace eventflux::runtime {

void WindowAggregateOperator::close_due(std::int64_t due) {
  while (slices_.next_due() <= due) {
    OpenSlice& first = *slices_.slices().begin()->second;
    if (spec_.assigner->merges()) {
      if (first.bounds.end > due) {
        slices_.reschedule(first, first.bounds.end);
      } else {
        close_slice(first, {});
      }
      continue;
    }
    const std::int64_t end = first.key.first;
    const auto instance = spec_.assigner->next_instance(first.bounds, end - 1);
    if (!instance || *instance == first.bounds) {
      close_slice(first, {});
    } else {
      close_instance(first.partition, *instance);
    }
  }
}

/// Emits what a slice holds and forgets it.
void WindowAggregateOperator::close_slice(OpenSlice& slice, Cause cause) {
  const WindowInstance bounds = slice.bounds;
  const Batch shape = begin_close(bounds, cause);
  if (spec_.aggregated) {
    emit_groups(slice, bounds, shape);
  } else {
    emit_rows(slice, bounds, shape);
  }
  finish_close(shape, slice.partition, bounds);
  close(slice);
}

/// Emits an instance from all slices that it holds, the first of which is the first to close. Those
/// that no later instance holds are forgotten.
void WindowAggregateOperator::close_instance(std::uint32_t partition,
                                             const WindowInstance& bounds) {
  const WindowInstance& first = slices_.slices().begin()->second->bounds;
  const std::int64_t length = first.end - first.start;
  std::vector<OpenSlice*> slices;
  for (std::int64_t start = bounds.start; start < bounds.end; start += length)
    if (OpenSlice* slice = slices_.find(partition, start)) slices.push_back(slice);
  const Batch shape = begin_close(bounds, {});
  if (!spec_.aggregated) {
    for (OpenSlice* slice : slices)
      emit_rows(*slice, bounds, shape);
  } else if (slices.size() == 1) {
    emit_groups(*slices.front(), bounds, shape);
  } else {
    if (merged_ == nullptr) {
      merged_ = std::make_unique<OpenSlice>(input_.key_types(), slice_ops_, Schema(), std::nullopt);
    }
    merged_->groups.clear();
    for (OpenSlice* slice : slices)
      merge_groups(*merged_, *slice);
    emit_groups(*merged_, bounds, shape);
  }
  finish_close(shape, partition, bounds);
  for (OpenSlice* slice : slices) {
    const auto next = spec_.assigner->next_instance(slice->bounds, bounds.end);
    next ? slices_.reschedule(*slice, next->end) : close(*slice);
  }
}

/// Adds the groups of a slice whose rows came later.
void WindowAggregateOperator::merge_groups(OpenSlice& into, OpenSlice& from) {
  for (std::uint32_t first = 0; first < from.groups.end(); first += batch_rows_max) {
    const std::uint32_t count = std::min(from.groups.end() - first, batch_rows_max);
    columns_.clear();
    key_columns_.append(from.groups, first, count, columns_);
    into.groups.resolve(columns_, {nullptr, count}, merged_numbers_.data());
    std::iota(group_numbers_.begin(), group_numbers_.begin() + count, first);
    for (std::size_t i = 0; i < spec_.aggregates.size(); ++i) {
      if (spec_.aggregates[i]->forever || !sharing_.owns(i)) continue;
      const std::size_t place = sharing_.place(i);
      spec_.aggregates[i]->merge({into.groups.lane(place), merged_numbers_.data()},
                                 {from.groups.lane(place), group_numbers_.data()}, count);
    }
    if (!has_forever_) continue;
    const std::size_t forever = sharing_.size();
    for (std::uint32_t i = 0; i < count; ++i)
      into.groups.lane(forever).at<std::uint32_t>(merged_numbers_[i]) =
          from.groups.lane(forever).at<std::uint32_t>(first + i);
  }
}

/// Begins what one close emits: rows that carry the end of the instance and the place of its cause.
Batch WindowAggregateOperator::begin_close(const WindowInstance& bounds, Cause cause) {
  Batch shape;
  const bool by_row = cause.batch != nullptr;
  const std::int64_t arrived = by_row ? cause.batch->arrived[cause.row] : processing_.now();
  std::uint32_t origin = 0;
  if (by_row) origin = cause.batch->origin == nullptr ? cause.row : cause.batch->origin[cause.row];
  std::fill(out_time_.begin(), out_time_.end(), bounds.end - 1);
  std::fill(out_arrived_.begin(), out_arrived_.end(), arrived);
  std::fill(out_origin_.begin(), out_origin_.end(), origin);
  shape.time = out_time_.data();
  shape.arrived = out_arrived_.data();
  shape.origin = out_origin_.data();
  shape.first_sequence = by_row ? cause.batch->first_sequence : 0;
  return shape;
}

void WindowAggregateOperator::append_result(OpenSlice& slice, std::size_t aggregate,
                                            GroupRange groups, RowErrors& failed) {
  const AggregateFunction& function = *spec_.aggregates[aggregate];
  if (function.forever) {
    const StateLane numbers = slice.groups.lane(sharing_.size());
    for (std::uint32_t i = 0; i < groups.count; ++i)
      group_numbers_[i] = numbers.at<std::uint32_t>(groups.first + i);
  } else {
    std::iota(group_numbers_.begin(), group_numbers_.begin() + groups.count, groups.first);
  }
  ColumnWriter out = results_[aggregate].writer(&arena_);
  out.errors = &failed;
  const StateLane lane =
      function.forever ? forever_.lane(aggregate) : slice.groups.lane(sharing_.place(aggregate));
  function.result(lane, group_numbers_.data(), groups.count, out);
  columns_.push_back(results_[aggregate].column(out));
}

void WindowAggregateOperator::emit_groups(OpenSlice& slice, const WindowInstance& bounds,
                                          const Batch& shape) {
  const std::uint32_t groups = slice.groups.end();
  for (std::uint32_t first = 0; first < groups; first += batch_rows_max) {
    const std::uint32_t count = std::min(groups - first, batch_rows_max);
    arena_.reset();
    columns_.clear();
    key_columns_.append(slice.groups, first, count, columns_);
    RowErrors& failed = output_.begin();
    for (std::size_t i = 0; i < spec_.aggregates.size(); ++i)
      append_result(slice, i, {first, count}, failed);
    Batch rows = shape;
    emit_slice(rows, count, bounds);
  }
}

void WindowAggregateOperator::emit_rows(OpenSlice& slice, const WindowInstance& bounds,
                                        const Batch& shape) {
  for (std::uint32_t first = 0; first < slice.rows.rows(); first += batch_rows_max) {
    const std::uint32_t count = std::min(slice.rows.rows() - first, batch_rows_max);
    const Batch view = slice.rows.view(first, count, slice_columns_);
    columns_.assign(view.columns.begin(), view.columns.end());
    Batch rows = shape;
    output_.begin();
    emit_slice(rows, count, bounds);
  }
}

/// Completes `columns_` with the bounds, evaluates the output and emits or collects it.
void WindowAggregateOperator::emit_slice(Batch& slice, std::uint32_t count,
                                         const WindowInstance& bounds) {
  columns_.push_back({Type::timestamp, Shape::constant, &bounds.start, nullptr});
  columns_.push_back({Type::timestamp, Shape::constant, &bounds.end, nullptr});
  slice.rows = count;
  slice.selection = {nullptr, count};
  slice.columns = columns_;
  Selection left = output_.evaluate(slice, columns_);
  counters.drop(DropReason::filtered, output_.filtered());
  left = reject(slice, output_.errors(), left);
  if (left.count == 0) return;
  if (spec_.order || collected_) {
    BatchBuilder& rows = spec_.order ? *spec_.order->rows : *collected_;
    rows.append(output_.columns(), left, nullptr);
    return;
  }
  slice.columns = output_.columns();
  slice.selection = left;
  emit(slice);
}

void WindowAggregateOperator::emit_builder(const BatchBuilder& rows, const Batch& shape) {
  for (std::uint32_t first = 0; first < rows.rows(); first += batch_rows_max) {
    const std::uint32_t count = std::min(rows.rows() - first, batch_rows_max);
    Batch slice = shape;
    const Batch view = rows.view(first, count, slice_columns_);
    slice.columns = view.columns;
    slice.rows = count;
    slice.selection = {nullptr, count};
    emit(slice);
  }
}

/// Emits what was collected of one close, and before it what the instance before gives up.
void WindowAggregateOperator::finish_close(const Batch& shape, std::uint32_t partition,
                                           const WindowInstance& bounds) {
  if (!spec_.order && !collected_) {
    if (spec_.ends_emissions) end_emission(shape);
    return;
  }
  if (expiring_ == nullptr) return emit_builder(take_sorted(*spec_.order), shape);
  BatchBuilder rows = spec_.order ? take_sorted(*spec_.order)
                                  : std::exchange(*collected_, BatchBuilder(expiring_->schema()));
  if (const auto before = expiring_->take(partition)) {
    release(partition);
    emit_builder(*before, shape);
  }
  if (spec_.kinds.current) emit_builder(rows, shape);
  if (rows.rows() == 0) return;
  ++use_of(partition).count;
  expiring_->put(partition, std::move(rows), spec_.assigner->next_tick(bounds));
}

/// Emits the rows that leave because the instance after theirs is over and took none.
void WindowAggregateOperator::expire_at_tick() {
  const std::int64_t tick = expiring_->next_due();
  const std::uint32_t partition = expiring_->first_due();
  const auto rows = expiring_->take(partition);
  release(partition);
  emit_builder(*rows, begin_close({tick, tick}, {}));
}

}  // namespace eventflux::runtime
