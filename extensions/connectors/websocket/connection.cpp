#include "connection.hpp"

#include <algorithm>

#include "eventflux/text.hpp"

namespace eventflux {

using connectors::websocket::CloseCodes;
using connectors::websocket::Messages;
using connectors::websocket::Rate;

namespace {

// The text may hold a token and is not repeated.
Error bad_messages(std::string_view text, const std::string& why) {
  return {Code::invalid_value,
          "a list of messages of " + std::to_string(text.size()) + " bytes " + why,
          "write [[…]] for one message that is an array, [\"…\", \"…\"] for several texts"};
}

}  // namespace

// One message that is an array of texts and objects looks like a list of messages, and was probably
// meant as one: many protocols speak in such arrays.
Result<Messages> ParamCodec<Messages>::parse(std::string_view text) {
  // A text that is not an array is one message, commas and all.
  if (!trim_text(text).starts_with('[')) return Messages{{std::string(text)}};
  const auto elements = json_elements(text);
  if (!elements) return bad_messages(text, "is not a JSON array");
  EF_TRY(auto all, parse_list(text));
  const auto is_text = [](std::string_view element) { return element.starts_with('"'); };
  const auto texts = std::count_if(elements->begin(), elements->end(), is_text);
  if (texts != 0 && texts != std::ssize(*elements))
    return bad_messages(text, "mixes texts with other values");
  return Messages{std::move(all)};
}

// Messages may hold keys and tokens.
std::string ParamCodec<Messages>::print(const Messages& value) {
  return value.all.empty() ? "" : "***";
}

Result<CloseCodes> ParamCodec<CloseCodes>::parse(std::string_view text) {
  CloseCodes codes;
  EF_TRY(const auto parts, parse_list(text));
  for (const std::string& part : parts) {
    const std::size_t dash = part.find('-');
    const auto first = parse_integer(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_integer(part.substr(dash + 1));
    constexpr std::int64_t lowest = 1000;
    constexpr std::int64_t highest = 4999;
    if (!first.ok() || !last.ok() || *first < lowest || *last > highest || *first > *last) {
      return Error{Code::invalid_value, "'" + part + "' is not a close code or a range of them",
                   "codes from 1000 to 4999, like 4004, 4010-4014"};
    }
    codes.ranges.emplace_back(static_cast<std::uint16_t>(*first),
                              static_cast<std::uint16_t>(*last));
  }
  return codes;
}

std::string ParamCodec<CloseCodes>::print(const CloseCodes& value) {
  std::string text;
  for (const auto& [first, last] : value.ranges) {
    text += (text.empty() ? "" : ", ") + std::to_string(first);
    if (last != first) text += "-" + std::to_string(last);
  }
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

bool CloseCodes::contains(std::uint16_t code) const {
  return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

Result<void> Connection::connect(std::uint64_t message_bytes_max) {
  if (!options_.tls_verify)
    context_.log.write(LogLevel::warn, "name=" + context_.name + " tls.verify=false");
  WebSocketOptions wire = wire_options(options_);
  wire.message_bytes_max = message_bytes_max;
  EF_TRY(auto socket, context_.transport.connect(wire, *this));
  socket_.store(std::move(socket));
  return {};
}

Result<void> Connection::send(MessageKind kind, std::string_view payload) {
  const auto socket = socket_.load();
  // Whichever of send() and stop() comes second sees what the first one set.
  sending_ = true;
  auto sent = stopping() ? Result<void>(Error{Code::wrong_lifecycle, "stopped while sending"})
                         : socket->send(kind, payload);
  sending_ = false;
  return sent;
}

void Connection::close(std::uint16_t code, std::string_view reason) {
  if (const auto socket = socket_.exchange(nullptr)) socket->close(code, reason, close_patience);
}

void Connection::stop() noexcept {
  stopped_ = true;
  if (!sending_) return;
  if (const auto socket = socket_.load()) socket->cancel();
}

}  // namespace connectors::websocket
}  // namespace eventflux
