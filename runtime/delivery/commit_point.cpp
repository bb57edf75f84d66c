#include "runtime/delivery/commit_point.hpp"

#include <algorithm>
#include <iterator>

#include "base/assert.hpp"
#include "base/fail_point.hpp"
#include "base/text.hpp"

namespace eventflux::runtime {

CommitPoint::CommitPoint(Spec spec, Failure& failure, Clock& clock, Log& log)
    : store_(spec.store),
      sinks_(std::move(spec.sinks)),
      in_flight_max_(spec.in_flight_max),
      dead_letter_bytes_max_(spec.dead_letter_bytes_max),
      fail_when_full_(spec.fail_when_full),
      failure_(failure),
      clock_(clock),
      log_(log),
      acknowledged_(sinks_.size()) {
  committed_at_ = clock.now();
}

void CommitPoint::submit(Epoch epoch) {
  const std::lock_guard lock(mutex_);
  EF_ASSERT(epoch.stored.checkpoint.epoch > committed_);
  EF_ASSERT(waiting_.empty() ||
            epoch.stored.checkpoint.epoch > waiting_.back().stored.checkpoint.epoch);
  waiting_.push_back(std::move(epoch));
  ++in_flight_;
  changed_.notify_all();
}

void CommitPoint::acknowledge(std::size_t sink, std::uint64_t epoch,
                              std::vector<DeadLetter> letters, std::optional<WriteToken> prepared) {
  const std::lock_guard lock(mutex_);
  if (prepared) prepared_[epoch][sink] = *prepared;
  std::move(letters.begin(), letters.end(), std::back_inserter(sink_letters_[epoch]));
  EF_ASSERT(epoch > acknowledged_[sink]);  // A sink writes in order.
  acknowledged_[sink] = epoch;
  changed_.notify_all();
}

bool CommitPoint::has_room() const {
  const std::lock_guard lock(mutex_);
  return in_flight_ < in_flight_max_;
}

std::uint64_t CommitPoint::committed() const {
  const std::lock_guard lock(mutex_);
  return committed_;
}

Timestamp CommitPoint::committed_at() const {
  const std::lock_guard lock(mutex_);
  return committed_at_;
}

std::optional<std::string> CommitPoint::cursor(std::string_view resource,
                                               std::string_view column) const {
  const std::lock_guard lock(mutex_);
  for (const ResourceCursor& cursor : cursors_)
    if (cursor.resource == resource && cursor.column == column) return cursor.text;
  return std::nullopt;
}

void CommitPoint::restore(const Checkpoint& checkpoint) {
  const std::lock_guard lock(mutex_);
  committed_ = checkpoint.epoch;
  cursors_ = checkpoint.cursors;
  positions_ = checkpoint.positions;
  for (const SinkProgress& stored : checkpoint.progress)
    progress_[stored.sink] = stored.token;
}

bool CommitPoint::is_covered(std::uint64_t epoch) const {
  return std::all_of(acknowledged_.begin(), acknowledged_.end(),
                     [&](std::uint64_t a) { return a >= epoch; });
}

bool CommitPoint::drained() const {
  const std::lock_guard lock(mutex_);
  return in_flight_ == 0;
}

void CommitPoint::run() {
  exec::Lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] {
      return stopped_ ||
             (!waiting_.empty() && is_covered(waiting_.front().stored.checkpoint.epoch)) ||
             (finished_ && waiting_.empty());
    });
    if (stopped_ || waiting_.empty()) return;
    Epoch epoch = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    commit(epoch);
    lock.lock();
    if (failure_.is_set() && committed_ < epoch.stored.checkpoint.epoch) return;
  }
}

/// Sinks that are ahead have acknowledged later epochs: their dead letters wait for those.
void CommitPoint::add_sink_letters(Epoch& epoch) {
  const std::lock_guard lock(mutex_);
  const auto end = sink_letters_.upper_bound(epoch.stored.checkpoint.epoch);
  for (auto of_epoch = sink_letters_.begin(); of_epoch != end; ++of_epoch)
    epoch.stored.add(std::move(of_epoch->second));
  sink_letters_.erase(sink_letters_.begin(), end);
}

/// Returns whether the store may take the dead letters of an epoch.
bool CommitPoint::has_room_for(const std::vector<DeadLetter>& letters) {
  if (letters.empty()) return true;
  std::uint64_t bytes = store_->dead_letter_bytes();
  for (const DeadLetter& letter : letters)
    bytes += encode_dead_letter(letter).size();
  return bytes <= dead_letter_bytes_max_;
}

