#pragma once

#include <functional>
#include <memory>

#include "eventflux/transport.hpp"

#include "runtime/net/byte_stream.hpp"
#include "runtime/net/dial.hpp"
#include "runtime/net/event_loop.hpp"

namespace eventflux::net {

/// Turns a line into a WebSocket, as its client. Fails: EF0503, EF0504, EF0506, EF0804.
Result<std::unique_ptr<WebSocket>> upgrade_client(std::unique_ptr<EventLoop> loop,
                                                  std::unique_ptr<ByteStream> bytes, const Url& url,
                                                  const WebSocketOptions& options,
                                                  const ConnectDeadline& patience);

/// Turns an accepted line into a WebSocket, step by step, so that a slow client holds up no other.
/// Thread: one.
class ServerUpgrade {
 public:
  enum class Progress : std::uint8_t { working, done, refused };

  virtual ~ServerUpgrade() = default;
  /// Does what can be done without waiting.
  virtual Progress advance() = 0;
  /// Returns the WebSocket once advance() said `done`.
  virtual std::unique_ptr<WebSocket> take() = 0;
};

/// `options` outlives the upgrade.
std::unique_ptr<ServerUpgrade> upgrade_server(std::unique_ptr<EventLoop> loop,
                                              std::unique_ptr<ByteStream> bytes,
                                              const WebSocketServerOptions& options);

}  // namespace eventflux::net
