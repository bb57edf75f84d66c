#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include "eventflux/context.hpp"

#include "runtime/exec/scheduler.hpp"

namespace eventflux::tests {

/// Runs threads one at a time, in an order that follows from a seed. Time is virtual: each step
/// takes a few microseconds, and when all threads wait it jumps to the earliest deadline.
/// The thread that makes it is the driver, thread 0. Thread: the calls of a simulated thread come
/// while it is the one that runs, so nothing here is locked.
class SimScheduler final : public exec::Scheduler {
 public:
  SimScheduler(std::uint64_t seed, Timestamp start);
  ~SimScheduler() override;
  SimScheduler(const SimScheduler&) = delete;
  SimScheduler& operator=(const SimScheduler&) = delete;

  ThreadId add(const std::string& name) override;
  void enter(ThreadId id) override;
  void leave() override;
  void join(ThreadId id) override;
  void yield(const char* place) override;
  bool block(const void* on, const char* place, std::optional<Timestamp> deadline) override;
  void wake(const void* on, bool all) override;

  Timestamp now() const override { return now_; }

  /// Lets the driver sleep until `deadline`, or until step `step` has come.
  void driver_waits_until(Timestamp deadline, std::uint64_t step);

  std::uint64_t steps() const { return steps_; }

  /// Returns a hash of all that was decided and noted: equal for equal runs.
  std::uint64_t digest() const { return digest_; }

  /// Adds a line to the trace.
  void note(std::string text);
  /// Returns the last lines of the trace.
  std::string trace_tail() const;

  /// Called with a description when no thread can go on, or when the run does not end. It does not
  /// return: threads that wait for ever cannot be joined.
  std::function<void(const std::string&)> on_stuck;

 private:
  enum class State : std::uint8_t { ready, blocked, finished };

  struct Thread {
    std::string name;
    State state = State::ready;
    const void* on = nullptr;
    const char* place = "start";
    std::optional<Timestamp> deadline{};
    bool woken = false;
    std::uint32_t weight = 8;  ///< How often it is chosen; a small one makes a slow thread.
    std::binary_semaphore turn{0};
  };

  void step();
  void wake_sleepers();
  std::optional<ThreadId> choose();
  void jump();
  void go_on();
  void switch_to(ThreadId next);
  void mix(std::uint64_t value);
  std::string state_of_threads() const;

  Rng rng_;
  std::uint64_t stay_;  // of 64: how often a thread that yields goes on
  Timestamp now_;
  std::uint64_t steps_ = 0;
  std::uint64_t digest_ = 0xCBF29CE484222325U;
  std::uint64_t driver_step_ = 0;  // at which the driver wakes; 0: none
  ThreadId running_ = 0;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::deque<std::string> trace_;
};

/// The clock of a simulated machine. Time of day and steady time are one.
class SimClock final : public Clock {
 public:
  explicit SimClock(SimScheduler& scheduler) : scheduler_(scheduler) {}

  Timestamp now() const override { return scheduler_.now(); }

  Timestamp steady() const override { return scheduler_.now(); }

  void wait_until(Timestamp until, const StopSignal& stop) override;

 private:
  SimScheduler& scheduler_;
};

}  // namespace eventflux::tests
