#include <doctest/doctest.h>

#include "tests/net/peers.hpp"

namespace eventflux::net_tests {
namespace {

/// An environment in which one variable is set.
net::ProxyRules environment_with(const std::string& variable, const std::string& value) {
  return net::ProxyRules([variable, value](std::string_view kind, std::string_view name) {
    return kind == "env" && name == variable ? std::optional(value) : std::nullopt;
  });
}

/// Refuses a tunnel, and keeps what it was asked.
struct RefusingProxy {
  std::string asked{};
  RawServer server{[this](RawLine& line) {
    asked = line.read_until("\r\n\r\n");
    line.write("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  }};

  std::string url() const { return "http://" + server.authority(); }
};

Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions& options,
                                           net::ProxyRules rules = {}) {
  static const time::SystemClock clock;
  const Flag never;
  return net::NetTransport(clock, std::move(rules)).connect(options, never);
}

std::string text_of(const Result<std::unique_ptr<WebSocket>>& connected) {
  if (!connected.ok()) return to_text(connected.error());
  const auto message = (*connected)->receive(patience).value();
  if (!message) return "(nothing came)";
  return {message->payload.data(), message->payload.size()};
}

/// Opens every tunnel, and is the server at its end too.
RawServer::Script opens_tunnel() {
  return [](RawLine& line) {
    line.read_until("\r\n\r\n");
    line.write("HTTP/1.1 200 Connection established\r\n\r\n");
    line.accept_upgrade();
    line.write(frame(0x81, "through"));
    line.drain();
  };
}

}  // namespace

TEST_CASE("a proxy is asked for a tunnel and its refusal is EF0503") {
  const RefusingProxy proxy;
  const auto connected = connect({.url = "ws://example.com/feed", .proxy = proxy.url()});
  REQUIRE_FALSE(connected.ok());
  CHECK(connected.error().code == Code::handshake_refused);
  CHECK(connected.error().message.find("407") != std::string::npos);
  CHECK(proxy.asked.starts_with("CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n"));
}

TEST_CASE("a proxy's answer may end anywhere, EF0503") {
  for (const std::string line : {"", "H", "HTTP/1.", "HTTP/1.1", "HTTP/1.1 ", "HTTP/2 200"}) {
    const RawServer proxy([line](RawLine& peer) {
      peer.read_until("\r\n\r\n");
      peer.write(line + "\r\n\r\n");
    });
    const auto connected =
        connect({.url = "ws://example.com/", .proxy = "http://" + proxy.authority()});
    REQUIRE_FALSE(connected.ok());
    CHECK(connected.error().code == Code::handshake_refused);
  }
}

TEST_CASE("behind a proxy's tunnel the handshake goes to the server") {
  const RawServer proxy(opens_tunnel());
  CHECK(text_of(connect({.url = "ws://example.com/", .proxy = "http://" + proxy.authority()})) ==
        "through");
}

TEST_CASE("a connection that names no proxy takes the one of the environment") {
  const RawServer proxy(opens_tunnel());
  const auto rules = environment_with("http_proxy", proxy.authority());
  CHECK(text_of(connect({.url = "ws://example.com/"}, rules)) == "through");
  const RefusingProxy secure;
  const auto refused =
      connect({.url = "wss://example.com/"}, environment_with("HTTPS_PROXY", secure.url()));
  CHECK(refused.error().code == Code::handshake_refused);
  CHECK(secure.asked.starts_with("CONNECT example.com:443 "));
}

TEST_CASE("a server on this machine is reached directly, whatever the environment says") {
  const RefusingProxy proxy;
  Server server({}, echo);
  const auto socket =
      connect({.url = server.url()}, environment_with("http_proxy", proxy.url())).value();
  socket->send(MessageKind::text, "direct").value();
  CHECK(socket->receive(patience).value().has_value());
  CHECK(proxy.asked.empty());
}

TEST_CASE("what a connection says about its proxy goes before the environment") {
  const RefusingProxy environment;
  const auto rules = environment_with("http_proxy", environment.url());
  const RawServer named(opens_tunnel());
  const std::string proxy = "http://" + named.authority();
  CHECK(text_of(connect({.url = "ws://example.com/", .proxy = proxy}, rules)) == "through");
  CHECK(environment.asked.empty());
}

TEST_CASE("an empty proxy connects directly") {
  const RefusingProxy environment;
  const auto rules = environment_with("http_proxy", environment.url());
  Server server({}, echo);
  // This address leads to this machine as well, but it is not one of those that say so.
  const std::string url = "ws://0.0.0.0:" + std::to_string(server.port()) + "/";
  CHECK_FALSE(connect({.url = url}, rules).ok());
  CHECK_FALSE(environment.asked.empty());
  CHECK(connect({.url = url, .proxy = ""}, rules).ok());
}

TEST_CASE("a variable that holds no proxy is EF0508 and named") {
  const auto refused = connect({.url = "wss://example.com/"},
                               environment_with("HTTPS_PROXY", "socks5://127.0.0.1:1"));
  CHECK(refused.error().code == Code::invalid_address);
  CHECK(refused.error().message.starts_with("HTTPS_PROXY = 'socks5://127.0.0.1:1'"));
  CHECK(connect({.url = "ws://example.com/", .proxy = "https://127.0.0.1:1"}).error().code ==
        Code::invalid_address);
}

}  // namespace eventflux::net_tests
