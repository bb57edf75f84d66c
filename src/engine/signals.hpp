#pragma once

#include <atomic>
#include <functional>

#include "runtime/exec/thread.hpp"

namespace eventflux::engine {

/// Calls back on SIGINT and SIGTERM, on a thread of its own. One at a time in a process.
class Signals {
 public:
  explicit Signals(std::function<void(int signal)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Returns the last signal; 0 when there was none.
  int last() const { return last_; }

 private:
  std::atomic<int> last_{0};
  exec::Thread thread_;
};

}  // namespace eventflux::engine
