#include "runtime/operators/emission_operators.hpp"

#include <algorithm>
#include <numeric>

namespace eventflux::runtime {

EmissionAggregateOperator::EmissionAggregateOperator(
    KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates, std::uint64_t seed)
    : input_(std::move(input), seed),
      aggregates_(std::move(aggregates)),
      sharing_(input_.reads(), aggregates_.size()),
      table_(input_.key_types(), sharing_.states(state_ops_of(aggregates_))),
      keys_(input_.key_types()),
      groups_(batch_rows_max),
      results_(result_vectors(aggregates_)) {}

void EmissionAggregateOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  Selection rows = input_.evaluate(batch, errors_);
  counters.drop(DropReason::filtered, input_.filtered());
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  const std::size_t bounds = batch.columns.size() - 2;
  start_ = batch.columns[bounds].at<std::int64_t>(rows[0]);
  end_ = batch.columns[bounds + 1].at<std::int64_t>(rows[0]);
  table_.resolve(input_.keys(), rows, groups_.data());
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (!sharing_.owns(i)) continue;
    aggregates_[i]->add({table_.lane(sharing_.place(i)), groups_.data(), input_.argument(i), rows});
  }
}

void EmissionAggregateOperator::on_emission_end(const Batch& shape) {
  for (std::uint32_t first = 0; first < table_.size(); first += batch_rows_max) {
    const std::uint32_t count = std::min(table_.size() - first, batch_rows_max);
    arena_.reset();
    errors_.clear();
    columns_.clear();
    keys_.append(table_, first, count, columns_);
    std::iota(groups_.begin(), groups_.begin() + count, first);
    for (std::size_t i = 0; i < aggregates_.size(); ++i) {
      ColumnWriter out = results_[i].writer(&arena_);
      out.errors = &errors_;
      aggregates_[i]->result(table_.lane(sharing_.place(i)), groups_.data(), count, out);
      columns_.push_back(results_[i].column(out));
    }
    columns_.push_back({Type::timestamp, Shape::constant, &start_, nullptr});
    columns_.push_back({Type::timestamp, Shape::constant, &end_, nullptr});
    Batch out = shape;
    out.rows = count;
    out.columns = columns_;
    WithoutFailed without_failed;
    out.selection = reject(out, errors_, without_failed({nullptr, count}, errors_));
    if (out.selection.count != 0) emit(out);
  }
  table_.clear();
  end_emission(shape);
}

void OrderLimitOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  order_.rows->append(batch.columns, batch.selection, nullptr);
}

void OrderLimitOperator::on_emission_end(const Batch& shape) {
  const BatchBuilder sorted = take_sorted(order_);
  for (std::uint32_t first = 0; first < sorted.rows(); first += batch_rows_max) {
    const std::uint32_t count = std::min(sorted.rows() - first, batch_rows_max);
    Batch out = shape;
    out.columns = sorted.view(first, count, columns_).columns;
    out.rows = count;
    out.selection = {nullptr, count};
    emit(out);
  }
  end_emission(shape);
}

void EmitEventsOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  std::uint32_t count = 0;
  for_each_row(batch.selection, [&](std::uint32_t row) {
    if (batch.kind_of(row) == RowKind::expire ? expired_ : current_)
      rows_[count++] = static_cast<std::uint16_t>(row);
  });
  if (count == 0) return;
  Batch out = batch;
  out.kinds = nullptr;
  out.selection = {rows_.data(), count};
  emit(out);
}

}  // namespace eventflux::runtime
