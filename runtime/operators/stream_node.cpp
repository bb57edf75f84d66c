#include "runtime/operators/stream_node.hpp"

#include <algorithm>
#include <limits>

#include "base/assert.hpp"

namespace eventflux::runtime {

void StreamNode::set_event_time(EventTime spec, TimeDomain& domain, TimeDomain& processing) {
  event_time_ = spec;
  domain_ = &domain;
  processing_ = &processing;
  time_.resize(batch_rows_max);
  watermark_.resize(batch_rows_max);
  kept_.resize(batch_rows_max);
}

void StreamNode::set_writers(std::uint32_t count) {
  if (count < 2) return;
  waiting_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    waiting_.emplace_back(schema_);
}

void StreamNode::on_batch(Port port, const Batch& batch) {
  received(batch);
  if (event_time_) return take_event_time(batch);
  if (port == 0 || waiting_.empty()) return emit(batch);
  keep(waiting_[port - 1], batch);
}

bool StreamNode::read_time(const Column& column, std::uint32_t row) {
  if (column.is_null(row)) {
    errors_.fail(row, {Code::missing_field,
                       schema_.fields[event_time_->column].name + ": event time is NULL"});
    return false;
  }
  const std::int64_t value = column.at<std::int64_t>(row);
  time_[row] = event_time_->milliseconds ? value * 1000 : value;
  return true;
}

/// Hands on a batch in which no row is late and none closes anything, as it is; returns whether it
/// did. Agrees with take_event_time(), which stays for all other batches.
bool StreamNode::hand_on_whole(const Batch& batch) {
  const Column& column = batch.columns[event_time_->column];
  const bool plain = column.shape == Shape::flat && column.valid == nullptr;
  if (!plain || event_time_->milliseconds || batch.size() == 0) return false;
  const auto* times = column.data<std::int64_t>();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = seen_;
  for_each_row(batch.selection, [&](std::uint32_t row) {
    least = std::min(least, times[row]);
    most = std::max(most, times[row]);
  });
  const std::int64_t delay = event_time_->delay_us;
  const bool none_late = least >= most - delay || event_time_->late == LateAction::accept;
  if (!none_late) return false;
  const std::uint32_t first = batch.selection[0];
  const std::uint32_t last = batch.selection[batch.size() - 1];
  last_arrival_ = batch.arrived[last];
  domain_->set_idle(false);
  processing_->restore(std::max(processing_->now(), batch.arrived[first]));
  const std::int64_t watermark = std::max(seen_, times[first]) - delay;
  domain_->advance(watermark);
  if (most - delay >= domain_->limit(watermark)) return false;
  seen_ = most;
  Batch whole = batch;
  whole.time = times;
  emit(whole);
  processing_->restore(std::max(processing_->now(), batch.arrived[last]));
  domain_->advance(most - delay);
  return true;
}

/// Leaves the rows that are in time in `kept_`, each with its watermark; returns how many.
std::uint32_t StreamNode::keep_timely(const Batch& batch) {
  const Column& column = batch.columns[event_time_->column];
  std::uint32_t count = 0;
  std::uint64_t late = 0;
  for_each_row(batch.selection, [&](std::uint32_t row) {
    if (!read_time(column, row)) return;
    const bool is_late = seen_ != TimeDomain::start && time_[row] < seen_ - event_time_->delay_us;
    if (is_late && event_time_->late != LateAction::accept) {
      ++late;
      if (event_time_->late == LateAction::reject) errors_.fail(row, late_row(row));
      return;
    }
    seen_ = std::max(seen_, time_[row]);
    watermark_[count] = seen_ - event_time_->delay_us;
    kept_[count++] = static_cast<std::uint16_t>(row);
  });
  if (event_time_->late != LateAction::reject) counters.drop(DropReason::late, late);
  return count;
}

Error StreamNode::late_row(std::uint32_t row) const {
  return {Code::late_row, "time " + to_text(Timestamp{time_[row]}) + " is behind the watermark " +
                              to_text(Timestamp{seen_ - event_time_->delay_us})};
}

/// A row first moves the watermark; what is due fires; then the row is handed on.
void StreamNode::take_event_time(const Batch& batch) {
  if (hand_on_whole(batch)) return;
  errors_.clear();
  const std::uint32_t count = keep_timely(batch);
  if (batch.size() != 0) {
    last_arrival_ = batch.arrived[batch.selection[batch.size() - 1]];
    domain_->set_idle(false);
  }
  reject(batch, errors_);
  hand_on_kept(batch, count);
}

void StreamNode::hand_on_kept(const Batch& batch, std::uint32_t count) {
  for (std::uint32_t first = 0; first < count;) {
    // What this row closes leaves when the row arrived, however rows were cut into batches. No
    // timer of processing time can be due: the graph hands on rows before which none is.
    processing_->restore(std::max(processing_->now(), batch.arrived[kept_[first]]));
    domain_->advance(watermark_[first]);
    const std::int64_t limit = domain_->limit(watermark_[first]);
    const bool all = watermark_[count - 1] < limit;
    std::uint32_t last = all ? count : first + 1;
    while (last < count && watermark_[last] < limit)
      ++last;
    hand_on(batch, first, last - first);
    first = last;
    if (first < count) domain_->settle();
  }
  if (count == 0) return;
  processing_->restore(std::max(processing_->now(), batch.arrived[kept_[count - 1]]));
  domain_->advance(watermark_[count - 1]);
}

void StreamNode::hand_on(const Batch& batch, std::uint32_t first, std::uint32_t count) {
  Batch part = batch;
  part.time = time_.data();
  part.selection = {kept_.data() + first, count};
  emit(part);
}

std::int64_t StreamNode::next_due() const {
  if (!event_time_ || event_time_->idle_us == 0 || last_arrival_ == never) return never;
  return last_arrival_ + event_time_->idle_us;
}

void StreamNode::on_time(std::int64_t) {
  last_arrival_ = never;
  domain_->set_idle(true);
}

void StreamNode::keep(Waiting& waiting, const Batch& batch) {
  waiting.first_sequence = batch.first_sequence;
  for (std::uint32_t i = 0; i < batch.size(); ++i) {
    const std::uint32_t row = batch.selection[i];
    for (std::size_t c = 0; c < batch.columns.size(); ++c)
      waiting.rows.column(c).append_from(batch.columns[c], row);
    waiting.rows.end_row(Timestamp{batch.time[row]});
    waiting.origin.push_back(batch.origin == nullptr ? row : batch.origin[row]);
    waiting.arrived.push_back(batch.arrived[row]);
  }
}

void StreamNode::flush() {
  if (waiting_.empty()) return;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> order;  // writer, row
  for (std::uint32_t w = 0; w < waiting_.size(); ++w) {
    for (std::uint32_t row = 0; row < waiting_[w].origin.size(); ++row)
      order.emplace_back(w, row);
  }
  if (order.empty()) return;
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return waiting_[a.first].origin[a.second] < waiting_[b.first].origin[b.second];
  });
  emit_merged(order);
  for (Waiting& waiting : waiting_) {
    waiting.rows.clear();
    waiting.origin.clear();
    waiting.arrived.clear();
  }
}

