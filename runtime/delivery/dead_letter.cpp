#include "runtime/delivery/dead_letter.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace eventflux::runtime {

void DeadLetterBuffer::add(DeadLetter letter) {
  const std::lock_guard lock(mutex_);
  letters_.push_back(std::move(letter));
  ++total_;
  waiting_.store(letters_.size(), std::memory_order_release);
}

std::vector<DeadLetter> DeadLetterBuffer::take() {
  if (empty()) return {};
  const std::lock_guard lock(mutex_);
  waiting_.store(0, std::memory_order_release);
  return std::exchange(letters_, {});
}

std::vector<DeadLetter> DeadLetterBuffer::take_until(std::uint64_t epoch) {
  if (empty()) return {};
  const std::lock_guard lock(mutex_);
  const auto later = std::stable_partition(letters_.begin(), letters_.end(),
                                           [&](const DeadLetter& l) { return l.epoch <= epoch; });
  std::vector<DeadLetter> rest(std::make_move_iterator(later),
                               std::make_move_iterator(letters_.end()));
  letters_.erase(later, letters_.end());
  waiting_.store(rest.size(), std::memory_order_release);
  return std::exchange(letters_, std::move(rest));
}

std::uint64_t DeadLetterBuffer::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

void Failure::set(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  at_once_.store(true, std::memory_order_release);
  ending_.store(true, std::memory_order_release);
}

void Failure::fail_before_row(Error error) {
  const std::lock_guard lock(mutex_);
  if (!error_) error_ = std::move(error);
  ending_.store(true, std::memory_order_release);
}

std::optional<Error> Failure::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

}  // namespace eventflux::runtime
