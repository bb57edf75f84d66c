#include "runtime/operators/stream_operator.hpp"

#include <algorithm>
#include <limits>

#include "base/assert.hpp"

namespace eventflux::runtime {

void StreamOperator::set_event_time(EventTime spec, TimeDomain& domain, TimeDomain& processing) {
  event_time_ = spec;
  domain_ = &domain;
  processing_ = &processing;
  watermark_ = Watermark({spec.delay_us, spec.idle_us});
  time_.resize(batch_rows_max);
  watermarks_.resize(batch_rows_max);
  kept_.resize(batch_rows_max);
}

void StreamOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  if (event_time_) return take_event_time(batch);
  emit(batch);
}

void StreamOperator::on_start(std::int64_t now) {
  if (!event_time_) return;
  watermark_.start(now);
  timers_changed();
  domain_->set_idle(watermark_.all_idle());
}

std::uint32_t StreamOperator::partition_of(const Batch& batch) const {
  return batch.partition == 0 ? 0 : partitions_[batch.partition - 1];
}

void StreamOperator::set_partition(std::uint32_t id, PartitionState state, std::string_view name) {
  if (!event_time_) return;
  switch (state) {
    case PartitionState::reading:
      partitions_.resize(std::max<std::size_t>(partitions_.size(), id));
      partitions_[id - 1] = watermark_.open(name, processing_->now());
      break;
    case PartitionState::caught_up:
      watermark_.caught_up(partitions_[id - 1]);
      break;
    case PartitionState::ended:
    case PartitionState::revoked:
      watermark_.end(partitions_[id - 1]);
      break;
  }
  follow_watermark();
}

/// Moves the stream's clock to its watermark.
void StreamOperator::follow_watermark() {
  timers_changed();
  domain_->advance(watermark_.value());
  domain_->set_idle(watermark_.all_idle());
}

bool StreamOperator::read_time(const Column& column, std::uint32_t row) {
  const std::string& name = schema_.fields[event_time_->column].name;
  if (column.is_null(row)) {
    errors_.fail(row, {Code::missing_field, name + ": event time is NULL"});
    return false;
  }
  std::int64_t value = column.at<std::int64_t>(row);
  const bool overflows = event_time_->milliseconds && __builtin_mul_overflow(value, 1000, &value);
  if (overflows || value < earliest_time || value > latest_time) {
    errors_.fail(
        row, {Code::out_of_range,
              name + ": event time " + std::to_string(column.at<std::int64_t>(row)) +
                  (event_time_->milliseconds ? " ms" : " us") + " lies outside the years 1 to 9999",
              "BIGINT event times count milliseconds since 1970"});
    return false;
  }
  time_[row] = value;
  return true;
}

/// Returns the latest time that a row may have which arrives at `arrived`.
std::int64_t StreamOperator::latest_allowed(std::int64_t arrived) const {
  std::int64_t latest = 0;
  return __builtin_add_overflow(arrived, event_time_->ahead_us, &latest) ? never : latest;
}

/// Says that rows come: their partition counts from now on.
void StreamOperator::enter(const Batch& batch) {
  watermark_.enter(partition_of(batch), batch.arrived[batch.selection[batch.size() - 1]]);
  timers_changed();
  domain_->set_idle(false);
}

/// Hands on a batch in which no row is late and none closes anything, as it is; returns whether it
/// did. Agrees with take_event_time(), which stays for all other batches.
bool StreamOperator::hand_on_whole(const Batch& batch) {
  const Column& column = batch.columns[event_time_->column];
  const bool plain = column.shape == Shape::flat && column.valid == nullptr;
  if (!plain || event_time_->milliseconds) return false;
  const auto* times = column.data<std::int64_t>();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = std::numeric_limits<std::int64_t>::min();
  for_each_row(batch.selection, [&](std::uint32_t row) {
    least = std::min(least, times[row]);
    most = std::max(most, times[row]);
  });
  const std::uint32_t first = batch.selection[0];
  const std::uint32_t last = batch.selection[batch.size() - 1];
  const std::int64_t latest = std::min(latest_time, latest_allowed(batch.arrived[first]));
  if (least < earliest_time || most > latest) return false;
  most = std::max(most, watermark_.seen());
  const std::int64_t end = watermark_.after(most);
  if (least < end && event_time_->late != LateAction::accept) return false;
  processing_->restore(std::max(processing_->now(), batch.arrived[first]));
  const std::int64_t begin = watermark_.after(std::max(watermark_.seen(), times[first]));
  domain_->advance(begin);
  if (end >= domain_->limit(begin)) return false;
  watermark_.see(most);
  Batch whole = batch;
  whole.time = times;
  emit(whole);
  processing_->restore(std::max(processing_->now(), batch.arrived[last]));
  domain_->advance(end);
  return true;
}