/// Stores an epoch, however often that takes: a full disk is waited for, other trouble ends the app
/// the third time. Returns whether it is stored.
bool CommitPoint::store(const Epoch& epoch) {
  int failures = 0;
  while (!stopping()) {
    auto written =
        has_room_for(epoch.stored.records<DeadLetter>())
            ? store_->commit(epoch.stored)
            : Result<void>(Error{Code::store_full, "dead letters have reached dlq.max.bytes",
                                 "stop the app and run `eventflux dlq purge`, or raise "
                                 "dlq.max.bytes in @app"});
    if (written.ok()) return true;
    const Error& error = written.error();
    log_.write(LogLevel::error,
               code_text(error.code) + " reason=" + base::quote_json(error.message));
    const bool waits = error.code == Code::store_full && !fail_when_full_;
    if (!waits && (++failures == 3 || error.code == Code::store_full)) {
      failure_.set(error);
      return false;
    }
    clock_.wait_until(clock_.steady() + std::chrono::seconds(1), *this);
  }
  return false;
}

/// A partition that another reader has now stays where our last commit left it.
void CommitPoint::keep_revoked_positions(Checkpoint& checkpoint) const {
  std::vector<StoredCursor> kept;
  for (StoredCursor& stored : checkpoint.positions) {
    if (may_commit(stored)) {
      kept.push_back(std::move(stored));
      continue;
    }
    const auto last = std::find_if(positions_.begin(), positions_.end(), [&](const auto& known) {
      return known.source == stored.source && known.cursor.partition == stored.cursor.partition;
    });
    if (last != positions_.end()) kept.push_back(*last);
  }
  checkpoint.positions = std::move(kept);
}

/// Progress of a sink that wrote nothing in this epoch stays as it was.
void CommitPoint::add_progress(Epoch& epoch) {
  {
    const std::lock_guard lock(mutex_);
    const auto prepared = prepared_.find(epoch.stored.checkpoint.epoch);
    if (prepared != prepared_.end()) epoch.transactions = std::move(prepared->second);
    prepared_.erase(prepared_.begin(), prepared_.upper_bound(epoch.stored.checkpoint.epoch));
  }
  if (epoch.abandoned) return epoch.transactions.clear();
  for (const auto& [sink, token] : epoch.transactions)
    progress_[sinks_[sink]] = token;
  for (const auto& [sink, token] : progress_)
    epoch.stored.checkpoint.progress.push_back({sink, token});
}

void CommitPoint::commit(Epoch& epoch) {
  add_sink_letters(epoch);
  add_progress(epoch);
  keep_revoked_positions(epoch.stored.checkpoint);
  const bool wanted = store_ != nullptr && !epoch.abandoned;
  const bool stored = !wanted || store(epoch);
  {
    const std::lock_guard lock(mutex_);
    if (stored && !epoch.abandoned) {
      // Nothing is stored whose effects a sink has not made durable, and positions never go back.
      EF_ASSERT(is_covered(epoch.stored.checkpoint.epoch));
      EF_ASSERT(epoch.stored.checkpoint.epoch > committed_);
      committed_ = epoch.stored.checkpoint.epoch;
      committed_at_ = clock_.now();
      cursors_ = std::move(epoch.stored.checkpoint.cursors);
      positions_ = std::move(epoch.stored.checkpoint.positions);
    }
    changed_.notify_all();
  }
  // What is not stored stays in flight: nobody may take it for done.
  if (stored) tell_covered(epoch);
  if (stored) on_commit();
}

/// The epoch stays in flight until sinks and sources have heard of it, so that none of them is
/// destroyed before.
void CommitPoint::tell_covered(const Epoch& epoch) {
  for (const auto& [sink, token] : epoch.transactions)
    on_covered(sink, token);
  EF_FAIL("source.acknowledge.before");
  if (!epoch.abandoned) {
    for (const StoredCursor& cursor : epoch.acknowledgements)
      on_durable(cursor);
  }
  EF_FAIL("source.acknowledge.after");
  const std::lock_guard lock(mutex_);
  --in_flight_;
  changed_.notify_all();
}

void CommitPoint::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

void CommitPoint::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

bool CommitPoint::stopping() const noexcept {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace eventflux::runtime
