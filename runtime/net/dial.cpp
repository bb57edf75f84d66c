#include "runtime/net/dial.hpp"

#include <boost/asio/ssl/context.hpp>

#include "runtime/net/net_error.hpp"
#include "runtime/net/proxy.hpp"
#include "runtime/net/resolve.hpp"
#include "runtime/net/tls.hpp"

namespace eventflux::net {
namespace {

std::string place_of(const Url& url) {
  return url.host + ":" + std::to_string(url.port);
}

/// What one step has come to; the handler keeps it alive when the waiter has gone.
struct Step {
  bool done = false;
  ErrorCode failed{};
};

Result<Socket> connect_one(EventLoop& loop, const Endpoint& endpoint, const std::string& place,
                           const ConnectDeadline& patience) {
  Socket socket(loop.executor());
  EF_TRY(const ErrorCode failed,
         await(loop, patience, "connecting to " + place,
               [&](Completion done) { socket.async_connect(endpoint, std::move(done)); }));
  if (failed) return connect_error(place, failed);
  ErrorCode ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  return socket;
}

/// Tries one address after the other; each may use an equal share of the time that is left.
Result<Socket> connect_any(EventLoop& loop, const Url& url, const ConnectDeadline& patience) {
  EF_TRY(const auto endpoints,
         resolve(url.host, url.port, loop.clock(), patience.deadline, patience.stop));
  Error last{Code::connection_refused, "cannot connect to " + place_of(url)};
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const Timestamp now = loop.clock().steady();
    const Duration share =
        (patience.deadline - now) / static_cast<std::int64_t>(endpoints.size() - i);
    auto socket = connect_one(loop, endpoints[i], place_of(url), {now + share, patience.stop});
    if (socket.ok() || socket.error().code == Code::wrong_lifecycle) return socket;
    last = std::move(socket).error();
  }
  return last;
}

Error tls_failure(const std::string& place, const ErrorCode& reason, const ByteStream& stream) {
  const std::string verdict = stream.verdict();
  const std::string text = verdict.empty() ? reason.message() : verdict;
  Error error{
      Code::tls_failed, "TLS with " + place + " failed: " + text,
      verdict.empty()
          ? ""
          : "name the CA with tls.ca, the expected name with tls.server.name, or the certificate "
            "with tls.pin.sha256"};
  error.retry.lasting = !verdict.empty();
  return error;
}

Result<std::unique_ptr<ByteStream>> start_tls(EventLoop& loop, Socket socket, const Url& url,
                                              const TlsOptions& options,
                                              const ConnectDeadline& patience) {
  EF_TRY(const TlsContext context, client_tls(options));
  const std::string& name = options.server_name.empty() ? url.host : options.server_name;
  ErrorCode is_name;
  asio::ip::make_address(name, is_name);
  auto stream = tls_stream(std::move(socket), *context, loop.clock(), options.verify ? name : "",
                           is_name ? name : "");
  EF_TRY(const ErrorCode failed,
         await(loop, patience, "TLS with " + place_of(url),
               [&](Completion done) { stream->handshake(Role::client, std::move(done)); }));
  if (failed) return tls_failure(place_of(url), failed, *stream);
  if (!options.pin_sha256.empty() && !pin_matches(options.pin_sha256, stream->peer_sha256())) {
    return Error{Code::tls_failed, "TLS with " + place_of(url) +
                                       " failed: the peer's certificate is not the pinned one"};
  }
  return stream;
}

}  // namespace

Result<ErrorCode> await(EventLoop& loop, const ConnectDeadline& patience, const std::string& what,
                        const std::function<void(Completion)>& start) {
  const auto step = std::make_shared<Step>();
  Completion handler(
      [step, &loop](ErrorCode failed, std::size_t) {
        loop.update([&] { *step = {true, failed}; });
      },
      loop.executor());
  const auto begin = [&] { start(std::move(handler)); };
  loop.wait(
      begin, [&] { return step->done || patience.stop.stopping(); },
      patience.deadline - loop.clock().steady());
  if (step->done) return step->failed;
  if (patience.stop.stopping()) return Error{Code::wrong_lifecycle, "stopped while connecting"};
  return Error{Code::timed_out, what + " took too long"};
}

Result<std::unique_ptr<ByteStream>> dial(EventLoop& loop, const Url& url,
                                         const std::optional<Url>& proxy, const TlsOptions& tls,
                                         const ConnectDeadline& patience) {
  EF_TRY(Socket socket, connect_any(loop, proxy ? *proxy : url, patience));
  if (proxy) EF_CHECK(open_tunnel(loop, socket, url, patience));
  if (!url.secure()) return plain_stream(std::move(socket), loop.clock());
  return start_tls(loop, std::move(socket), url, tls, patience);
}

}  // namespace eventflux::net
