#include "runtime/operators/sliding_aggregate_operator.hpp"

namespace eventflux::runtime {
namespace {

// With more, fetching ahead costs less than waiting; with fewer, more. Benchmark: `micro/windows`.
constexpr std::uint32_t groups_in_cache = 1000;
constexpr std::uint32_t uncounted_mark = 0xFFFFFFFFU;

/// Groups of the rows in one partition, oldest first; uncounted rows carry a mark.
struct Members {
  static constexpr bool relocatable = true;

  SlotRing<std::uint32_t> groups;

  void save(SnapshotWriter& writer) const {
    groups.save(writer, [](std::uint32_t group, SnapshotWriter& to) { to.put(group); });
  }

  Result<void> load(SnapshotReader& reader) {
    return groups.load(reader, [](std::uint32_t& group, SnapshotReader& from) -> Result<void> {
      EF_TRY(group, from.get<std::uint32_t>());
      return {};
    });
  }
};

std::vector<StateOps> partition_ops(bool aligned,
                                    const std::vector<const AggregateFunction*>& aggregates) {
  if (aligned) return slide_ops_of(aggregates);
  return {detail::state_ops<Members>()};
}

}  // namespace

SlidingAggregateOperator::SlidingAggregateOperator(KeyedInputSpec input,
                                                   std::unique_ptr<WindowEvictor> window,
                                                   bool aligned,
                                                   std::vector<const AggregateFunction*> aggregates,
                                                   OutputSpec output, std::uint64_t seed)
    : input_(std::move(input), seed),
      window_(std::move(window)),
      aligned_(aligned && input_.where_all()),
      aggregates_(std::move(aggregates)),
      output_(std::move(output), seed),
      partitions_(state_.make<KeyedState>({"partitions"}, input_.partition_types(),
                                          partition_ops(aligned_, aggregates_))),
      groups_by_key_(
          state_.make<KeyedState>({"groups"}, input_.key_types(), slide_ops_of(aggregates_))),
      partition_of_row_(batch_rows_max),
      groups_(batch_rows_max),
      partition_(batch_rows_max),
      time_(batch_rows_max),
      leaving_(batch_rows_max),
      ends_(batch_rows_max),
      results_(result_vectors(aggregates_)) {
  state_.make<OpaqueState>(
      {"window"}, [this](SnapshotWriter& writer) { window_->snapshot(writer); },
      [this](SnapshotReader& reader) { return window_->restore(reader); });
}

void SlidingAggregateOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  Selection rows = input_.evaluate(batch, errors_);
  counters.drop(DropReason::filtered, input_.filtered());
  rows = reject(batch, errors_, rows);
  if (rows.count == 0) return;
  arena_.reset();
  partitions_.resolve(input_.partition(), rows, partition_of_row_.data());
  if (aligned_) {
    groups_.swap(partition_of_row_);
  } else {
    groups_by_key_.resolve(input_.keys(), rows, groups_.data());
  }
  admit(batch, rows);
  if (durable) mark_changed(rows);
  const Selection counted = aggregate(batch, rows);
  counters.drop(DropReason::filtered, rows.count - counted.count);
  Batch results = batch;
  results.selection = counted;
  Selection left = output_.evaluate(results, columns_);
  counters.drop(DropReason::filtered, output_.filtered());
  left = reject(batch, output_.errors(), left);
  if (left.count == 0) return;
  results.columns = output_.columns();
  results.selection = left;
  emit(results);
}

void SlidingAggregateOperator::admit(const Batch& batch, Selection rows) {
  const std::vector<std::uint32_t>& partitions = aligned_ ? groups_ : partition_of_row_;
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    partition_[i] = partitions[rows[i]];
    time_[i] = batch.time[rows[i]];
  }
  window_->evict({{partition_.data(), rows.count}, {time_.data(), rows.count}},
                 {leaving_.data(), rows.count});
  if (!aligned_) expire_members(rows);
}

void SlidingAggregateOperator::expire_members(Selection rows) {
  const StateLane lane = partitions_.lane(0);
  expired_.clear();
  counted_.fill(0);
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    SlotRing<std::uint32_t>& members = lane.at<Members>(partition_[i]).groups;
    for (std::uint32_t n = 0; n < leaving_[i]; ++n) {
      if (members[0] != uncounted_mark) expired_.push_back(members[0]);
      members.pop();
    }
    ends_[i] = static_cast<std::uint32_t>(expired_.size());
    const bool counts = input_.counts(rows[i]);
    members.push() = counts ? groups_[rows[i]] : uncounted_mark;
    if (counts) counted_[i / 64] |= std::uint64_t{1} << (i % 64);
  }
}

/// Slides all aggregates; returns the rows that counted, and leaves the columns for the output.
Selection SlidingAggregateOperator::aggregate(const Batch& batch, Selection rows) {
  columns_.assign(batch.columns.begin(), batch.columns.end());
  columns_.insert(columns_.end(), input_.keys().begin(), input_.keys().end());
  const bool all = input_.where_all();
  RowErrors& failed = output_.begin();
  const KeyedState& states = aligned_ ? partitions_ : groups_by_key_;
  SlideBatch slide{.lane = {},
                   .groups = groups_.data(),
                   .rows = rows,
                   .expired = expired_.data(),
                   .ends = ends_.data(),
                   .counted = all ? nullptr : counted_.data(),
                   .leaving = aligned_ ? leaving_.data() : nullptr,
                   .scattered = states.size() > groups_in_cache};
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    ColumnWriter out = results_[i].writer(&arena_);
    out.errors = &failed;
    slide.lane = states.lane(i);
    slide.input = input_.argument(i);
    aggregates_[i]->slide(slide, out);
    columns_.push_back(results_[i].column(out));
  }
  if (all) return rows;
  std::uint32_t count = 0;
  for_each_row(rows, [&](std::uint32_t row) {
    if (input_.counts(row)) counted_rows_[count++] = static_cast<std::uint16_t>(row);
  });
  return {counted_rows_.data(), count};
}

void SlidingAggregateOperator::mark_changed(Selection rows) {
  if (aligned_) return partitions_.mark(groups_.data(), rows);
  partitions_.mark(partition_of_row_.data(), rows);
  groups_by_key_.mark(groups_.data(), rows);
  for (const std::uint32_t group : expired_)
    groups_by_key_.mark(group);
}

}  // namespace eventflux::runtime
