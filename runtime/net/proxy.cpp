#include "runtime/net/proxy.hpp"

#include <array>

#include "base/text.hpp"

namespace eventflux::net {
namespace {

// A longer answer is not an answer to CONNECT.
constexpr std::size_t answer_bytes_max = 8192;
constexpr std::size_t line_shown_max = 100;

Error refused(const std::string& reason) {
  return {Code::handshake_refused, "the proxy refused: " + reason};
}

/// Whatever is under way when the caller gives up still has a place to write to.
struct Exchange {
  std::string request;
  std::array<char, 1024> part{};
  std::size_t bytes = 0;
};

}  // namespace

Result<void> open_tunnel(EventLoop& loop, Socket& socket, const Url& url,
                         const ConnectDeadline& patience) {
  const std::string host =
      url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const std::string place = host + ":" + std::to_string(url.port);
  const auto exchange = std::make_shared<Exchange>();
  exchange->request = "CONNECT " + place + " HTTP/1.1\r\nHost: " + place + "\r\n\r\n";
  const auto keep_count = [&](Completion done) {
    return [exchange, done = std::move(done)](ErrorCode failed, std::size_t bytes) mutable {
      exchange->bytes = bytes;
      done(failed, bytes);
    };
  };
  // The request is shorter than any send buffer: one write takes it whole.
  EF_TRY(const ErrorCode unsent, await(loop, patience, "asking the proxy", [&](Completion done) {
           socket.async_write_some(asio::buffer(exchange->request), keep_count(std::move(done)));
         }));
  if (unsent) return refused(unsent.message());
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    EF_TRY(const ErrorCode failed,
           await(loop, patience, "the proxy's answer", [&](Completion done) {
             socket.async_read_some(asio::buffer(exchange->part), keep_count(std::move(done)));
           }));
    if (failed) return refused(failed.message());
    answer.append(exchange->part.data(), exchange->bytes);
    if (answer.size() > answer_bytes_max) return refused("its answer does not end");
  }
  const std::string_view line = std::string_view(answer).substr(0, answer.find("\r\n"));
  // "HTTP/1.1 200 …"; a line may end anywhere.
  constexpr std::size_t version_size = 8;
  const bool accepted = line.starts_with("HTTP/1.") && line.size() > version_size &&
                        line.substr(version_size).starts_with(" 2");
  if (!accepted) return refused("'" + base::escape_json(line.substr(0, line_shown_max)) + "'");
  return {};
}

}  // namespace eventflux::net
