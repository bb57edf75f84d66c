#pragma once

#include <memory>

#include "eventflux/transport.hpp"

#include "memory_disk.hpp"

namespace eventflux::connectors::file {

class NoTransport final : public Transport {
 public:
  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions&, const StopSignal&) override {
    return Error{Code::connection_refused, "no network"};
  }

  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions&) override {
    return Error{Code::connection_refused, "no network"};
  }
};

class NoLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

/// What a file connector in a test has around it besides its clock and disk.
class Host {
 public:
  Context context(Clock& clock, FileSystem& disk) { return {clock, rng_, disk, transport_, log_}; }

 private:
  Rng rng_{1};
  NoTransport transport_{};
  NoLog log_{};
};

}  // namespace eventflux::connectors::file
