#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "eventflux/time.hpp"

namespace eventflux::exec {

/// Takes the place of the operating system under a simulation: of all threads exactly one runs, and
/// every place where a thread may wait is a call of this interface.
/// Thread: any that was added; calls that wait return on the thread that made them.
class Scheduler {
 public:
  using ThreadId = std::uint32_t;

  virtual ~Scheduler() = default;
  /// Registers a thread that is about to be started. It runs once it has called enter().
  virtual ThreadId add(const std::string& name) = 0;
  /// Blocks: until the calling thread, which becomes `id`, is the one that runs.
  virtual void enter(ThreadId id) = 0;
  /// Says that the calling thread ends.
  virtual void leave() = 0;
  /// Blocks: until a thread has left.
  virtual void join(ThreadId id) = 0;
  /// Lets another thread run, or not. `place` is what a trace shows.
  virtual void yield(const char* place) = 0;
  /// Blocks: until wake() of `on`, or until the steady clock shows `deadline`. Returns whether it
  /// was woken. It may also return early: callers ask for their condition again.
  virtual bool block(const void* on, const char* place, std::optional<Timestamp> deadline) = 0;
  /// Lets one of the threads that block on `on` go on, or all of them.
  virtual void wake(const void* on, bool all) = 0;
  /// Returns the steady time of the simulation.
  virtual Timestamp now() const = 0;
};

/// The scheduler of a simulation; null outside of one. Set while no other thread runs.
/// A pointer that is read at run time and not another library at link time: what is simulated is
/// then the library that ships. It costs a load and a branch that is never taken beside each lock.
inline constinit Scheduler* scheduler = nullptr;

}  // namespace eventflux::exec
