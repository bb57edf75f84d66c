#include "runtime/operators/changelog_aggregate_operator.hpp"

#include "runtime/operators/group_state_codec.hpp"

namespace eventflux::runtime {

ChangelogAggregateOperator::ChangelogAggregateOperator(
    KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates, OutputSpec output,
    std::uint64_t seed)
    : input_(std::move(input), seed),
      aggregates_(std::move(aggregates)),
      output_(std::move(output), seed),
      index_(input_.key_types()),
      states_(slide_ops_of(aggregates_)),
      groups_(batch_rows_max),
      ends_(batch_rows_max),
      results_(result_vectors(aggregates_)) {}

void ChangelogAggregateOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  Selection rows = input_.evaluate(batch, errors_);
  counters.drop(DropReason::filtered, input_.filtered());
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  arena_.reset();
  index_.resolve(input_.keys(), rows, groups_.data());
  states_.grow(index_.size());
  if (durable) changed_.mark(groups_.data(), rows, index_.size());
  expired_.clear();
  counted_.fill(0);
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    if (batch.kind_of(rows[i]) == RowKind::expire) {
      expired_.push_back(groups_[rows[i]]);
    } else {
      counted_[i / 64] |= std::uint64_t{1} << (i % 64);
    }
    ends_[i] = static_cast<std::uint32_t>(expired_.size());
  }
  columns_.assign(batch.columns.begin(), batch.columns.end());
  columns_.insert(columns_.end(), input_.keys().begin(), input_.keys().end());
  RowErrors& failed = output_.begin();
  SlideBatch slide{.lane = {},
                   .groups = groups_.data(),
                   .rows = rows,
                   .expired = expired_.data(),
                   .ends = ends_.data(),
                   .counted = counted_.data(),
                   .all_results = true};
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    ColumnWriter out = results_[i].writer(&arena_);
    out.errors = &failed;
    slide.lane = states_.lane(i);
    slide.input = input_.argument(i);
    aggregates_[i]->slide(slide, out);
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

std::uint32_t ChangelogAggregateOperator::snapshot(DeltaWriter& writer) {
  if (!changed_.any()) return 0;
  compaction_.begin(changed_.count());
  const auto share = compaction_.take(CompactionCursor::first_key, index_.size());
  GroupStateCodec{index_, &states_}.write(0, 0, changed_, share, writer);
  return compaction_.end();
}

Result<void> ChangelogAggregateOperator::restore(const MergedState& records) {
  return GroupStateCodec{index_, &states_}.read(records.parts(0));
}

}  // namespace eventflux::runtime
