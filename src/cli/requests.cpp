#include "cli/requests.hpp"

#include <csignal>
#include <cstdlib>

namespace eventflux::cli {

void Requests::serve(App* app) {
  const std::lock_guard lock(mutex_);
  app_ = app;
  for (int i = 0; app_ != nullptr && i < stops_; ++i)
    app_->request_stop();
}

void Requests::note(int signal) {
  if (signal == SIGHUP) {
    reload_ = true;
  } else if (signal == SIGUSR1) {
    report_ = true;
  } else {
    const std::lock_guard lock(mutex_);
    ++stops_;
    if (app_ != nullptr) return app_->request_stop();
    // Nothing runs yet, or no longer: there is nothing to give up but waiting.
    if (stops_ > 1) std::_Exit(128 + signal);
  }
}

}  // namespace eventflux::cli
