#include "cli/requests.hpp"

#include <csignal>
#include <cstdlib>

namespace eventflux::cli {

void Requests::serve(engine::Runner* runner) {
  const std::lock_guard lock(mutex_);
  runner_ = runner;
  for (int i = 0; runner_ != nullptr && i < stops_; ++i)
    runner_->request_stop();
}

void Requests::note(int signal) {
  if (signal == SIGHUP) {
    reload_ = true;
  } else if (signal == SIGUSR1) {
    report_ = true;
  } else {
    const std::lock_guard lock(mutex_);
    ++stops_;
    if (runner_ != nullptr) return runner_->request_stop();
    // Nothing runs yet, or no longer: there is nothing to give up but waiting.
    if (stops_ > 1) std::_Exit(128 + signal);
  }
}

}  // namespace eventflux::cli
