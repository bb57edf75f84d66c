#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventflux/context.hpp"

namespace eventflux {

enum class MessageKind : std::uint8_t { text, binary };

/// How TLS is done. The defaults verify the peer and its name against the system's roots.
struct TlsOptions {
  bool verify = true;
  std::string ca_file{};
  std::string cert_file{};
  std::string key_file{};
  Secret key_password{};
  std::string min_version = "1.2";  ///< "1.2" or "1.3"
  std::string server_name{};        ///< Empty takes the host of the URL.
  std::string pin_sha256{};         ///< Hex of the peer certificate's SHA-256; empty pins nothing.
};

struct WebSocketOptions {
  std::string url;  ///< ws:// or wss://
  std::vector<std::pair<std::string, std::string>> headers{};
  std::vector<std::string> subprotocols{};
  TlsOptions tls{};
  /// "http://host:port" of a CONNECT proxy; empty connects directly, nothing leaves it to the
  /// environment: https_proxy, HTTPS_PROXY, http_proxy, no_proxy, NO_PROXY.
  std::optional<std::string> proxy{};
  Duration connect_timeout = std::chrono::seconds(10);  ///< Resolve, connect, TLS and upgrade.
  bool permessage_deflate = true;
  std::uint64_t message_bytes_max = 16U << 20U;  ///< After inflating.
};

/// A message as received. Owns: nothing; valid until the next receive(). At least 64 readable bytes
/// follow the payload, so that parsers may work in place.
struct Message {
  MessageKind kind = MessageKind::text;
  std::span<char> payload{};
};

/// Why a connection ended, for status and logs.
struct CloseReason {
  std::uint16_t code = 1006;
  std::string text{};
};

/// One WebSocket connection, either side.
/// Thread: one thread receives, one thread may send at the same time; close() and cancel() from
/// any.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  /// Blocks: until a message is there or `timeout` is over. Returns nothing when time is over.
  /// Fails: EF0501 connection lost or closed, EF0605 message too large.
  virtual Result<std::optional<Message>> receive(Duration timeout) = 0;
  /// Blocks: until the kernel took the message. Fails: EF0501; EF0606 for text that is not UTF-8.
  virtual Result<void> send(MessageKind kind, std::string_view payload) = 0;
  /// Sends a ping of at most 125 bytes and returns; pongs are counted as they are received.
  virtual Result<void> ping(std::string_view payload) = 0;
  /// Returns how many pongs that echo one of our pings have arrived, and how long ago any byte did.
  virtual std::uint64_t pongs() const = 0;
  virtual Duration silence() const = 0;
  /// Sends a close frame and waits at most `patience`, never more than 3 s, for the peer's;
  /// afterwards all calls fail with EF0501. A code that cannot be sent, such as 1006, cuts the
  /// line.
  virtual void close(std::uint16_t code, std::string_view reason, Duration patience) noexcept = 0;
  /// Ends all waits at once, without a handshake.
  virtual void cancel() noexcept = 0;
  virtual CloseReason close_reason() const = 0;
  /// Returns the subprotocol that the server chose; empty for none.
  virtual std::string subprotocol() const = 0;
};

/// What a client asked for when it opened a WebSocket.
struct UpgradeRequest {
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// How a server answers an upgrade; a status other than 101 refuses it.
struct UpgradeResponse {
  int status = 101;
  std::string subprotocol{};
  Duration delay{};  ///< Waits before it answers.
};

/// Connections that wait to be served. Thread: accept() from one thread; close() from any.
class WebSocketServer {
 public:
  virtual ~WebSocketServer() = default;
  /// Blocks: until a client has connected and been answered, or close(). Returns null after
  /// close().
  virtual Result<std::unique_ptr<WebSocket>> accept() = 0;
  virtual std::uint16_t port() const = 0;
  virtual void close() noexcept = 0;
};

struct WebSocketServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< Zero takes a free one.
  TlsOptions tls{};        ///< Serves TLS when cert_file is set.
  bool permessage_deflate = true;
  std::uint64_t message_bytes_max = 16U << 20U;
  std::function<UpgradeResponse(const UpgradeRequest&)> on_upgrade{};
};

/// Checks a header that a user gave: connect() refuses what this refuses. Fails: EF0508 for a name
/// that is no token or belongs to the handshake, or a value with a control byte other than the tab,
/// which could end its line; the value itself is never shown.
Result<void> check_header(std::string_view name, std::string_view value);
/// Checks the name of a subprotocol. Fails: EF0508 when it is no token.
Result<void> check_subprotocol(std::string_view name);

/// The one way to the network. Thread: any.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Blocks: at most connect_timeout, or until `stop`. Fails: EF0502 refused or unreachable, EF0503
  /// handshake refused (with the status), EF0504 TLS, EF0506 timed out, EF0508 bad URL or header.
  virtual Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions& options,
                                                     const StopSignal& stop) = 0;
  /// Fails: EF0508 bad address, EF0502 address in use, EF0504 certificate.
  virtual Result<std::unique_ptr<WebSocketServer>> listen(
      const WebSocketServerOptions& options) = 0;
};

}  // namespace eventflux
