#include "websocket.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace eventflux {

using connectors::websocket::Acknowledgement;
using connectors::websocket::Framing;
using connectors::websocket::MessageType;

template <>
struct ParamCodec<MessageType> : ChoiceCodec<MessageType, ParamCodec<MessageType>> {
  static constexpr std::array<std::string_view, 2> choices{"text", "binary"};
};

template <>
struct ParamCodec<Framing> : ChoiceCodec<Framing, ParamCodec<Framing>> {
  static constexpr std::array<std::string_view, 3> choices{"message", "array", "lines"};
};

template <>
struct ParamCodec<Acknowledgement> : ChoiceCodec<Acknowledgement, ParamCodec<Acknowledgement>> {
  static constexpr std::array<std::string_view, 2> choices{"pong", "none"};
};

namespace connectors::websocket {
namespace {

constexpr Duration shortest = std::chrono::milliseconds(1);
// Only such a server is spoken to over TLS.
constexpr const char* secure = "wss://…";

Result<void> is_header(const ParamValue& value) {
  return check_header(value.name.substr(value.name.find('.') + 1), value.text);
}

Result<void> are_subprotocols(const ParamValue& value) {
  EF_TRY(const auto names, parse_list(value.text));
  for (const std::string& name : names) {
    if (check_subprotocol(name).ok()) continue;
    return Error{Code::invalid_value, "'" + name + "' is not a name that HTTP allows",
                 "letters, digits and marks such as - . _"};
  }
  return {};
}

Result<void> is_sha256(const ParamValue& value) {
  const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  std::string digits = value.text;
  std::erase(digits, ':');
  if (digits.size() == 64 && std::all_of(digits.begin(), digits.end(), is_hex)) return {};
  return Error{Code::invalid_value, "'" + value.text + "' is not a SHA-256",
               "64 hex digits, as openssl x509 -fingerprint -sha256 prints them"};
}

Result<void> is_close_code(const ParamValue& value) {
  const auto code = parse_integer(value.text);
  if (!code.ok() || *code == 0 || *code == 1000 || (*code >= 3000 && *code <= 4999)) return {};
  return Error{Code::invalid_value, "'" + value.text + "' is not a code that a client may send",
               "0, 1000 or a code from 3000 to 4999"};
}

/// A parameter that source and sink inherit.
template <class Options, class T>
Param<Options> line_param(std::string name, T LineOptions::*member, std::string text) {
  return param<Options>(std::move(name), static_cast<T Options::*>(member), std::move(text));
}

template <class Options>
ParamSpec<Options> line_params() {
  using L = LineOptions;
  const auto line = [](std::string name, auto member, std::string text) {
    return line_param<Options>(std::move(name), member, std::move(text));
  };
  return {
      line("url", &L::url, "Where to connect: ws:// or wss://, with path and query.")
          .required("wss://ws-feed.exchange.coinbase.com")
          .url({"ws", "wss"}),
      line("headers.", &L::headers, "A header of the handshake, for example headers.X-Key.")
          .secret()
          .valid(is_header),
      line("subprotocol", &L::subprotocols, "Subprotocols to offer; another answer is refused.")
          .valid(are_subprotocols),
      line("connect.timeout", &L::connect_timeout, "Resolve, connect, TLS and upgrade together.")
          .at_least(shortest),
      line("proxy", &L::proxy, "A CONNECT proxy; without it, that of the environment. Empty: none.")
          .example("http://proxy:3128")
          .url({"http"}),
      line("permessage.deflate", &L::permessage_deflate, "Offers RFC 7692."),
      line("open.messages", &L::open_messages,
           "Message, or JSON array of messages, to send in order after the upgrade.")
          .secret()
          .example(R"({"type":"subscribe"})"),
      line("tls.verify", &L::tls_verify, "Verifies the server's certificate and its name.")
          .needs("url", secure),
      line("tls.ca", &L::tls_ca, "PEM file of the CAs to trust instead of the system's.")
          .needs("url", secure)
          .needs("tls.verify", "true"),
      line("tls.cert", &L::tls_cert, "PEM file of our own certificate.").needs("url", secure),
      line("tls.key", &L::tls_key, "PEM file of its key.").secret().needs("tls.cert"),
      line("tls.key.password", &L::tls_key_password, "Password of that file.").needs("tls.cert"),
      line("tls.min", &L::tls_min, "Oldest version to speak.").needs("url", secure),
      line("tls.server.name", &L::tls_server_name, "Name to expect instead of the url's host.")
          .needs("url", secure),
      line("tls.pin.sha256", &L::tls_pin, "Hex SHA-256 of the only certificate to accept.")
          .valid(is_sha256)
          .needs("url", secure),
  };
}

ParamSpec<SourceOptions> source_params() {
  using O = SourceOptions;
  ParamSpec<O> spec = line_params<O>();
  const ParamSpec<O> own{
      param("subscribe.message", &O::subscribe_message,
            "Message to send after every connect, after open.messages."),
      param("subscribe.wait.for", &O::subscribe_wait_for,
            "Condition of the message after which it is sent, for example the answer to a login.")
          .example("$.event = 'login'")
          .needs("subscribe.message"),
      param("open.wait.for", &O::open_wait_for, "Condition that matches the answer to these.")
          .example("$.channel = 'subscriptions'"),
      param("open.fail.on", &O::open_fail_on, "Condition that matches a refusal.")
          .example("$.type = 'error'"),
      param("open.count", &O::open_count, "How many answers are expected.")
          .at_least(1)
          .needs("open.wait.for"),
      param("open.timeout", &O::open_timeout, "How long the answers may take.")
          .at_least(shortest)
          .needs_one_of({"open.wait.for", "open.fail.on", "subscribe.wait.for"}),
      param("heartbeat.send", &O::heartbeat_send, "Message to send once per heartbeat.interval."),
      param("heartbeat.interval", &O::heartbeat_interval, "Time between two heartbeats.")
          .at_least(shortest)
          .needs_one_of({"heartbeat.send", "heartbeat.expect"}),
      param("heartbeat.expect", &O::heartbeat_expect,
            "Condition that some message of every heartbeat.interval has to match.")
          .example("payload = 'pong'"),
      line_param<O>("ping.interval", &LineOptions::ping_interval,
                    "Time between two pings of the protocol; 0 sends none.")
          .at_least(0),
      param("receive.timeout", &O::receive_timeout,
            "Silence after which the connection has to answer a ping within 5 s; 0 never asks.")
          .at_least(0),
      param("data.timeout", &O::data_timeout,
            "Time without data after which it reconnects, whatever pings say; 0 never does.")
          .at_least(0),
      param("framing", &O::framing,
            "What a message holds: one payload, a JSON array of payloads, or lines."),
      param("close.code", &O::close_code,
            "Code to close with; 0: 1000 when the app stops, else 1001.")
          .valid(is_close_code),
      param("close.fail.on", &O::close_fail_on,
            "Close codes of the server after which reconnecting is useless.")
          .example("4004, 4010-4014"),
      param("rate.send", &O::rate_send, "Number of messages that may be sent in a span of time.")
          .example("8/s")
          .needs_one_of({"open.messages", "subscribe.message", "heartbeat.send"}),
  };
  spec.insert(spec.end(), own.begin(), own.end());
  return spec;
}

ParamSpec<SinkOptions> sink_params() {
  using O = SinkOptions;
  ParamSpec<O> spec = line_params<O>();
  const ParamSpec<O> own{
      param("message.type", &O::message_type, "Kind of the messages; text has to be UTF-8."),
      param("ack", &O::ack,
            "pong: a batch is written when a ping after it is answered; none: when it is sent."),
      param("ack.timeout", &O::ack_timeout, "Longest time until that answer.")
          .at_least(shortest)
          .needs("ack", "pong"),
      line_param<O>(
          "ping.interval", &LineOptions::ping_interval,
          "A connection unused for this long has to answer a ping before a batch; 0 never asks.")
          .at_least(0),
  };
  spec.insert(spec.end(), own.begin(), own.end());
  return spec;
}

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.source<WebSocketSource>("websocket", "Receives messages from a WebSocket server.",
                                   {.delivery = SourceClass::r0_volatile, .network = true},
                                   source_params());
  registry.sink<WebSocketSink>("websocket", "Sends each row to a WebSocket server as one message.",
                               {.delivery = SinkClass::s0_unacknowledged, .network = true},
                               sink_params());
}

}  // namespace connectors::websocket
}  // namespace eventflux
