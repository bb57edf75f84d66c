#include "runtime/operators/keyed_aggregate_operator.hpp"

#include "runtime/operators/group_state_codec.hpp"

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
      output_(std::move(output), seed),
      index_(input_.key_types()),
      states_(states),
      groups_(batch_rows_max),
      results_(result_vectors(aggregates_)) {}

void KeyedAggregateOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  Selection rows = input_.evaluate(batch, errors_);
  counters.drop(DropReason::filtered, input_.filtered());
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  arena_.reset();
  index_.resolve(input_.keys(), rows, groups_.data());
  states_.grow(index_.size());
  if (durable) changed_.mark(groups_.data(), rows, index_.size());
  begin(batch, rows);
  columns_.assign(batch.columns.begin(), batch.columns.end());
  columns_.insert(columns_.end(), input_.keys().begin(), input_.keys().end());
  RowErrors& failed = output_.begin();
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    ColumnWriter out = results_[i].writer(&arena_);
    out.errors = &failed;
    apply(i, rows, out);
    columns_.push_back(results_[i].column(out));
  }
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

std::uint32_t KeyedAggregateOperator::snapshot(DeltaWriter& writer) {
  if (!changed_.any()) return 0;
  compaction_.begin(changed_.count());
  const auto share = compaction_.take(CompactionCursor::first_key, index_.size());
  GroupStateCodec{index_, &states_}.write(0, 0, changed_, share, writer);
  return compaction_.end();
}

Result<void> KeyedAggregateOperator::restore(const MergedState& records) {
  return GroupStateCodec{index_, &states_}.read(records.parts(0));
}

}  // namespace eventflux::runtime
