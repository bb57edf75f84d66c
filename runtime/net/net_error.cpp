#include "runtime/net/net_error.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "base/text.hpp"

namespace eventflux::net {
namespace {

namespace websocket = boost::beast::websocket;

bool is_end_of_line(const ErrorCode& reason) {
  return reason == asio::error::eof || reason == asio::ssl::error::stream_truncated ||
         reason == asio::error::connection_reset || reason == asio::error::broken_pipe;
}

}  // namespace

std::uint16_t close_code_of(const ErrorCode& reason) {
  if (reason == websocket::error::message_too_big || reason == websocket::error::buffer_overflow)
    return websocket::close_code::too_big;
  if (reason == websocket::error::bad_frame_payload) return websocket::close_code::bad_payload;
  if (reason == websocket::condition::protocol_violation)
    return websocket::close_code::protocol_error;
  return websocket::close_code::abnormal;
}

Error session_error(const ErrorCode& reason, const CloseReason& close,
                    std::uint64_t message_bytes_max) {
  if (reason == websocket::error::message_too_big || reason == websocket::error::buffer_overflow)
    return {Code::too_large,
            "message is larger than " + std::to_string(message_bytes_max) + " bytes",
            "raise message.max.bytes"};
  if (reason == websocket::error::closed) {
    return {Code::connection_lost, "connection closed by the peer: code " +
                                       std::to_string(close.code) + " '" +
                                       base::escape_json(close.text) + "'"};
  }
  if (is_end_of_line(reason)) return {Code::connection_lost, "connection lost: the peer is gone"};
  if (reason == websocket::error::bad_frame_payload)
    return {Code::connection_lost, "connection given up: peer sent text that is not UTF-8"};
  if (reason == websocket::condition::protocol_violation) {
    return {Code::connection_lost,
            "connection given up: peer broke the protocol: " + reason.message()};
  }
  return {Code::connection_lost, "connection lost: " + reason.message()};
}

Error connect_error(const std::string& place, const ErrorCode& reason) {
  return {Code::connection_refused, "cannot connect to " + place + ": " + reason.message()};
}

Error upgrade_error(const std::string& place, const ErrorCode& reason) {
  if (is_end_of_line(reason))
    return {Code::handshake_refused, place + " closed the connection during the handshake"};
  if (reason.category() == asio::error::get_ssl_category())
    return {Code::tls_failed, "TLS with " + place + " failed: " + reason.message()};
  return {Code::handshake_refused,
          place + " did not answer as a WebSocket server: " + reason.message()};
}

}  // namespace eventflux::net
