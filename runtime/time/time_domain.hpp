#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "runtime/time/timed.hpp"

namespace eventflux::runtime {

/// Event times that a stream takes: the years 1 to 9999, in microseconds.
inline constexpr std::int64_t earliest_time = -62'135'596'800'000'000;
inline constexpr std::int64_t latest_time = 253'402'300'799'999'999;

/// A clock that rows move: arrival time, the watermark of a stream, or the minimum of several.
/// Timers of its operators fire by due time, then by position in the graph; a timer due at t fires
/// before the row that moves time to t. Thread: that of the graph.
class TimeDomain {
 public:
  static constexpr std::int64_t start = std::numeric_limits<std::int64_t>::min();

  std::int64_t now() const { return now_; }

  /// Returns the last time of which all timers have fired.
  std::int64_t passed() const { return firing_ ? now_ - 1 : now_; }

  /// Adds an operator; they are added in the order of the graph.
  void add(Timed& op) {
    op.attach(timers_);
    operators_.push_back(&op);
  }

  /// Makes this the minimum of its parents.
  void follow(TimeDomain& parent);
  /// Takes a parent out of the minimum while it is idle. When all are, the latest of them counts:
  /// none is expected to go back behind it.
  void set_idle(bool idle);

  /// Returns the first time at which something may fall due when rows of `now` or later come.
  /// Cost: O(1), and once per horizon O(operators).
  std::int64_t limit(std::int64_t now);

  std::int64_t next_due() const { return timers_.next_due(); }

  /// Moves time to `to` and fires what is due; going back has no effect.
  void advance(std::int64_t to);

  /// Sets time without firing, from a snapshot.
  void restore(std::int64_t now) { now_ = now; }

  /// Called before and after each firing, so that rows of one cause stay together.
  std::function<void()> settle = [] {};

 private:
  void update_from_parents();

  std::int64_t now_ = start;
  bool idle_ = false;
  bool firing_ = false;
  std::int64_t asked_ = start;    // rows from it on and before horizon_ make no new timer due
  std::int64_t horizon_ = start;
  TimerQueue timers_;
  std::vector<Timed*> operators_;
  std::vector<TimeDomain*> parents_;
  std::vector<TimeDomain*> children_;
};

}  // namespace eventflux::runtime
