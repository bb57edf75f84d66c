#include "runtime/time/system_clock.hpp"

#include <atomic>

#include <doctest/doctest.h>

#include "runtime/exec/thread.hpp"

namespace eventflux::time {
namespace {

class Flag final : public StopSignal {
 public:
  bool stopping() const noexcept override { return set_.load(); }

  void set() { set_ = true; }

 private:
  std::atomic<bool> set_{false};
};

TEST_CASE("a wait ends when its time has come") {
  SystemClock clock;
  const Flag never;
  const Timestamp start = clock.steady();
  clock.wait_until(start + std::chrono::milliseconds(5), never);
  CHECK(clock.steady() - start >= std::chrono::milliseconds(5));
}

TEST_CASE("a wait of an hour ends within 100 ms of a stop") {
  SystemClock clock;
  Flag stop;
  const Timestamp start = clock.steady();
  exec::Thread other(
      "stops", [&stop] { stop.set(); }, [](const Error&) {});
  clock.wait_until(start + std::chrono::hours(1), stop);
  other.join();
  CHECK(clock.steady() - start < std::chrono::seconds(1));
}

TEST_CASE("the time of day is later than the day this was written") {
  CHECK(SystemClock{}.now() > Timestamp{1'700'000'000'000'000});
}

}  // namespace
}  // namespace eventflux::time
