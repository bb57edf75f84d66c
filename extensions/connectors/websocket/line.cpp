#include "line.hpp"

namespace eventflux {

using connectors::websocket::Messages;
using connectors::websocket::Rate;

Result<Messages> ParamCodec<Messages>::parse(std::string_view text) {
  // A text that is no array is one message, commas and all.
  if (!text.starts_with('[')) return Messages{{std::string(text)}};
  EF_TRY(auto all, parse_list(text));
  return Messages{std::move(all)};
}

std::string ParamCodec<Messages>::print(const Messages& value) {
  std::string text;
  for (const std::string& message : value.all)
    text += (text.empty() ? "" : " ") + message;
  return text;
}

Result<Rate> ParamCodec<Rate>::parse(std::string_view text) {
  const Error bad{Code::invalid_value, std::string("'").append(text).append("' is not a rate"),
                  "write it like 8/s or 300/5m"};
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return bad;
  const auto count = parse_integer(text.substr(0, slash));
  std::string per(text.substr(slash + 1));
  if (!per.empty() && (per.front() < '0' || per.front() > '9')) per.insert(per.begin(), '1');
  const auto length = parse_duration(per);
  if (!count.ok() || !length.ok() || *count <= 0 || *length <= Duration::zero()) return bad;
  return Rate{*count, *length};
}

std::string ParamCodec<Rate>::print(const Rate& value) {
  return value.count == 0 ? "" : std::to_string(value.count) + "/" + to_text(value.per);
}

namespace connectors::websocket {
namespace {

// With the 50 ms in which a wait notices a stop, this keeps the promise of 100 ms.
constexpr Duration close_patience = std::chrono::milliseconds(30);

WebSocketOptions wire_options(const LineOptions& options) {
  WebSocketOptions wire;
  wire.url = options.url;
  wire.headers.assign(options.headers.begin(), options.headers.end());
  wire.subprotocols = options.subprotocols;
  wire.proxy = options.proxy;
  wire.connect_timeout = options.connect_timeout;
  wire.permessage_deflate = options.permessage_deflate;
  wire.tls = {.verify = options.tls_verify,
              .ca_file = options.tls_ca,
              .cert_file = options.tls_cert,
              .key_file = options.tls_key,
              .key_password = options.tls_key_password,
              .min_version = ParamCodec<TlsVersion>::print(options.tls_min),
              .server_name = options.tls_server_name,
              .pin_sha256 = options.tls_pin};
  return wire;
}

}  // namespace

Result<void> Line::connect() {
  if (!options_.tls_verify)
    context_.log.write(LogLevel::warn, "name=" + context_.name + " tls.verify=false");
  EF_TRY(auto socket, context_.transport.connect(wire_options(options_), *this));
  socket_.store(std::move(socket));
  return {};
}

Result<void> Line::send(MessageKind kind, std::string_view payload) {
  const auto socket = socket_.load();
  // Whichever of send() and stop() comes second sees what the first one set.
  sending_ = true;
  auto sent = stopping() ? Result<void>(Error{Code::wrong_lifecycle, "stopped while sending"})
                         : socket->send(kind, payload);
  sending_ = false;
  return sent;
}

void Line::close(std::uint16_t code, std::string_view reason) {
  if (const auto socket = socket_.exchange(nullptr)) socket->close(code, reason, close_patience);
}

void Line::stop() noexcept {
  stopped_ = true;
  if (!sending_) return;
  if (const auto socket = socket_.load()) socket->cancel();
}

}  // namespace connectors::websocket
}  // namespace eventflux
