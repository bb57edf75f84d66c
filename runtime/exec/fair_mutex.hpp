#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <thread>

#include "eventflux/error.hpp"

#include "base/function_ref.hpp"

namespace eventflux::exec {

/// A lock whose waiters go in the order in which they asked, and that knows its holder.
/// Source: a ticket lock, Mellor-Crummey and Scott, 1991, 2.2, whose waiters sleep.
/// Thread: any; unlock() by the holder.
class FairMutex {
 public:
  /// Blocks: until all who asked before are done. The holder may not ask again.
  void lock();
  void unlock();

  /// Returns whether the calling thread holds the lock.
  /// Relaxed: only the calling thread itself can have stored its own id.
  bool held_by_this_thread() const {
    return holder_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

 private:
  // 32 bits, because the kernel waits for a change of those; they may wrap around.
  std::atomic<std::uint32_t> asked_{0};
  std::atomic<std::uint32_t> served_{0};
  std::atomic<std::thread::id> holder_{};
};

/// Runs code of a host or an extension, which `who` names in the message: "a callback".
/// Fails: EF0802 with the text of an exception that left it.
Result<void> run_foreign(std::string_view who, base::FunctionRef<void()> body);

}  // namespace eventflux::exec
