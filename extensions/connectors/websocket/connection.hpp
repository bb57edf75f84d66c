#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventflux/context.hpp"
#include "eventflux/params.hpp"
#include "eventflux/transport.hpp"

namespace eventflux::connectors::websocket {

/// One text, or a JSON array of texts or of JSON values; each is one message.
struct Messages {
  std::vector<std::string> all{};
};

/// Close codes, one by one or from … to.
struct CloseCodes {
  std::vector<std::pair<std::uint16_t, std::uint16_t>> ranges{};

  bool contains(std::uint16_t code) const;
};

/// The number of messages allowed in a span of time; zero when there is no limit.
struct Rate {
  std::int64_t count = 0;
  Duration per{};

  Duration step() const { return count > 0 ? per / count : Duration::zero(); }
};

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

/// What source and sink need to reach the other side.
struct LineOptions {
  std::string url{};
  ParamMap headers{};
  std::vector<std::string> subprotocols{};
  Duration connect_timeout = std::chrono::seconds(10);
  std::optional<std::string> proxy{};  ///< Nothing: that of the environment.
  bool permessage_deflate = true;
  Messages open_messages{};
  Duration ping_interval = std::chrono::seconds(15);
  bool tls_verify = true;
  std::string tls_ca{};
  std::string tls_cert{};
  std::string tls_key{};
  Secret tls_key_password{};
  TlsVersion tls_min = TlsVersion::v1_2;
  std::string tls_server_name{};
  std::string tls_pin{};
};

/// A connection that another thread can end at any moment, also while it sends to a peer that does
/// not read. Thread: one uses it; stop() from any.
class Connection final : public StopSignal {
 public:
  Connection(LineOptions options, Context& context)
      : options_(std::move(options)), context_(context) {}

  /// Connects anew. `message_bytes_max` is the size of a message that ends the connection.
  /// Fails: like Transport::connect().
  Result<void> connect(std::uint64_t message_bytes_max = WebSocketOptions{}.message_bytes_max);

  bool connected() const { return socket_.load() != nullptr; }

  /// The socket; only while connected().
  WebSocket& socket() { return *socket_.load(); }

  Result<void> send(MessageKind kind, std::string_view payload);
  /// Closes within 30 ms, with a handshake if the peer is quick, and lets the connection go.
  void close(std::uint16_t code, std::string_view reason);
  void stop() noexcept;

  bool stopping() const noexcept override {
    return stopped_.load() || (context_.stop != nullptr && context_.stop->stopping());
  }

 private:
  LineOptions options_;
  Context& context_;
  // Shared with stop() for the length of its call.
  std::atomic<std::shared_ptr<WebSocket>> socket_{};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> sending_{false};
};

}  // namespace eventflux::connectors::websocket

namespace eventflux {

template <>
struct ParamCodec<connectors::websocket::Messages> {
  using Messages = connectors::websocket::Messages;
  static constexpr std::string_view type = "list";
  static Result<Messages> parse(std::string_view text);
  static std::string print(const Messages& value);

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<connectors::websocket::CloseCodes> {
  using CloseCodes = connectors::websocket::CloseCodes;
  static constexpr std::string_view type = "codes";
  static Result<CloseCodes> parse(std::string_view text);
  static std::string print(const CloseCodes& value);

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<connectors::websocket::TlsVersion>
    : ChoiceCodec<connectors::websocket::TlsVersion,
                  ParamCodec<connectors::websocket::TlsVersion>> {
  static constexpr std::array<std::string_view, 2> choices{"1.2", "1.3"};
};

template <>
struct ParamCodec<connectors::websocket::Rate> {
  using Rate = connectors::websocket::Rate;
  static constexpr std::string_view type = "rate";
  static Result<Rate> parse(std::string_view text);
  static std::string print(const Rate& value);

  static std::vector<std::string> names() { return {}; }
};

}  // namespace eventflux
