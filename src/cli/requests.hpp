#pragma once

#include <atomic>
#include <mutex>

#include "eventflux/context.hpp"
#include "eventflux/engine.hpp"

#include "cli/signals.hpp"

namespace eventflux::cli {

/// What signals ask of a running app: SIGINT and SIGTERM to stop, a second one to stop at once,
/// SIGHUP to reload, SIGUSR1 to report. Thread: those of signals; take_… and the rest one.
class Requests final : public StopSignal {
 public:
  Requests() : signals_([this](int signal) { note(signal); }) {}

  /// The app that is to stop, from now on; null pointer: there is none any more.
  void serve(App* app);

  /// Returns whether a stop was asked for.
  bool stopping() const noexcept override { return stops_ != 0; }

  /// Returns whether a stop was asked for again: what is not written is given up.
  bool forced() const { return stops_ > 1; }

  /// Returns 128 + the signal that asked for the stop.
  int forced_status() const { return 128 + signals_.last_stop(); }

  bool take_reload() { return reload_.exchange(false); }

  bool take_report() { return report_.exchange(false); }

  bool reload_waits() const { return reload_; }

  bool report_waits() const { return report_; }

 private:
  void note(int signal);

  std::mutex mutex_;
  App* app_ = nullptr;  // guarded by mutex_
  std::atomic<int> stops_{0};
  std::atomic<bool> reload_{false};
  std::atomic<bool> report_{false};
  Signals signals_;
};

}  // namespace eventflux::cli
