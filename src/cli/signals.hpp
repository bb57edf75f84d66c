#pragma once

#include <atomic>
#include <functional>

#include "runtime/exec/thread.hpp"

namespace eventflux::cli {

/// Blocks the signals that a running app answers, so that one which comes before Signals stands
/// waits for it; SIGPIPE stays blocked: a write to a closed pipe then fails and ends nothing.
/// Called first in main(), before any other thread, which inherit it.
void block_signals();

/// Gives the blocked signals but SIGPIPE their usual effect again, for commands that need not clean
/// up.
void unblock_signals();

/// Calls back on SIGINT, SIGTERM, SIGHUP and SIGUSR1, on a thread of its own, one after another.
/// SIGUSR2 has no effect. One at a time in a process, where block_signals() was called.
class Signals {
 public:
  explicit Signals(std::function<void(int signal)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Returns the last SIGINT or SIGTERM; 0 when there was none.
  int last_stop() const { return last_stop_; }

 private:
  void wait(const std::function<void(int)>& on_signal);

  std::atomic<int> last_stop_{0};
  std::atomic<bool> ending_{false};
  exec::Thread thread_;
};

}  // namespace eventflux::cli
