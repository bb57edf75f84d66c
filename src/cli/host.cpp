#include "cli/host.hpp"

#include <csignal>
#include <unistd.h>

#include "engine/compile.hpp"

namespace eventflux::cli {
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

Machine::Machine(LogLevel least, base::LogFormat format)
    : transport_(clock_),
      rng_(static_cast<std::uint64_t>(clock_.now().us)),
      log_(base::make_error_log(least, format)) {
  register_extensions(registry_);
}

engine::Host Machine::host() const {
  return {.clock = clock_,
          .files = files_,
          .transport = transport_,
          .log = *log_,
          .out = &output_,
          .variables = engine::system_variables()};
}

Context Machine::context(const std::string& name) const {
  return Context{.clock = clock_,
                 .rng = rng_,
                 .files = files_,
                 .transport = transport_,
                 .log = *log_,
                 .name = name,
                 .out = &output_};
}

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

}  // namespace eventflux::cli
