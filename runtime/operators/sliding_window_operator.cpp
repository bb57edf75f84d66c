#include "runtime/operators/sliding_window_operator.hpp"

#include "eventflux/state_ops.hpp"

namespace eventflux::runtime {
namespace {

/// Rows of one partition, oldest first.
struct Members {
  static constexpr bool relocatable = true;

  SlotRing<RowId> rows;

  void save(SnapshotWriter& writer) const {
    rows.save(writer, [](RowId id, SnapshotWriter& to) { to.put(id); });
  }

  Result<void> load(SnapshotReader& reader) {
    return rows.load(reader, [](RowId& id, SnapshotReader& from) -> Result<void> {
      EF_TRY(id, from.get<RowId>());
      return {};
    });
  }
};

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
      partitions_(state_.make<KeyedState>({"partitions"}, types_of(partition_by_),
                                          std::vector{detail::state_ops<Members>()})),
      log_(state_.make<RowLog>({"rows"}, schema)),
      partition_of_row_(batch_rows_max),
      partition_(batch_rows_max),
      time_(batch_rows_max),
      leaving_(batch_rows_max),
      pending_(std::move(schema)) {
  state_.make<OpaqueState>(
      {"window"}, [this](SnapshotWriter& writer) { window_->snapshot(writer); },
      [this](SnapshotReader& reader) { return window_->restore(reader); });
}

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
  const StateLane lane = partitions_.lane(0);
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    SlotRing<RowId>& members = lane.at<Members>(partition_[i]).rows;
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
  if (durable) partitions_.mark(partition_of_row_.data(), rows);
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

Result<void> SlidingWindowOperator::restored() {
  const StateLane lane = partitions_.lane(0);
  for (std::uint32_t partition = 0; partition < partitions_.end(); ++partition) {
    const SlotRing<RowId>& members = lane.at<Members>(partition).rows;
    for (std::uint32_t i = 0; i < members.size(); ++i)
      EF_CHECK(log_.retain(members[i]));
  }
  log_.drop_unused();
  return {};
}

}  // namespace eventflux::runtime
