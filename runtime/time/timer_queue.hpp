#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace eventflux::runtime {

class Timed;

/// When timers are due: a binary heap with a place for each owner of timers, which moves when the
/// owner says so. Nobody is asked.
/// Cost: O(log n) to set, O(1) to look. Thread: that of the task.
class TimerQueue {
 public:
  /// Number of an owner in the queue, in the order of add().
  using Slot = std::uint32_t;

  /// Adds an owner that has nothing due.
  Slot add(Timed& timed);
  void set(Slot slot, std::int64_t due);

  bool empty() const { return heap_.empty(); }

  /// Returns when the first timer is due; the largest number when none is.
  std::int64_t next_due() const {
    return heap_.empty() ? std::numeric_limits<std::int64_t>::max() : due_[heap_.front()];
  }

  /// Returns whose it is: at the same time that of the owner that was added first. Shape: not
  /// empty().
  Slot first() const { return heap_.front(); }

  Timed& at(Slot slot) const { return *timed_[slot]; }

  std::size_t size() const { return timed_.size(); }

 private:
  bool before(Slot a, Slot b) const { return due_[a] != due_[b] ? due_[a] < due_[b] : a < b; }

  void place(std::size_t at, Slot slot);
  void rise(std::size_t at);
  void sink(std::size_t at);

  std::vector<Timed*> timed_;      // by slot
  std::vector<std::int64_t> due_;  // by slot
  std::vector<std::size_t> at_;    // by slot: place in the heap
  std::vector<Slot> heap_;
};

}  // namespace eventflux::runtime
