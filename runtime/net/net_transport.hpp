#pragma once

#include "eventflux/transport.hpp"

namespace eventflux::net {

/// The network of the machine. `clock` must run by itself: all deadlines are on its steady side.
class NetTransport final : public Transport {
 public:
  explicit NetTransport(const Clock& clock) : clock_(clock) {}

  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions& options,
                                             const StopSignal& stop) override;
  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions& options) override;

 private:
  const Clock& clock_;
};

}  // namespace eventflux::net
