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

std::int64_t TimeDomain::limit(std::int64_t now) const {
  std::int64_t earliest = never;
  for (const Operator* node : operators_)
    earliest = std::min({earliest, node->next_due(), node->horizon(now)});
  for (const TimeDomain* child : children_)
    earliest = std::min(earliest, child->limit(now));
  return earliest;
}

std::int64_t TimeDomain::next_due() const {
  std::int64_t earliest = never;
  for (const Operator* node : operators_)
    earliest = std::min(earliest, node->next_due());
  return earliest;
}

void TimeDomain::advance(std::int64_t to) {
  if (to <= now_) return;
  for (;;) {
    Operator* first = nullptr;
    std::int64_t due = never;
    for (Operator* node : operators_) {
      const std::int64_t its = node->next_due();
      if (its > to || its >= due) continue;
      due = its;
      first = node;
    }
    if (first == nullptr) break;
    now_ = std::max(now_, due);
    settle();
    firing_ = true;
    first->on_time(due);
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
