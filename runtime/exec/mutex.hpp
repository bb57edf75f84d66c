#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "runtime/exec/scheduler.hpp"

namespace eventflux::exec {

class ConditionVariable;

/// std::mutex, whose waits a simulation decides. Used through std::lock_guard and
/// std::unique_lock.
class Mutex {
 public:
  void lock() {
    if (scheduler != nullptr) [[unlikely]]
      return lock_simulated();
    mutex_.lock();
  }

  bool try_lock() { return mutex_.try_lock(); }

  void unlock() {
    mutex_.unlock();
    if (scheduler != nullptr) [[unlikely]]
      scheduler->wake(this, true);
  }

 private:
  friend class ConditionVariable;

  void lock_simulated();

  std::mutex mutex_;
};

using Lock = std::unique_lock<Mutex>;

/// std::condition_variable for an exec::Mutex, whose waits a simulation decides.
class ConditionVariable {
 public:
  void notify_one() { notify(false); }

  void notify_all() { notify(true); }

  void wait(Lock& lock) {
    if (scheduler != nullptr) [[unlikely]] {
      block(lock, std::nullopt);
      return;
    }
    std::unique_lock native(lock.mutex()->mutex_, std::adopt_lock);
    changed_.wait(native);
    native.release();
  }

  template <class Condition>
  void wait(Lock& lock, Condition condition) {
    while (!condition())
      wait(lock);
  }

  /// Blocks: at most `wait` of the steady clock. Returns whether the thread was woken before.
  bool wait_for(Lock& lock, Duration wait) {
    if (scheduler != nullptr) [[unlikely]]
      return block(lock, scheduler->now() + wait);
    std::unique_lock native(lock.mutex()->mutex_, std::adopt_lock);
    const std::cv_status status = changed_.wait_for(native, wait);
    native.release();
    return status == std::cv_status::no_timeout;
  }

  /// As above, until `condition` is true. Returns whether it is.
  template <class Condition>
  bool wait_for(Lock& lock, Duration wait, Condition condition) {
    if (scheduler != nullptr) [[unlikely]] {
      const Timestamp deadline = scheduler->now() + wait;
      while (!condition())
        if (!block(lock, deadline)) return condition();
      return true;
    }
    std::unique_lock native(lock.mutex()->mutex_, std::adopt_lock);
    const bool came = changed_.wait_for(native, wait, condition);
    native.release();
    return came;
  }

 private:
  void notify(bool all) {
    if (scheduler != nullptr) [[unlikely]]
      return scheduler->wake(this, all);
    if (all) {
      changed_.notify_all();
    } else {
      changed_.notify_one();
    }
  }

  bool block(Lock& lock, std::optional<Timestamp> deadline);

  std::condition_variable changed_;
};

}  // namespace eventflux::exec
