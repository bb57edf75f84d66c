#include "runtime/operators/keyed_aggregate_operator.hpp"

namespace eventflux::runtime {

std::vector<StateOps> state_ops_of(const std::vector<const AggregateFunction*>& aggregates) {
  std::vector<StateOps> ops;
  ops.reserve(aggregates.size());
  for (const AggregateFunction* aggregate : aggregates)
    ops.push_back(aggregate->state);
  return ops;
}

std::vector<StateOps> slide_ops_of(const std::vector<const AggregateFunction*>& aggregates) {
  std::vector<StateOps> ops;
  ops.reserve(aggregates.size());
  for (const AggregateFunction* aggregate : aggregates)
    ops.push_back(aggregate->slide_state);
  return ops;
}

std::vector<ColumnVector> result_vectors(const std::vector<const AggregateFunction*>& aggregates) {
  std::vector<ColumnVector> vectors;
  vectors.reserve(aggregates.size());
  for (const AggregateFunction* aggregate : aggregates)
    vectors.emplace_back(aggregate->output);
  return vectors;
}

KeyedAggregateOperator::KeyedAggregateOperator(KeyedInputSpec input,
                                               std::vector<const AggregateFunction*> aggregates,
                                               const std::vector<StateOps>& states,
                                               OutputSpec output, std::uint64_t seed)
    : input_(std::move(input), seed),
      aggregates_(std::move(aggregates)),
      sharing_(input_.reads(), aggregates_.size()),
      output_(std::move(output), seed),
      table_(state_.make<KeyedState>({"groups"}, input_.key_types(), sharing_.states(states))),
      groups_(batch_rows_max),
      results_(result_vectors(aggregates_)) {}

void KeyedAggregateOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  Selection rows = input_.evaluate(batch, errors_);
  counters.drop(DropReason::filtered, input_.filtered());
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  arena_.reset();
  table_.resolve(input_.keys(), rows, groups_.data());
  if (durable) table_.mark(groups_.data(), rows);
  begin(batch, rows);
  columns_.assign(batch.columns.begin(), batch.columns.end());
  columns_.insert(columns_.end(), input_.keys().begin(), input_.keys().end());
  aggregate_rows(rows, output_.begin());
  Batch results = batch;
  results.selection = rows;
  Selection left = output_.evaluate(results, columns_);
  counters.drop(DropReason::filtered, output_.filtered());
  left = reject(batch, output_.errors(), left);
  if (left.count == 0) return;
  results.columns = output_.columns();
  results.selection = left;
  emit(results);
}

/// Takes the rows into all aggregates and appends the columns of their results.
void KeyedAggregateOperator::aggregate_rows(Selection rows, RowErrors& failed) {
  writers_.clear();
  for (ColumnVector& result : results_) {
    writers_.push_back(result.writer(&arena_));
    writers_.back().errors = &failed;
  }
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    if (!sharing_.owns(i)) continue;
    others_.clear();
    for (const std::uint32_t reader : sharing_.readers(i))
      others_.push_back({aggregates_[reader]->write, &writers_[reader]});
    apply(i, rows, writers_[i], others_);
  }
  for (std::size_t i = 0; i < aggregates_.size(); ++i)
    columns_.push_back(results_[i].column(writers_[i]));
}

}  // namespace eventflux::runtime
