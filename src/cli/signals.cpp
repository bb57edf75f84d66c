#include "cli/signals.hpp"

#include <csignal>
#include <utility>

namespace eventflux::cli {
namespace {

sigset_t answered() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2})
    sigaddset(&signals, signal);
  return signals;
}

}  // namespace

void block_signals() {
  sigset_t signals = answered();
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void unblock_signals() {
  const sigset_t signals = answered();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

Signals::Signals(std::function<void(int)> on_signal)
    : thread_(
          "signals", [this, on_signal = std::move(on_signal)] { wait(on_signal); },
          // Without this thread nobody could stop the process; a signal then does so by itself.
          [](const Error&) { unblock_signals(); }) {}

Signals::~Signals() {
  ending_ = true;
  thread_.signal(SIGUSR2);
  thread_.join();
}

/// SIGUSR2 wakes the thread when it is to end; one from outside changes nothing.
void Signals::wait(const std::function<void(int)>& on_signal) {
  const sigset_t signals = answered();
  while (!ending_) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0 || signal == SIGUSR2) continue;
    if (signal == SIGINT || signal == SIGTERM) last_stop_ = signal;
    on_signal(signal);
  }
}

}  // namespace eventflux::cli
