#include <algorithm>

#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/stream_base.hpp>

#include "base/text.hpp"
#include "runtime/net/handshake_rules.hpp"
#include "runtime/net/net_error.hpp"
#include "runtime/net/session.hpp"
#include "runtime/net/upgrade.hpp"

namespace eventflux::net {
namespace {

namespace websocket = boost::beast::websocket;
namespace http = boost::beast::http;

std::string view_of(boost::beast::string_view text) {
  return std::string(text);
}

void set_headers(Session::Stream& stream, const WebSocketOptions& options) {
  stream.set_option(websocket::stream_base::decorator([&options](websocket::request_type& request) {
    request.set(http::field::user_agent, "eventflux");
    for (const auto& [name, value] : options.headers)
      request.set(name, value);
    if (!options.subprotocols.empty())
      request.set(http::field::sec_websocket_protocol, base::join(options.subprotocols, ", "));
  }));
}

/// Returns whether the same request will be refused again until somebody changes something.
bool is_lasting(unsigned status) {
  return status == 400 || status == 401 || status == 403 || status == 404 || status / 100 == 3;
}

Error declined(const Url& url, const websocket::response_type& answer, Timestamp now) {
  const unsigned status = answer.result_int();
  std::string text = url.host + " refused the handshake with status " + std::to_string(status);
  const std::string wait = view_of(answer[http::field::retry_after]);
  if (!wait.empty()) text += ", retry after '" + base::escape_json(wait.substr(0, 40)) + "'";
  std::string help;
  if (status / 100 == 3) help = "redirects are not followed: give the final url";
  Error error{Code::handshake_refused, std::move(text), std::move(help)};
  error.retry = {.after = retry_after(wait, now), .lasting = is_lasting(status)};
  return error;
}

Result<std::string> chosen_subprotocol(const WebSocketOptions& options,
                                       const websocket::response_type& answer) {
  std::string chosen = view_of(answer[http::field::sec_websocket_protocol]);
  const auto& offered = options.subprotocols;
  if (chosen.empty() || std::find(offered.begin(), offered.end(), chosen) != offered.end())
    return chosen;
  return Error{Code::handshake_refused, "the server chose a subprotocol that was not offered: '" +
                                            base::escape_json(chosen.substr(0, 40)) + "'"};
}

Result<void> check_extensions(const websocket::response_type& answer, bool offered) {
  std::vector<std::string> lines;
  const auto range = answer.equal_range(http::field::sec_websocket_extensions);
  for (auto field = range.first; field != range.second; ++field)
    lines.push_back(view_of(field->value()));
  return check_accepted_extensions(lines, offered);
}

}  // namespace

Result<std::unique_ptr<WebSocket>> upgrade_client(std::unique_ptr<EventLoop> loop,
                                                  std::unique_ptr<ByteStream> bytes, const Url& url,
                                                  const WebSocketOptions& options,
                                                  const ConnectDeadline& patience) {
  // The answer outlives the session: the handshake writes to it until the session is gone.
  websocket::response_type answer;
  auto session = std::make_unique<Session>(
      std::move(loop), std::move(bytes),
      SessionOptions{options.permessage_deflate, options.message_bytes_max});
  set_headers(session->stream(), options);
  const std::string host = url.authority();
  EF_TRY(const ErrorCode failed,
         await(session->loop(), patience, "the handshake with " + url.host, [&](Completion done) {
           session->stream().async_handshake(answer, host, url.target, std::move(done));
         }));
  if (failed == websocket::error::upgrade_declined)
    return declined(url, answer, session->loop().clock().now());
  if (failed) return upgrade_error(url.host, failed);
  EF_TRY(std::string subprotocol, chosen_subprotocol(options, answer));
  EF_CHECK(check_extensions(answer, options.permessage_deflate));
  session->set_subprotocol(std::move(subprotocol));
  return std::unique_ptr<WebSocket>(std::move(session));
}

}  // namespace eventflux::net
