#include "runtime/net/net_transport.hpp"

#include "runtime/net/dial.hpp"
#include "runtime/net/listener.hpp"
#include "runtime/net/upgrade.hpp"

namespace eventflux::net {
namespace {

Result<Url> checked_url(const WebSocketOptions& options) {
  EF_TRY(Url url, model::parse_url(options.url));
  if (url.scheme != "ws" && url.scheme != "wss") {
    return Error{Code::invalid_address,
                 "url of a WebSocket begins with ws:// or wss://, not " + url.scheme + "://"};
  }
  for (const auto& [name, value] : options.headers)
    EF_CHECK(check_header(name, value));
  for (const std::string& name : options.subprotocols)
    EF_CHECK(check_subprotocol(name));
  return url;
}

Result<std::optional<Url>> proxy_of(const Url& url, const WebSocketOptions& options,
                                    const ProxyRules& rules) {
  if (!options.proxy) return rules.proxy_for(url);
  if (options.proxy->empty()) return std::optional<Url>();
  EF_TRY(Url proxy, parse_proxy("proxy", *options.proxy));
  return std::optional(std::move(proxy));
}

}  // namespace

Result<std::unique_ptr<WebSocket>> NetTransport::connect(const WebSocketOptions& options,
                                                         const StopSignal& stop) {
  EF_TRY(const Url url, checked_url(options));
  EF_TRY(const auto proxy, proxy_of(url, options, proxies_));
  const ConnectDeadline patience{clock_.steady() + options.connect_timeout, stop};
  auto loop = std::make_unique<EventLoop>(clock_);
  EF_TRY(auto bytes, dial(*loop, url, proxy, options.tls, patience));
  return upgrade_client(std::move(loop), std::move(bytes), url, options, patience);
}

Result<std::unique_ptr<WebSocketServer>> NetTransport::listen(
    const WebSocketServerOptions& options) {
  return Listener::open(options, clock_);
}

}  // namespace eventflux::net
