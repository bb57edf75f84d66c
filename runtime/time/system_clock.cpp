#include "runtime/time/system_clock.hpp"

#include <algorithm>
#include <thread>

namespace eventflux::time {
namespace {

// A stop is noticed after at most one slice; 50 ms leaves half of the promised 100 ms to the
// caller.
constexpr Duration slice = std::chrono::milliseconds(50);

template <class TimePoint>
Timestamp microseconds_of(TimePoint point) {
  return {std::chrono::duration_cast<Duration>(point.time_since_epoch()).count()};
}

}  // namespace

Timestamp SystemClock::now() const {
  return microseconds_of(std::chrono::system_clock::now());
}

Timestamp SystemClock::steady() const {
  return microseconds_of(std::chrono::steady_clock::now());
}

void SystemClock::wait_until(Timestamp until, const StopSignal& stop) {
  for (Timestamp time = steady(); time < until && !stop.stopping(); time = steady())
    std::this_thread::sleep_for(until - time < slice ? until - time : slice);
}

}  // namespace eventflux::time
