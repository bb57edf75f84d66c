#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "runtime/exec/scheduler.hpp"

namespace eventflux::exec {

/// A lock whose waiters go in the order in which they asked, and that knows its holder.
/// Source: a ticket lock, Mellor-Crummey and Scott, 1991, 2.2, whose waiters sleep.
/// Thread: any; unlock() by the holder.
class FairMutex {
 public:
  /// Blocks: until all who asked before are done. The holder may not ask again.
  void lock() {
    if (scheduler != nullptr) [[unlikely]]
      scheduler->yield("fair lock");
    const std::uint32_t ticket = asked_.fetch_add(1);
    if (served_.load() != ticket) [[unlikely]]
      wait(ticket);
    holder_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  }

  void unlock() {
    holder_.store(std::thread::id(), std::memory_order_relaxed);
    // Sequentially consistent, as all of both counters: who asks after this look at `asked_` finds
    // itself served, so that it needs no waking.
    const std::uint32_t next = served_.fetch_add(1) + 1;
    if (asked_.load() != next || scheduler != nullptr) [[unlikely]]
      wake();
  }

  /// Returns whether the calling thread holds the lock.
  /// Relaxed: only the calling thread itself can have stored its own id.
  bool held_by_this_thread() const {
    return holder_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

 private:
  void wait(std::uint32_t ticket);
  void wake();

  // 32 bits, because the kernel waits for a change of those; they may wrap around.
  std::atomic<std::uint32_t> asked_{0};
  std::atomic<std::uint32_t> served_{0};
  std::atomic<std::thread::id> holder_{};
};

}  // namespace eventflux::exec
