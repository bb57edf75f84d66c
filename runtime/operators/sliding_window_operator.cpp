#include "runtime/operators/sliding_window_operator.hpp"

namespace eventflux::runtime {
namespace {

enum Section : std::uint8_t { window_section, partition_section, row_section, closed_section };

std::vector<Type> types_of(const Projection& projection) {
  std::vector<Type> types;
  for (std::size_t i = 0; i < projection.size(); ++i)
    types.push_back(projection.type(i));
  return types;
}

}  // namespace

SlidingWindowOperator::SlidingWindowOperator(Schema schema, Projection partition,
                                             std::unique_ptr<WindowEvictor> window,
                                             std::uint64_t seed)
    : partition_by_(std::move(partition)),
      window_(std::move(window)),
      seed_(seed),
      partitions_(types_of(partition_by_)),
      log_(schema),
      partition_of_row_(batch_rows_max),
      partition_(batch_rows_max),
      time_(batch_rows_max),
      leaving_(batch_rows_max),
      pending_(std::move(schema)) {}

void SlidingWindowOperator::on_batch(Port, const Batch& batch) {
  received(batch);
  arena_.reset();
  errors_.clear();
  keys_.clear();
  const EvalContext context = context_of(batch, seed_, arena_, errors_);
  partition_by_.evaluate(context, batch.selection, keys_);
  const Selection rows = reject(batch, errors_, without_failed_(batch.selection, errors_));
  if (rows.count == 0) return;
  evict(batch, rows);
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    Members& members = members_[partition_[i]];
    for (std::uint32_t n = 0; n < leaving_[i]; ++n) {
      const RowId oldest = members[0];
      emit_row(log_.at(oldest), batch, rows[i], RowKind::expire);
      members.pop();
      log_.release(oldest);
    }
    const RowId entered = log_.append(batch, rows[i]);
    members.push() = entered;
    emit_row(log_.at(entered), batch, rows[i], RowKind::insert);
  }
  emit_pending(batch);
  counters.held.store(log_.kept(), std::memory_order_relaxed);
}

/// Asks the window how many rows leave before each of these enters.
void SlidingWindowOperator::evict(const Batch& batch, Selection rows) {
  partitions_.resolve(keys_, rows, partition_of_row_.data());
  if (members_.size() < partitions_.size()) members_.resize(partitions_.size());
  if (durable) changed_partitions_.mark(partition_of_row_.data(), rows, partitions_.size());
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    partition_[i] = partition_of_row_[rows[i]];
    time_[i] = batch.time[rows[i]];
  }
  window_->evict({{partition_.data(), rows.count}, {time_.data(), rows.count}},
                 {leaving_.data(), rows.count});
}

void SlidingWindowOperator::emit_row(RowLog::Place row, const Batch& cause, std::uint32_t cause_row,
                                     RowKind kind) {
  if (pending_.rows() == batch_rows_max) emit_pending(cause);
  for (std::size_t c = 0; c < pending_.width(); ++c)
    pending_.column(c).append_from(row.rows->column(c).column(), row.row);
  pending_.end_row(Timestamp{cause.time[cause_row]});
  out_arrived_.push_back(cause.arrived[cause_row]);
  out_origin_.push_back(cause.origin == nullptr ? cause_row : cause.origin[cause_row]);
  out_kinds_.push_back(kind);
}

void SlidingWindowOperator::emit_pending(const Batch& cause) {
  if (pending_.rows() == 0) return;
  Batch out = pending_.view(0, pending_.rows(), columns_);
  out.arrived = out_arrived_.data();
  out.origin = out_origin_.data();
  out.kinds = out_kinds_.data();
  out.first_sequence = cause.first_sequence;
  emit(out);
  pending_.clear();
  out_arrived_.clear();
  out_origin_.clear();
  out_kinds_.clear();
}

std::uint32_t SlidingWindowOperator::snapshot(DeltaWriter& writer) {
  if (!changed_partitions_.any()) return 0;
  SnapshotWriter window;
  window_->snapshot(window);
  compaction_.begin(stored_window_.note(window.take()) + changed_partitions_.count() +
                    log_.changed_entries());
  stored_window_.write(writer, window_section, compaction_, {INT64_MIN, window_section});
  const auto share = compaction_.take({INT64_MIN, partition_section}, partitions_.size());
  writer.block(partition_section, 0);
  changed_partitions_.take(
      share.first, share.second, partitions_.size(), [&](std::uint32_t partition) {
        SnapshotWriter& record = writer.record(partition);
        partitions_.save(partition, record);
        members_[partition].save(record, [](RowId id, SnapshotWriter& to) { to.put(id); });
      });
  log_.write(row_section, closed_section, writer, compaction_);
  return compaction_.end();
}

Result<void> SlidingWindowOperator::restore(const MergedState& records) {
  EF_TRY(const std::string window, BlobState::restore(records, window_section));
  SnapshotReader reader(window);
  EF_CHECK(window_->restore(reader));
  EF_CHECK(log_.read(row_section, closed_section, records));
  for (const std::string_view part : records.parts(partition_section)) {
    SnapshotReader partition(part);
    EF_CHECK(partitions_.load(partition));
    Members& members = members_.emplace_back();
    EF_CHECK(members.load(partition, [&](RowId& id, SnapshotReader& from) -> Result<void> {
      EF_TRY(id, from.get<RowId>());
      return log_.retain(id);
    }));
  }
  log_.drop_unused();
  return {};
}

}  // namespace eventflux::runtime
