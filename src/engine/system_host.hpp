#pragma once

#include <memory>
#include <string>

#include "eventflux/extension.hpp"

#include "engine/dataflow.hpp"
#include "runtime/files/posix_files.hpp"
#include "runtime/net/net_transport.hpp"
#include "runtime/time/system_clock.hpp"

namespace eventflux::engine {

/// The real machine: clock, files, network, log, and every extension that was built in.
class SystemHost {
 public:
  /// `output` is where connectors show data; null pointer: nowhere. It outlives the machine.
  SystemHost(std::unique_ptr<Log> log, Output* output);

  const Registry& registry() const { return registry_; }

  Clock& clock() const { return clock_; }

  Transport& transport() const { return transport_; }

  Log& log() const { return *log_; }

  Host host() const;
  Context context(const std::string& name) const;
  /// Returns what a source's shared parameters mean for its payloads, as its run would have it.
  /// Fails: EF0303, EF0305 with a variable that is not set.
  Result<std::unique_ptr<PayloadRules>> payload_rules(const semantic::Source& source) const;

 private:
  Registry registry_;
  mutable time::SystemClock clock_;
  mutable files::PosixFiles files_;
  mutable net::NetTransport transport_;
  mutable Rng rng_;
  Output* output_;
  std::unique_ptr<Log> log_;
};

}  // namespace eventflux::engine
