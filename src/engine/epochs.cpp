// When an epoch is cut, and what it takes along.
// Invariant: whoever cuts one holds the graph mutex, so that the barrier lies between two batches.
#include <algorithm>

#include "base/fail_point.hpp"
#include "engine/app_tasks.hpp"

namespace eventflux::engine {

void AppRuntime::connect_commits() {
  commit_point_->on_commit = [this] { queue_.wake_consumer(); };
  commit_point_->on_durable = [this](const runtime::StoredCursor& stored) {
    SourceTask* source = find_source(stored.source);
    if (source == nullptr) return;
    const auto ran = exec::run_foreign("source " + stored.source, [&] {
      source->acknowledger->acknowledge(stored.cursor, stored.generation);
    });
    if (!ran.ok()) fail_(ran.error());
  };
  commit_point_->on_covered = [this](std::size_t sink, const WriteToken& token) {
    sinks_[sink]->writer->commit(token);
  };
  commit_point_->may_commit = [this](const runtime::StoredCursor& stored) {
    const SourceTask* source = find_source(stored.source);
    return source == nullptr ||
           source->acknowledger->may_commit(stored.cursor.partition, stored.generation);
  };
}

AppRuntime::SourceTask* AppRuntime::find_source(std::string_view name) const {
  const auto found = std::find_if(sources_.begin(), sources_.end(),
                                  [&](const auto& source) { return source->name == name; });
  return found == sources_.end() ? nullptr : found->get();
}

void AppRuntime::resume_sinks(const runtime::Checkpoint& stored) {
  for (const auto& sink : sinks_) {
    sink->context->resumed = true;
    std::optional<WriteToken> progress;
    for (const runtime::SinkProgress& one : stored.progress)
      if (one.sink == sink->writer->name()) progress = one.token;
    sink->writer->resume(stored.epoch, progress);
  }
}

std::uint64_t AppRuntime::activity() const {
  std::uint64_t sum = 0;
  for (const auto& op : dataflow_->graph().operators())
    sum += op->counters.out.load(std::memory_order_relaxed);
  return sum;
}

void AppRuntime::note_transaction(const runtime::SourceBatch& source_batch) {
  if (source_batch.in_transaction) {
    open_transactions_.insert(source_batch.source);
  } else if (!open_transactions_.empty()) {
    open_transactions_.erase(source_batch.source);
  }
}

/// An epoch ends between the transactions of its sources, unless one of them is too large.
bool AppRuntime::inside_transaction() {
  constexpr std::uint64_t transaction_rows_max = 100'000;
  return !open_transactions_.empty() && rows_since_ < transaction_rows_max;
}

/// Cuts an epoch when one is due, unless too many wait for sinks: then the epoch grows.
void AppRuntime::cut_epoch_if_due() {
  const model::AppOptions& app = dataflow_->plan().app.options;
  if (rows_since_ == 0 || dataflow_->failure().is_ending()) return;
  if (!callback_rows_.empty())
    return;  // An epoch holds rows together with all that callbacks made of them.
  if (inside_transaction()) return;
  const bool large = rows_since_ >= static_cast<std::uint64_t>(app.epoch_records) ||
                     bytes_since_ >= app.epoch_bytes.bytes;
  if (!has_epochs()) return large ? drop_epoch() : void();
  const Duration age = host_.clock.steady() - dirty_since_;
  // Encoding large state takes a share of the time only: ten times its cost lies between two
  // epochs.
  if (age < epoch_cost_ * 10) return;
  // Rows and bytes bound what a restart reads again, which it does from a store only.
  if (age < app.epoch_interval && (store_ == nullptr || !large)) return;
  if (commit_point_->has_room()) cut_epoch();
}

/// Forgets what an epoch would have taken along.
void AppRuntime::drop_epoch() {
  static_cast<void>(dataflow_->take_dead_letters());
  static_cast<void>(dataflow_->take_acknowledgements());
  rows_since_ = 0;
  bytes_since_ = 0;
  activity_at_epoch_ = activity();
}

void AppRuntime::cut_epoch() {
  EF_FAIL("epoch.barrier");
  const Timestamp begun = host_.clock.steady();
  dataflow_->push_dead_letter_rows();
  ++epoch_;
  for (const auto& sink : sinks_)
    sink->op->barrier(epoch_);
  runtime::Epoch epoch;
  // Rows that callbacks sent and nobody processed any more are not in the state.
  const bool complete = dataflow_->stopped_between_rows() && callback_rows_.empty();
  epoch.abandoned = dataflow_->failure().is_ending() && !complete;
  epoch.acknowledgements = dataflow_->take_acknowledgements();
  // Their rows come before the state that is taken with them.
  epoch.letters = dataflow_->take_dead_letters();
  if (store_ != nullptr && !epoch.abandoned) epoch.checkpoint = dataflow_->checkpoint(epoch_);
  epoch.checkpoint.epoch = epoch_;
  EF_FAIL("epoch.sealed");
  epoch_cost_ = host_.clock.steady() - begun;
  rows_since_ = 0;
  bytes_since_ = 0;
  activity_at_epoch_ = activity();
  commit_point_->submit(std::move(epoch));
}

/// Sends dead letters into their streams; they count as rows of the open epoch.
void AppRuntime::push_dead_letter_rows() {
  if (!dataflow_->has_dead_letter_rows()) return;
  if (rows_since_ == 0) dirty_since_ = host_.clock.steady();
  ++rows_since_;
  dataflow_->push_dead_letter_rows();
}

}  // namespace eventflux::engine
