#pragma once

#include <atomic>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>

#include "eventflux/transport.hpp"

#include "runtime/net/event_loop.hpp"
#include "runtime/net/tls.hpp"
#include "runtime/net/upgrade.hpp"

namespace eventflux::net {

/// Accepts lines and answers their upgrades side by side: a client that is slow, or that the server
/// keeps waiting on purpose, holds up nobody.
class Listener final : public WebSocketServer {
 public:
  /// Fails: EF0502, EF0504, EF0508.
  static Result<std::unique_ptr<WebSocketServer>> open(const WebSocketServerOptions& options,
                                                       const Clock& clock);

  Listener(WebSocketServerOptions options, TlsContext tls, const Clock& clock);

  Result<std::unique_ptr<WebSocket>> accept() override;

  std::uint16_t port() const override { return port_; }

  void close() noexcept override;

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

  Result<void> bind(const Endpoint& endpoint);
  void start_accept();
  void take_line();
  std::unique_ptr<WebSocket> advance();

  WebSocketServerOptions options_;
  TlsContext tls_;
  const Clock& clock_;
  // The loop that the next line will run on. It outlives the loop of the acceptor, whose pending
  // operation holds a socket of it.
  std::unique_ptr<EventLoop> next_loop_;
  EventLoop loop_;
  Acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::atomic<bool> closed_{false};
  std::vector<std::unique_ptr<ServerUpgrade>> upgrades_;

  // Guarded by the mutex of loop_: the next line, and whether it is waited for.
  std::optional<Socket> next_;
  bool waiting_ = false;
};

}  // namespace eventflux::net
