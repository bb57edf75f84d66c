#include "runtime/delivery/commit_point.hpp"

#include <algorithm>

#include "base/fail_point.hpp"
#include "base/text.hpp"

namespace eventflux::runtime {

CommitPoint::CommitPoint(Spec spec, DeadLetterBox& letters, Failure& failure, Clock& clock,
                         Log& log)
    : store_(spec.store),
      sinks_(std::move(spec.sinks)),
      in_flight_max_(spec.in_flight_max),
      letters_(letters),
      failure_(failure),
      clock_(clock),
      log_(log),
      acknowledged_(sinks_.size()) {
  committed_at_ = clock.now();
}

void CommitPoint::submit(Epoch epoch) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(epoch));
  ++in_flight_;
  changed_.notify_all();
}

void CommitPoint::acknowledge(std::size_t sink, std::uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  acknowledged_[sink] = std::max(acknowledged_[sink], epoch);
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

void CommitPoint::seed_cursors(const std::vector<ResourceCursor>& cursors) {
  const std::lock_guard lock(mutex_);
  cursors_ = cursors;
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
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] {
      return stopped_ || (!waiting_.empty() && is_covered(waiting_.front().checkpoint.epoch)) ||
             (finished_ && waiting_.empty());
    });
    if (stopped_ || waiting_.empty()) return;
    Epoch epoch = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    commit(epoch);
    lock.lock();
    if (failure_.is_set() && committed_ < epoch.checkpoint.epoch) return;
  }
}

/// Commits until it succeeds: a full disk is waited for, other trouble ends the app the third time.
void CommitPoint::commit(Epoch& epoch) {
  // What sinks rejected before they acknowledged belongs to this epoch or to one before it.
  for (DeadLetter& letter : letters_.take())
    epoch.letters.push_back(std::move(letter));
  int failures = 0;
  while (store_ != nullptr && !stopping()) {
    auto written = store_->commit(epoch.checkpoint, epoch.letters);
    if (written.ok()) break;
    const Error& error = written.error();
    log_.write(LogLevel::error,
               code_text(error.code) + " reason=" + base::quote_json(error.message));
    if (error.code != Code::store_full && ++failures == 3) {
      failure_.set(error);
      return;
    }
    clock_.wait_until(clock_.steady() + std::chrono::seconds(1), *this);
  }
  {
    const std::lock_guard lock(mutex_);
    committed_ = epoch.checkpoint.epoch;
    committed_at_ = clock_.now();
    cursors_ = std::move(epoch.checkpoint.cursors);
    --in_flight_;
    changed_.notify_all();
  }
  on_commit();
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
