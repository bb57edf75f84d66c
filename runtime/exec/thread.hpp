#pragma once

#include <functional>
#include <string>
#include <thread>

#include "eventflux/error.hpp"

#include "runtime/exec/scheduler.hpp"

namespace eventflux::exec {

/// Takes EF0802 with the text of an exception that left the body of a thread, on that thread.
using FailureSink = std::function<void(Error error)>;

/// A thread that is joined when its owner lets go of it. All threads of the product are of this
/// type, and none of them ends the process by an exception: it goes to `on_failure`.
class Thread {
 public:
  Thread() = default;
  /// Starts `body`. `name` is what debuggers and `top` show; its first 15 bytes count.
  Thread(const std::string& name, std::function<void()> body, FailureSink on_failure);
  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  ~Thread() { join(); }

  bool running() const { return thread_.joinable(); }

  /// Sends a signal to this thread alone, which has to run.
  void signal(int number);

  /// Blocks: until the body has returned.
  void join();

 private:
  std::thread thread_;
  Scheduler::ThreadId simulated_ = 0;
};

/// Runs `body` on a thread that nobody waits for: for calls into the system that cannot be cut
/// short. `body` owns all that it touches, since it may outlive whoever started it. An exception
/// that leaves it is dropped: whoever waits for its outcome has a deadline.
void start_detached(const std::string& name, std::function<void()> body);

}  // namespace eventflux::exec
