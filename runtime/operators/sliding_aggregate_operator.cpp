#include "runtime/operators/sliding_aggregate_operator.hpp"

#include "runtime/operators/group_state_codec.hpp"

namespace eventflux::runtime {
namespace {

// With more, fetching ahead costs less than waiting; with fewer, more. Benchmark: `micro/windows`.
constexpr std::uint32_t groups_in_cache = 1000;
constexpr std::uint32_t uncounted_mark = 0xFFFFFFFFU;

// Aligned, a partition is a group: its record holds the key and the states. Else partitions hold
// their members, and groups their states.
enum Section : std::uint8_t { window_section, partition_section, group_section };

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
      partitions_(input_.partition_types()),
      index_(input_.key_types()),
      states_(slide_ops_of(aggregates_)),
      partition_of_row_(batch_rows_max),
      groups_(batch_rows_max),
      partition_(batch_rows_max),
      time_(batch_rows_max),
      leaving_(batch_rows_max),
      ends_(batch_rows_max),
      results_(result_vectors(aggregates_)) {}

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
    states_.grow(partitions_.size());
  } else {
    index_.resolve(input_.keys(), rows, groups_.data());
    states_.grow(index_.size());
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
  if (members_.size() < partitions_.size()) members_.resize(partitions_.size());
  expired_.clear();
  counted_.fill(0);
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    Members& members = members_[partition_[i]];
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
  SlideBatch slide{.lane = {},
                   .groups = groups_.data(),
                   .rows = rows,
                   .expired = expired_.data(),
                   .ends = ends_.data(),
                   .counted = all ? nullptr : counted_.data(),
                   .leaving = aligned_ ? leaving_.data() : nullptr,
                   .scattered = states_.size() > groups_in_cache};
  for (std::size_t i = 0; i < aggregates_.size(); ++i) {
    ColumnWriter out = results_[i].writer(&arena_);
    out.errors = &failed;
    slide.lane = states_.lane(i);
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
  if (aligned_) return changed_partitions_.mark(groups_.data(), rows, partitions_.size());
  changed_partitions_.mark(partition_of_row_.data(), rows, partitions_.size());
  changed_groups_.mark(groups_.data(), rows, index_.size());
  for (const std::uint32_t group : expired_)
    changed_groups_.mark(group);
}

std::uint32_t SlidingAggregateOperator::snapshot(DeltaWriter& writer) {
  if (!changed_partitions_.any()) return 0;
  SnapshotWriter window;
  window_->snapshot(window);
  compaction_.begin(stored_window_.note(window.take()) + changed_partitions_.count() +
                    changed_groups_.count());
  stored_window_.write(writer, window_section, compaction_, {0, window_section});
  write_partitions(compaction_.take({0, partition_section}, partitions_.size()), writer);
  GroupStateCodec{index_, &states_}.write(
      group_section, 0, changed_groups_,
      compaction_.take({0, group_section}, aligned_ ? 0 : index_.size()), writer);
  return compaction_.end();
}

void SlidingAggregateOperator::write_partitions(std::pair<std::uint32_t, std::uint32_t> share,
                                                DeltaWriter& writer) {
  writer.block(partition_section, 0);
  changed_partitions_.take(share.first, share.second, partitions_.size(),
                           [&](std::uint32_t partition) {
                             SnapshotWriter& record = writer.record(partition);
                             partitions_.save(partition, record);
                             if (aligned_) return states_.save(partition, record);
                             const Members& members = members_[partition];
                             record.put(members.size());
                             for (std::uint32_t i = 0; i < members.size(); ++i)
                               record.put(members[i]);
                           });
}

Result<void> SlidingAggregateOperator::restore(const MergedState& records) {
  EF_TRY(const std::string window, BlobState::restore(records, window_section));
  SnapshotReader reader(window);
  EF_CHECK(window_->restore(reader));
  EF_CHECK(read_partitions(records.parts(partition_section)));
  return GroupStateCodec{index_, &states_}.read(records.parts(group_section));
}

Result<void> SlidingAggregateOperator::read_partitions(const MergedState::Parts& parts) {
  for (const std::string_view part : parts) {
    SnapshotReader reader(part);
    EF_CHECK(partitions_.load(reader));
    EF_CHECK(aligned_ ? states_.load(reader) : read_members(reader));
  }
  return {};
}

Result<void> SlidingAggregateOperator::read_members(SnapshotReader& reader) {
  Members& members = members_.emplace_back();
  EF_TRY(const auto size, reader.get<std::uint32_t>());
  for (std::uint32_t i = 0; i < size; ++i) {
    EF_TRY(members.push(), reader.get<std::uint32_t>());
  }
  return {};
}

}  // namespace eventflux::runtime
