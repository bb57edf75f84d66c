#include "runtime/exec/fair_mutex.hpp"

#include <optional>

namespace eventflux::exec {

void FairMutex::wait(std::uint32_t ticket) {
  for (std::uint32_t served = served_.load(); served != ticket; served = served_.load()) {
    if (scheduler != nullptr) [[unlikely]]
      scheduler->block(this, "fair lock", std::nullopt);
    else
      served_.wait(served);
  }
}

void FairMutex::wake() {
  if (scheduler != nullptr) [[unlikely]]
    return scheduler->wake(this, true);
  served_.notify_all();
}

}  // namespace eventflux::exec
