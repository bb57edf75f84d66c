#include "runtime/exec/turn.hpp"

#include <exception>

namespace eventflux::exec {

void Turn::lock() {
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = asked_++;
  moved_.wait(lock, [&] { return served_ == ticket; });
  holder_.store(std::this_thread::get_id(), std::memory_order_relaxed);
}

void Turn::unlock() {
  const std::lock_guard lock(mutex_);
  holder_.store(std::thread::id(), std::memory_order_relaxed);
  ++served_;
  moved_.notify_all();
}

Result<void> run_foreign(base::FunctionRef<void()> body) {
  try {
    body();
    return {};
  } catch (const std::exception& exception) {
    return Error{Code::app_failed, "a callback threw: " + std::string(exception.what())};
  } catch (...) {
    return Error{Code::app_failed, "a callback threw something that is no std::exception"};
  }
}

}  // namespace eventflux::exec
