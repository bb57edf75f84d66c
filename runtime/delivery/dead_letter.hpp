#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventflux/error.hpp"

#include "runtime/exec/mutex.hpp"
#include "runtime/state/dead_letter_record.hpp"

namespace eventflux::runtime {

/// Dead letters that wait for the epoch to which they belong. Thread: any.
class DeadLetterBuffer {
 public:
  void add(DeadLetter letter);
  std::vector<DeadLetter> take();
  /// Takes those that belong to an epoch or to one before it.
  std::vector<DeadLetter> take_until(std::uint64_t epoch);

  bool empty() const { return waiting_.load(std::memory_order_acquire) == 0; }

  /// Returns how many there were in all.
  std::uint64_t total() const;

 private:
  mutable exec::Mutex mutex_;
  std::vector<DeadLetter> letters_;  // guarded by mutex_
  std::uint64_t total_ = 0;          // guarded by mutex_
  std::atomic<std::size_t> waiting_{0};
};

/// The first failure that ends an app. Thread: any.
class Failure {
 public:
  /// Ends the app at once: what no checkpoint covers is read again. Keeps the first error only.
  void set(Error error);
  /// Ends the app at a row under error.strategy='fail': what came before it is still written, the
  /// open epoch is not committed, so that a restart meets the row again.
  void fail_before_row(Error error);

  /// Returns whether the app ends at once.
  bool is_set() const { return at_once_.load(std::memory_order_acquire); }

  /// Returns whether the app ends, at once or at a row.
  bool is_ending() const { return ending_.load(std::memory_order_acquire); }

  std::optional<Error> error() const;

 private:
  mutable exec::Mutex mutex_;
  std::optional<Error> error_;  // guarded by mutex_
  std::atomic<bool> at_once_{false};
  std::atomic<bool> ending_{false};
};

}  // namespace eventflux::runtime