void StreamNode::emit_merged(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& order) {
  BatchBuilder merged(schema_);
  std::vector<std::uint32_t> origin;
  std::vector<std::int64_t> arrived;
  std::vector<std::vector<Column>> columns(waiting_.size());
  std::vector<Batch> views;
  for (std::size_t w = 0; w < waiting_.size(); ++w)
    views.push_back(waiting_[w].rows.view(0, waiting_[w].rows.rows(), columns[w]));
  for (const auto& [writer, row] : order) {
    for (std::size_t c = 0; c < schema_.size(); ++c)
      merged.column(c).append_from(columns[writer][c], row);
    merged.end_row(Timestamp{views[writer].time[row]});
    origin.push_back(waiting_[writer].origin[row]);
    arrived.push_back(waiting_[writer].arrived[row]);
  }
  for (std::uint32_t first = 0; first < merged.rows(); first += batch_rows_max) {
    Batch batch = merged.view(first, std::min(merged.rows() - first, batch_rows_max), columns_);
    batch.arrived = arrived.data() + first;
    batch.origin = origin.data() + first;
    batch.first_sequence = waiting_[order[first].first].first_sequence;
    emit(batch);
  }
}

std::uint32_t StreamNode::snapshot(SegmentWriter& writer) {
  SnapshotWriter state;
  state.put(seen_);
  return stored_.write_alone(state.take(), writer);
}

Result<void> StreamNode::restore(const SegmentRecords& records) {
  EF_TRY(const std::string state, OpaqueState::restore(records));
  SnapshotReader reader(state);
  EF_TRY(seen_, reader.get<std::int64_t>());
  return {};
}

}  // namespace eventflux::runtime
