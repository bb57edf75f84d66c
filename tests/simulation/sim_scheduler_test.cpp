#include "tests/simulation/sim_scheduler.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/exec/fair_mutex.hpp"
#include "runtime/exec/mutex.hpp"
#include "runtime/exec/thread.hpp"

namespace eventflux::tests {
namespace {

using std::chrono::hours;

const Timestamp start{1'000'000};

TEST_CASE("a simulation: time jumps to the earliest deadline when all threads wait") {
  SimScheduler scheduler(1, start);
  SimClock clock(scheduler);

  struct Never final : StopSignal {
    bool stopping() const noexcept override { return false; }
  } const never;

  std::vector<std::string> order;
  exec::Thread late(
      "late", [&] { clock.wait_until(start + hours(2), never), order.emplace_back("late"); },
      [](const Error&) {});
  exec::Thread early(
      "early", [&] { clock.wait_until(start + hours(1), never), order.emplace_back("early"); },
      [](const Error&) {});
  late.join();
  early.join();
  CHECK(order == std::vector<std::string>{"early", "late"});
  CHECK(clock.now() >= start + hours(2));
  CHECK(clock.now() < start + hours(3));
}

/// Two threads and a lock; returns who had it, in order.
std::string turns(std::uint64_t seed) {
  SimScheduler scheduler(seed, start);
  exec::Mutex mutex;
  std::string who;
  const auto take = [&](char name) {
    for (int i = 0; i < 10; ++i) {
      const std::lock_guard lock(mutex);
      scheduler.yield("inside");
      who += name;
    }
  };
  exec::Thread a(
      "a", [&] { take('a'); }, [](const Error&) {});
  exec::Thread b(
      "b", [&] { take('b'); }, [](const Error&) {});
  a.join();
  b.join();
  return who;
}

TEST_CASE("a simulation: the order of threads follows from the seed alone") {
  CHECK(turns(1).size() == 20);
  CHECK(turns(1) == turns(1));
  CHECK(turns(2) == turns(2));
  bool differs = false;
  for (std::uint64_t seed = 2; seed < 10; ++seed)
    differs = differs || turns(seed) != turns(1);
  CHECK(differs);
}

TEST_CASE("a simulation: a deadlock is told with the name and the place of each thread") {
  SimScheduler scheduler(3, start);
  exec::Mutex mutex;
  exec::FairMutex fair;
  exec::ConditionVariable changed;
  std::string said;
  bool over = false;  // guarded by mutex
  // It must not return to a thread that waits for ever, so it makes the wait end.
  scheduler.on_stuck = [&](const std::string& text) {
    said = text;
    over = true;
    scheduler.wake(&changed, true);
  };
  exec::Thread waiting(
      "waiting",
      [&] {
        const std::lock_guard held(fair);
        exec::Lock lock(mutex);
        changed.wait(lock, [&] { return over; });
      },
      [](const Error&) {});
  exec::Thread behind(
      "behind", [&] { const std::lock_guard held(fair); }, [](const Error&) {});
  waiting.join();
  behind.join();
  CAPTURE(said);
  CHECK(said.starts_with("all threads wait for ever\n"));
  CHECK(said.find("waiting: waits at wait") != std::string::npos);
  CHECK(said.find("driver: waits at join") != std::string::npos);
}

}  // namespace
}  // namespace eventflux::tests
