#include "runtime/time/time_domain.hpp"

#include <algorithm>

namespace eventflux::runtime {

void TimeDomain::follow(TimeDomain& parent) {
  parents_.push_back(&parent);
  parent.children_.push_back(this);
}

void TimeDomain::set_idle(bool idle) {
  if (idle_ == idle) return;
  idle_ = idle;
  for (TimeDomain* child : children_)
    child->update_from_parents();
}

std::int64_t TimeDomain::limit(std::int64_t now) {
  // No operator answers with an earlier time when it is asked for a later `now`, so that the
  // earliest answer holds from when it was asked until it is reached. Parents ask for different
  // times: the answer for the faster one says nothing to the slower one.
  if (now < asked_ || now >= horizon_) {
    asked_ = now;
    horizon_ = never;
    for (const Timed* op : operators_)
      horizon_ = std::min(horizon_, op->horizon(now));
  }
  std::int64_t earliest = std::min(horizon_, timers_.next_due());
  for (TimeDomain* child : children_)
    earliest = std::min(earliest, child->limit(now));
  return earliest;
}

void TimeDomain::advance(std::int64_t to) {
  if (to <= now_) return;
  while (timers_.next_due() <= to) {
    const std::int64_t due = timers_.next_due();
    const TimerQueue::Slot first = timers_.first();
    now_ = std::max(now_, due);
    settle();
    firing_ = true;
    Timed& op = timers_.at(first);
    op.on_time(due);
    timers_.set(first, op.next_due());
    settle();
    firing_ = false;
  }
  now_ = to;
  for (TimeDomain* child : children_)
    child->update_from_parents();
}

void TimeDomain::update_from_parents() {
  std::int64_t least = never;
  std::int64_t latest = start;
  for (const TimeDomain* parent : parents_) {
    latest = std::max(latest, parent->now_);
    if (!parent->idle_) least = std::min(least, parent->now_);
  }
  advance(least == never ? latest : least);
}

}  // namespace eventflux::runtime
