#include "engine/epoch_coordinator.hpp"

#include <algorithm>
#include <utility>

#include "base/fail_point.hpp"

namespace eventflux::engine {

std::uint64_t EpochCoordinator::activity() const {
  std::uint64_t sum = 0;
  for (const auto& op : dataflow_.graph().operators())
    sum += op->counters.out.load(std::memory_order_relaxed);
  return sum;
}

void EpochCoordinator::begin_rows() {
  if (rows_ == 0) dirty_since_ = clock_.steady();
}

void EpochCoordinator::add_rows(std::uint64_t rows, std::uint64_t bytes) {
  rows_ += rows;
  bytes_ += bytes;
}

void EpochCoordinator::add(const runtime::SourceBatch& source_batch) {
  add_rows(std::max<std::uint64_t>(source_batch.rows(), 1), source_batch.bytes());
  if (source_batch.in_transaction) {
    open_transactions_.insert(source_batch.source);
  } else if (!open_transactions_.empty()) {
    open_transactions_.erase(source_batch.source);
  }
}

void EpochCoordinator::note_timers() {
  if (rows_ != 0 || activity() == activity_at_epoch_) return;
  begin_rows();
  rows_ = 1;
}

/// An epoch ends between the transactions of its sources, unless one of them is too large.
bool EpochCoordinator::inside_transaction() const {
  constexpr std::uint64_t transaction_rows_max = 100'000;
  return !open_transactions_.empty() && rows_ < transaction_rows_max;
}

void EpochCoordinator::cut_if_due() {
  const model::AppOptions& app = dataflow_.plan().app.options;
  if (rows_ == 0 || dataflow_.failure().is_ending() || inside_transaction()) return;
  const bool large =
      rows_ >= static_cast<std::uint64_t>(app.epoch_records) || bytes_ >= app.epoch_bytes.bytes;
  if (!has_epochs()) return large ? drop() : void();
  const Duration age = clock_.steady() - dirty_since_;
  // Encoding large state takes a share of the time only: ten times its cost lies between two
  // epochs.
  if (age < cost_ * 10) return;
  // Rows and bytes bound what a restart reads again, which it does from a store only.
  if (age < app.epoch_interval && (!durable_ || !large)) return;
  if (commit_point_.has_room()) cut(true);
}

std::optional<Timestamp> EpochCoordinator::due() const {
  if (rows_ == 0 || !has_epochs() || !commit_point_.has_room()) return std::nullopt;
  return dirty_since_ + dataflow_.plan().app.options.epoch_interval;
}

void EpochCoordinator::begin_epoch() {
  rows_ = 0;
  bytes_ = 0;
  activity_at_epoch_ = activity();
}

/// Forgets what an epoch would have taken along.
void EpochCoordinator::drop() {
  static_cast<void>(dataflow_.take_dead_letters());
  static_cast<void>(dataflow_.take_acknowledgements());
  begin_epoch();
}

std::uint64_t EpochCoordinator::cut_now() {
  if (!has_changes()) return epoch_;
  if (dataflow_.failure().is_ending() || inside_transaction() || !commit_point_.has_room())
    return epoch_ + 1;
  cut(true);
  return epoch_;
}

void EpochCoordinator::cut(bool complete) {
  EF_FAIL("epoch.barrier");
  const Timestamp begun = clock_.steady();
  dataflow_.push_dead_letter_rows();
  if (!dataflow_.failure().is_ending()) dataflow_.graph().assert_balance();
  ++epoch_;
  for (runtime::SinkOperator* sink : sinks_)
    sink->barrier(epoch_);
  runtime::Epoch epoch;
  // Rows that nobody processed any more are not in the state.
  const bool whole = dataflow_.stopped_between_rows() && complete;
  epoch.abandoned = dataflow_.failure().is_ending() && !whole;
  epoch.acknowledgements = dataflow_.take_acknowledgements();
  // Their rows come before the state that is taken with them.
  epoch.stored.add(dataflow_.take_dead_letters());
  epoch.stored.add(dataflow_.take_gaps());
  if (durable_ && !epoch.abandoned) epoch.stored.checkpoint = dataflow_.checkpoint(epoch_);
  epoch.stored.checkpoint.epoch = epoch_;
  EF_FAIL("epoch.sealed");
  cost_ = clock_.steady() - begun;
  begin_epoch();
  commit_point_.submit(std::move(epoch));
}

}  // namespace eventflux::engine
