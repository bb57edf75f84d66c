#pragma once

#include <memory>
#include <string>

#include "eventflux/extension.hpp"

#include "base/log.hpp"
#include "cli/terminal.hpp"
#include "engine/core.hpp"
#include "runtime/exec/thread.hpp"
#include "runtime/files/posix_files.hpp"
#include "runtime/net/net_transport.hpp"
#include "runtime/time/system_clock.hpp"

namespace eventflux::cli {

/// The real machine, as a command hands it to the engine: clock, files, network, log, extensions.
class Machine {
 public:
  explicit Machine(LogLevel least = LogLevel::info, base::LogFormat format = base::LogFormat::text);

  const Registry& registry() const { return registry_; }

  Clock& clock() const { return clock_; }

  Transport& transport() const { return transport_; }

  Log& log() const { return *log_; }

  engine::Host host() const;
  Context context(const std::string& name) const;

 private:
  Registry registry_;
  mutable time::SystemClock clock_;
  mutable files::PosixFiles files_;
  mutable net::NetTransport transport_;
  mutable Rng rng_;
  mutable StandardOutput output_;
  std::unique_ptr<Log> log_;
};

/// Calls back on SIGINT and SIGTERM, on a thread of its own. One at a time in a process.
class Signals {
 public:
  explicit Signals(std::function<void(int signal)> on_signal);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Returns the last signal; 0 when there was none.
  int last() const { return last_; }

 private:
  std::atomic<int> last_{0};
  exec::Thread thread_;
};

}  // namespace eventflux::cli
