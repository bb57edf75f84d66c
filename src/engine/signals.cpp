#include "engine/signals.hpp"

#include <csignal>
#include <unistd.h>

namespace eventflux::engine {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR2);  // Ends the thread that waits.
  return signals;
}

}  // namespace

// The signals are blocked before other threads start, which inherit that; one thread waits for
// them.
Signals::Signals(std::function<void(int)> on_signal) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  thread_ = exec::Thread("ef-signals", [this, signals, on_signal = std::move(on_signal)] {
    for (;;) {
      int signal = 0;
      if (sigwait(&signals, &signal) != 0 || signal == SIGUSR2) return;
      last_ = signal;
      on_signal(signal);
    }
  });
}

Signals::~Signals() {
  ::kill(::getpid(), SIGUSR2);
  thread_.join();
}

}  // namespace eventflux::engine
