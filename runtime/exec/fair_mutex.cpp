#include "runtime/exec/fair_mutex.hpp"

#include <exception>
#include <string>

#include "runtime/exec/scheduler.hpp"

namespace eventflux::exec {

void FairMutex::lock() {
  if (scheduler != nullptr) [[unlikely]]
    scheduler->yield("fair lock");
  const std::uint32_t ticket = asked_.fetch_add(1, std::memory_order_relaxed);
  for (std::uint32_t served = served_.load(std::memory_order_acquire); served != ticket;
       served = served_.load(std::memory_order_acquire)) {
    if (scheduler != nullptr) [[unlikely]]
      scheduler->block(this, "fair lock", std::nullopt);
    else
      served_.wait(served, std::memory_order_acquire);
  }
  holder_.store(std::this_thread::get_id(), std::memory_order_relaxed);
}

void FairMutex::unlock() {
  holder_.store(std::thread::id(), std::memory_order_relaxed);
  served_.fetch_add(1, std::memory_order_release);
  if (scheduler != nullptr) [[unlikely]]
    return scheduler->wake(this, true);
  served_.notify_all();
}

Result<void> run_foreign(std::string_view who, base::FunctionRef<void()> body) {
  try {
    body();
    return {};
  } catch (const std::exception& exception) {
    return Error{Code::app_failed, std::string(who) + " threw: " + exception.what()};
  } catch (...) {
    return Error{Code::app_failed,
                 std::string(who) + " threw something that is not a std::exception"};
  }
}

}  // namespace eventflux::exec
