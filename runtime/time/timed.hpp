#pragma once

#include <cstdint>
#include <limits>

#include "runtime/time/timer_queue.hpp"

namespace eventflux::runtime {

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// What has timers on a clock. Units: microseconds. Thread: that of the task.
class Timed {
 public:
  virtual ~Timed() = default;

  /// Returns when its earliest timer is due, on the clock of its rows. Where that changes,
  /// timers_changed() is called.
  virtual std::int64_t next_due() const { return never; }

  /// Returns the earliest time at which rows of time `now` or later could make a timer due; never
  /// an earlier one when it is asked for a later `now`.
  virtual std::int64_t horizon(std::int64_t /*now*/) const { return never; }

  /// Fires all timers due at `due`, which is next_due().
  virtual void on_time(std::int64_t /*due*/) {}

  /// Gives it a place among the timers of a clock.
  void attach(TimerQueue& timers) {
    timers_ = &timers;
    timer_ = timers.add(*this);
  }

 protected:
  /// Says that next_due() is perhaps another time now.
  void timers_changed() {
    if (timers_ != nullptr) timers_->set(timer_, next_due());
  }

 private:
  TimerQueue* timers_ = nullptr;
  TimerQueue::Slot timer_ = 0;
};

}  // namespace eventflux::runtime
