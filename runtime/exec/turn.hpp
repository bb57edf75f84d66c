#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "eventflux/error.hpp"

#include "base/function_ref.hpp"

namespace eventflux::exec {

/// A lock whose waiters go in the order in which they asked, and that knows its holder.
/// Thread: any; unlock() by the holder.
class Turn {
 public:
  /// Blocks: until all who asked before are done. The holder may not ask again.
  void lock();
  void unlock();

  /// Returns whether the calling thread holds the lock.
  /// Relaxed: only the calling thread itself can have stored its own id.
  bool mine() const {
    return holder_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

 private:
  std::mutex mutex_;
  std::condition_variable moved_;
  std::uint64_t asked_ = 0;   // guarded by mutex_
  std::uint64_t served_ = 0;  // guarded by mutex_
  std::atomic<std::thread::id> holder_{};
};

/// Runs code of a host. Fails: EF0802 with the text of an exception that left it.
Result<void> run_foreign(base::FunctionRef<void()> body);

}  // namespace eventflux::exec
