#pragma once

#include <utility>

#include "eventflux/transport.hpp"

#include "runtime/net/proxy_rules.hpp"

namespace eventflux::net {

/// The network of the machine. `clock` must run by itself: all deadlines are on its steady side.
class NetTransport final : public Transport {
 public:
  /// Connections that name no proxy follow the rules.
  explicit NetTransport(const Clock& clock, ProxyRules proxies = {})
      : clock_(clock), proxies_(std::move(proxies)) {}

  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions& options,
                                             const StopSignal& stop) override;
  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions& options) override;

 private:
  const Clock& clock_;
  ProxyRules proxies_;
};

}  // namespace eventflux::net
