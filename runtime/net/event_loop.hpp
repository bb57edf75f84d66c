#pragma once

#include <functional>

#include "eventflux/time.hpp"

#include "runtime/exec/mutex.hpp"
#include "runtime/net/asio.hpp"

namespace eventflux::net {

/// Runs one connection's asynchronous operations on the threads that wait for them.
///
/// Of all threads in wait() one drives: it alone runs handlers, so what handlers touch needs no
/// lock. The others sleep until a handler changes what they wait for, or until the driver leaves
/// and one of them takes its place. A thread starts an operation itself when it drives, and else
/// posts the start to the driver. What handlers tell the waiting threads is written in update().
/// Thread: any, except executor() and drain(), which belong to whoever builds the connection.
class EventLoop {
 public:
  explicit EventLoop(const Clock& clock);

  const Clock& clock() const { return clock_; }

  Executor executor() { return io_.get_executor(); }

  /// Starts something and waits. Returns whether `done`, which is asked under the lock, came true.
  /// Blocks: at most `patience`; `done` is asked every 50 ms at least.
  bool wait(const std::function<void()>& start, const std::function<bool()>& done,
            Duration patience);
  /// Runs `change` under the lock and wakes who waits.
  void update(const std::function<void()>& change);
  /// Makes a waiting thread ask `done` again.
  void wake();
  /// Runs what is ready, without waiting.
  void drain();

  exec::Mutex& mutex() const { return mutex_; }

 private:
  /// Returns how many handlers ran.
  std::size_t run_some(Duration patience);

  const Clock& clock_;
  asio::io_context io_{1};
  asio::executor_work_guard<Executor> work_;
  mutable exec::Mutex mutex_;
  exec::ConditionVariable changed_;
  bool driven_ = false;  // guarded by mutex_
};

}  // namespace eventflux::net
