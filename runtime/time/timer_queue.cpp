#include "runtime/time/timer_queue.hpp"

namespace eventflux::runtime {

TimerQueue::Slot TimerQueue::add(Timed& timed) {
  const auto slot = static_cast<Slot>(timed_.size());
  timed_.push_back(&timed);
  due_.push_back(std::numeric_limits<std::int64_t>::max());
  at_.push_back(heap_.size());
  heap_.push_back(slot);  // the last of those that have nothing due
  return slot;
}

void TimerQueue::set(Slot slot, std::int64_t due) {
  if (due_[slot] == due) return;
  due_[slot] = due;
  rise(at_[slot]);
  sink(at_[slot]);
}

void TimerQueue::place(std::size_t at, Slot slot) {
  heap_[at] = slot;
  at_[slot] = at;
}

void TimerQueue::rise(std::size_t at) {
  const Slot slot = heap_[at];
  while (at != 0 && before(slot, heap_[(at - 1) / 2])) {
    place(at, heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  place(at, slot);
}

void TimerQueue::sink(std::size_t at) {
  const Slot slot = heap_[at];
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], slot)) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, slot);
}

}  // namespace eventflux::runtime
