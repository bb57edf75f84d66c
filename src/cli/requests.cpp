#include "cli/requests.hpp"

#include <csignal>
#include <cstdlib>

namespace eventflux::cli {

void Requests::serve(engine::AppRuntime* app_runtime) {
  const std::lock_guard lock(mutex_);
  app_runtime_ = app_runtime;
  for (int i = 0; app_runtime_ != nullptr && i < stops_; ++i)
    app_runtime_->request_stop();
}

void Requests::note(int signal) {
  if (signal == SIGHUP) {
    reload_ = true;
  } else if (signal == SIGUSR1) {
    report_ = true;
  } else {
    const std::lock_guard lock(mutex_);
    ++stops_;
    if (app_runtime_ != nullptr) return app_runtime_->request_stop();
    // Nothing runs yet, or no longer: there is nothing to give up but waiting.
    if (stops_ > 1) std::_Exit(128 + signal);
  }
}

}  // namespace eventflux::cli
