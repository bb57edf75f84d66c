#include "runtime/exec/mutex.hpp"

namespace eventflux::exec {

void Mutex::lock_simulated() {
  scheduler->yield("lock");
  while (!mutex_.try_lock())
    scheduler->block(this, "lock", std::nullopt);
}

/// Only one thread of a simulation runs, so nothing is missed between the unlock and the wait.
bool ConditionVariable::block(Lock& lock, std::optional<Timestamp> deadline) {
  lock.mutex()->unlock();
  const bool woken = scheduler->block(this, "wait", deadline);
  lock.mutex()->lock_simulated();
  return woken;
}

}  // namespace eventflux::exec