/// Returns whether a row may move event time: its time is known and not too far ahead.
bool StreamOperator::keep_in_bounds(const Batch& batch, std::uint32_t row, Dropped& dropped) {
  if (!read_time(batch.columns[event_time_->column], row)) return false;
  const std::int64_t latest = latest_allowed(batch.arrived[row]);
  if (time_[row] <= latest) return true;
  switch (event_time_->ahead) {
    case AheadAction::reject:
      errors_.fail(row, row_ahead(row, batch.arrived[row]));
      return false;
    case AheadAction::drop:
      dropped.ahead.add(row, [&] { return row_ahead(row, batch.arrived[row]); });
      return false;
    case AheadAction::clamp:
      time_[row] = latest;
      return true;
  }
  return true;
}

/// Returns whether a row that is late goes on.
bool StreamOperator::keep_late(std::uint32_t row, Dropped& dropped) {
  switch (event_time_->late) {
    case LateAction::accept:
      return true;
    case LateAction::reject:
      errors_.fail(row, late_row(row));
      return false;
    case LateAction::drop:
      dropped.late.add(row, [&] { return late_row(row); });
      return false;
  }
  return true;
}

/// Leaves the rows that are in time in `kept_`, each with its watermark; returns how many.
std::uint32_t StreamOperator::keep_timely(const Batch& batch) {
  Dropped dropped;
  std::uint32_t count = 0;
  for_each_row(batch.selection, [&](std::uint32_t row) {
    if (!keep_in_bounds(batch, row, dropped)) return;
    if (time_[row] < watermark_.value() && !keep_late(row, dropped)) return;
    watermarks_[count] = watermark_.see(time_[row]);
    kept_[count++] = static_cast<std::uint16_t>(row);
  });
  drop(DropReason::late, batch, dropped.late);
  drop(DropReason::ahead, batch, dropped.ahead);
  return count;
}

Error StreamOperator::late_row(std::uint32_t row) const {
  return {Code::late_row, "time " + to_text(Timestamp{time_[row]}) + " is before the watermark " +
                              to_text(Timestamp{watermark_.value()})};
}

Error StreamOperator::row_ahead(std::uint32_t row, std::int64_t arrived) const {
  return {Code::too_far_ahead,
          "time " + to_text(Timestamp{time_[row]}) + " is more than " +
              to_text(Duration(event_time_->ahead_us)) + " ahead of the arrival at " +
              to_text(Timestamp{arrived}),
          "write WATERMARK FOR … MAX AHEAD with a longer duration"};
}

/// A row first moves the watermark; what is due fires; then the row is handed on.
void StreamOperator::take_event_time(const Batch& batch) {
  if (batch.size() == 0) return;
  enter(batch);
  if (hand_on_whole(batch)) return;
  errors_.clear();
  const std::uint32_t count = keep_timely(batch);
  const Selection kept = reject(batch, errors_, {kept_.data(), count});
  hand_on_kept(batch, kept.count);
}

void StreamOperator::hand_on_kept(const Batch& batch, std::uint32_t count) {
  for (std::uint32_t first = 0; first < count;) {
    // What this row closes leaves when the row arrived, however rows were cut into batches. No
    // timer of processing time can be due: the graph hands on rows before which none is.
    processing_->restore(std::max(processing_->now(), batch.arrived[kept_[first]]));
    domain_->advance(watermarks_[first]);
    const std::int64_t limit = domain_->limit(watermarks_[first]);
    const bool all = watermarks_[count - 1] < limit;
    std::uint32_t last = all ? count : first + 1;
    while (last < count && watermarks_[last] < limit)
      ++last;
    hand_on(batch, first, last - first);
    first = last;
    if (first < count) domain_->settle();
  }
  if (count == 0) return;
  processing_->restore(std::max(processing_->now(), batch.arrived[kept_[count - 1]]));
  domain_->advance(watermarks_[count - 1]);
}

void StreamOperator::hand_on(const Batch& batch, std::uint32_t first, std::uint32_t count) {
  Batch part = batch;
  part.time = time_.data();
  part.selection = {kept_.data() + first, count};
  emit(part);
}

std::int64_t StreamOperator::next_due() const {
  return event_time_ ? watermark_.next_due() : never;
}

void StreamOperator::on_time(std::int64_t due) {
  watermark_.on_time(due);
  follow_watermark();
}

std::uint32_t StreamOperator::snapshot(DeltaWriter& writer) {
  SnapshotWriter state;
  watermark_.save(state, processing_->now());
  return stored_.write_alone(state.take(), writer);
}

Result<void> StreamOperator::restore(const MergedState& records) {
  EF_TRY(const std::string state, BlobState::restore(records));
  SnapshotReader reader(state);
  EF_CHECK(watermark_.load(reader));
  timers_changed();
  return {};
}

}  // namespace eventflux::runtime
