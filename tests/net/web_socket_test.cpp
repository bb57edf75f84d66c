#include <cstring>

#include <doctest/doctest.h>

#include "tests/net/peers.hpp"

namespace eventflux::net_tests {
namespace {

class Client {
 public:
  Result<std::unique_ptr<WebSocket>> try_connect(const WebSocketOptions& options) {
    return transport_.connect(options, stop);
  }

  std::unique_ptr<WebSocket> connect(const std::string& url) {
    return try_connect({.url = url}).value();
  }

  Timestamp now() const { return clock_.steady(); }

  Flag stop;

 private:
  time::SystemClock clock_;
  net::NetTransport transport_{clock_};
};

std::string text_of(WebSocket& socket) {
  const auto message = socket.receive(patience).value();
  if (!message) return "(nothing came)";
  return {message->payload.data(), message->payload.size()};
}

/// Receives until the connection has ended.
Error end_of(WebSocket& socket) {
  for (;;) {
    const auto message = socket.receive(patience);
    if (!message.ok()) return message.error();
    if (!(*message).has_value()) return {Code::internal, "the connection did not end"};
  }
}

TEST_CASE("text and binary come back as they were sent") {
  Server server({}, echo);
  Client client;
  const auto socket = client.connect(server.url());
  socket->send(MessageKind::text, "gr\xc3\xbc\xc3\x9f").value();
  CHECK(text_of(*socket) == "gr\xc3\xbc\xc3\x9f");
  const std::string bytes("\0\xff\x80", 3);
  socket->send(MessageKind::binary, bytes).value();
  const auto message = socket->receive(patience).value();
  REQUIRE(message.has_value());
  CHECK(message->kind == MessageKind::binary);
  CHECK(std::string_view(message->payload.data(), message->payload.size()) == bytes);
}

TEST_CASE("64 bytes behind a payload can be read") {
  Server server({}, echo);
  Client client;
  const auto socket = client.connect(server.url());
  for (const std::size_t size : {0U, 1U, 63U, 512U, 1536U, 70'000U}) {
    socket->send(MessageKind::text, std::string(size, 'x')).value();
    const auto message = socket->receive(patience).value();
    REQUIRE(message.has_value());
    REQUIRE(message->payload.size() == size);
    const std::string behind(message->payload.data() + size, 64);
    CHECK(behind == std::string(64, '\0'));
  }
}

TEST_CASE("deflate carries large and small messages both ways, and can be off") {
  for (const bool client_deflates : {true, false}) {
    Server server({}, echo);
    Client client;
    const auto socket =
        client.try_connect({.url = server.url(), .permessage_deflate = client_deflates}).value();
    std::string text = "x";
    for (int i = 0; i < 20'000; ++i)
      text += std::to_string(i);
    for (const std::string& sent : {text, std::string("small"), text}) {
      socket->send(MessageKind::text, sent).value();
      CHECK(text_of(*socket) == sent);
    }
  }
}

TEST_CASE("headers, target and subprotocol reach the server and its choice comes back") {
  UpgradeRequest seen;
  WebSocketServerOptions options;
  options.on_upgrade = [&seen](const UpgradeRequest& request) {
    seen = request;
    return UpgradeResponse{.subprotocol = "two"};
  };
  Server server(options, listen_only);
  Client client;
  const auto socket = client
                          .try_connect({.url = server.url() + "?symbol=a",
                                        .headers = {{"X-Key", "secret"}},
                                        .subprotocols = {"one", "two"}})
                          .value();
  CHECK(socket->subprotocol() == "two");
  CHECK(seen.target == "/feed?symbol=a");
  std::string lines;
  for (const auto& [name, value] : seen.headers)
    lines.append(name).append("=").append(value).append(";");
  CHECK(lines.find("X-Key=secret;") != std::string::npos);
  CHECK(lines.find("Sec-WebSocket-Protocol=one, two;") != std::string::npos);
}

TEST_CASE("a subprotocol that was not offered fails the handshake, EF0503") {
  WebSocketServerOptions options;
  options.on_upgrade = [](const UpgradeRequest&) { return UpgradeResponse{.subprotocol = "x"}; };
  Server server(options, listen_only);
  Client client;
  const auto connected = client.try_connect({.url = server.url(), .subprotocols = {"one"}});
  REQUIRE_FALSE(connected.ok());
  CHECK(connected.error().code == Code::handshake_refused);
}

TEST_CASE("a header with a line end never leaves the process, EF0508") {
  Client client;
  for (const char* value : {"a\r\nX-Evil: 1", "a\n"}) {
    const auto connected =
        client.try_connect({.url = "ws://127.0.0.1:1/", .headers = {{"X-Key", value}}});
    REQUIRE_FALSE(connected.ok());
    CHECK(connected.error().code == Code::invalid_address);
  }
  CHECK(client.try_connect({.url = "http://127.0.0.1:1/"}).error().code == Code::invalid_address);
}

TEST_CASE("nobody there is EF0502") {
  std::uint16_t port = 0;
  {
    port = RawServer([](RawLine&) {}).port();
  }
  Client client;
  const auto connected = client.try_connect({.url = "ws://127.0.0.1:" + std::to_string(port)});
  REQUIRE_FALSE(connected.ok());
  CHECK(connected.error().code == Code::connection_refused);
}

TEST_CASE("a name is looked up, and a name that nobody has is EF0502") {
  Server server({}, echo);
  Client client;
  const auto socket = client.connect("ws://localhost:" + std::to_string(server.port()));
  socket->send(MessageKind::text, "a").value();
  CHECK(text_of(*socket) == "a");
  const auto missing = client.try_connect(
      {.url = "ws://no-such-host.invalid/", .connect_timeout = std::chrono::seconds(5)});
  REQUIRE_FALSE(missing.ok());
  CHECK((missing.error().code == Code::connection_refused ||
         missing.error().code == Code::timed_out));
}

TEST_CASE("a status other than 101 is EF0503 and names it") {
  for (const int status : {401, 403, 429, 503}) {
    WebSocketServerOptions options;
    options.on_upgrade = [status](const UpgradeRequest&) {
      return UpgradeResponse{.status = status};
    };
    Server server(options, listen_only);
    Client client;
    const auto connected = client.try_connect({.url = server.url()});
    REQUIRE_FALSE(connected.ok());
    CHECK(connected.error().code == Code::handshake_refused);
    CHECK(connected.error().message.find(std::to_string(status)) != std::string::npos);
  }
}

TEST_CASE("a slow handshake ends at connect.timeout, EF0506, and holds up no other client") {
  std::atomic<int> requests{0};
  WebSocketServerOptions options;
  options.on_upgrade = [&requests](const UpgradeRequest&) {
    return UpgradeResponse{.delay = ++requests == 1 ? patience : Duration::zero()};
  };
  Server server(options, echo);
  Client client;
  const auto late =
      client.try_connect({.url = server.url(), .connect_timeout = std::chrono::milliseconds(60)});
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == Code::timed_out);
  CHECK(client.try_connect({.url = server.url()}).ok());
}

TEST_CASE("connecting ends when it is to stop") {
  RawServer silent([](RawLine& line) { line.drain(); });
  Client client;
  const Timestamp start = client.now();
  std::thread other([&client] { client.stop.set(); });
  const auto connected = client.try_connect({.url = silent.url()});
  other.join();
  REQUIRE_FALSE(connected.ok());
  CHECK(connected.error().code == Code::wrong_lifecycle);
  CHECK(client.now() - start < promptly);
}

TEST_CASE("a message above the cap is EF0605, also when it was deflated") {
  Server server({}, [](WebSocket& socket) {
    static_cast<void>(socket.send(MessageKind::text, std::string(100'000, 'x')));
    listen_only(socket);
  });
  for (const bool deflate : {true, false}) {
    Client client;
    const auto socket =
        client
            .try_connect(
                {.url = server.url(), .permessage_deflate = deflate, .message_bytes_max = 99'999})
            .value();
    CHECK(end_of(*socket).code == Code::too_large);
    CHECK(socket->close_reason().code == 1009);
  }
}

TEST_CASE("text that is not UTF-8 is not sent, EF0606, and the line stays open") {
  Server server({}, echo);
  Client client;
  const auto socket = client.connect(server.url());
  const auto sent = socket->send(MessageKind::text, "\xff");
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().code == Code::unencodable);
  socket->send(MessageKind::text, "a").value();
  CHECK(text_of(*socket) == "a");
}

TEST_CASE("the peer's close code and reason are kept, EF0501") {
  Server server({}, [](WebSocket& socket) { socket.close(4001, "too \"slow\"", patience); });
  Client client;
  const auto socket = client.connect(server.url());
  const Error error = end_of(*socket);
  CHECK(error.code == Code::connection_lost);
  CHECK(error.message.find("4001") != std::string::npos);
  CHECK(socket->close_reason().code == 4001);
  CHECK(socket->close_reason().text == "too \"slow\"");
}

TEST_CASE("our close arrives with its code and all later calls fail, EF0501") {
  std::atomic<int> code{0};
  {
    Server server({}, [&code](WebSocket& socket) {
      listen_only(socket);
      code = socket.close_reason().code;
    });
    Client client;
    const auto socket = client.connect(server.url());
    socket->close(1001, "going away", patience);
    CHECK(socket->receive(patience).error().code == Code::connection_lost);
    CHECK(socket->send(MessageKind::text, "a").error().code == Code::connection_lost);
    CHECK(socket->ping("a").error().code == Code::connection_lost);
    socket->close(1000, "again", patience);
    socket->cancel();
  }
  CHECK(code == 1001);
}

TEST_CASE("a peer that does not answer a close is left after the patience") {
  RawServer deaf([](RawLine& line) {
    line.accept_upgrade();
    line.drain();
  });
  Client client;
  const auto socket = client.connect(deaf.url());
  const Timestamp start = client.now();
  socket->close(1000, "", std::chrono::milliseconds(50));
  CHECK(client.now() - start < promptly);
}

TEST_CASE("close code 1006 cuts the line") {
  Server server({}, [](WebSocket& socket) { socket.close(1006, "", patience); });
  Client client;
  const auto socket = client.connect(server.url());
  CHECK(end_of(*socket).code == Code::connection_lost);
  CHECK(socket->close_reason().code == 1006);
}

TEST_CASE("cancel ends a receive on another thread at once") {
  Server server({}, listen_only);
  Client client;
  const auto socket = client.connect(server.url());
  const Timestamp start = client.now();
  std::thread other([&socket] { socket->cancel(); });
  CHECK(end_of(*socket).code == Code::connection_lost);
  other.join();
  CHECK(client.now() - start < promptly);
}

TEST_CASE("a close on another thread ends a receive") {
  Server server({}, listen_only);
  Client client;
  const auto socket = client.connect(server.url());
  std::thread other([&socket] { socket->close(1000, "", patience); });
  CHECK(end_of(*socket).code == Code::connection_lost);
  other.join();
}

TEST_CASE("a receive that is over before anything came goes on with the next one") {
  Server server({}, echo);
  Client client;
  const auto socket = client.connect(server.url());
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(socket->receive(std::chrono::milliseconds(1)).value().has_value());
  CHECK_FALSE(socket->receive(Duration::zero()).value().has_value());
  socket->send(MessageKind::text, "a").value();
  CHECK(text_of(*socket) == "a");
}

TEST_CASE("only the echo of our own ping counts as a pong") {
  Server server({}, listen_only);
  RawServer liar([](RawLine& line) {
    line.accept_upgrade();
    line.write(frame(0x8A, "unasked"));
    line.write(frame(0x81, "text"));
    line.drain();
  });
  Client client;
  const auto honest = client.connect(server.url());
  honest->ping("one").value();
  const Timestamp deadline = client.now() + patience;
  while (honest->pongs() == 0 && client.now() < deadline)
    CHECK(honest->receive(std::chrono::milliseconds(5)).ok());
  CHECK(honest->pongs() == 1);
  const auto lied = client.connect(liar.url());
  lied->ping("two").value();
  CHECK(text_of(*lied) == "text");
  CHECK(lied->pongs() == 0);
}

TEST_CASE("silence grows while nothing comes and ends with any frame") {
  Server server({}, listen_only);
  Client client;
  const auto socket = client.connect(server.url());
  CHECK_FALSE(socket->receive(std::chrono::milliseconds(60)).value().has_value());
  CHECK(socket->silence() >= std::chrono::milliseconds(50));
  socket->ping("a").value();
  const Timestamp deadline = client.now() + patience;
  while (socket->pongs() == 0 && client.now() < deadline)
    CHECK(socket->receive(std::chrono::milliseconds(5)).ok());
  CHECK(socket->silence() < std::chrono::milliseconds(50));
}

TEST_CASE("one thread receives while another sends, in order and without loss") {
  constexpr int count = 5'000;
  Server server({}, echo);
  Client client;
  const auto socket = client.connect(server.url());
  std::thread sender([&socket] {
    for (int i = 0; i < count; ++i)
      if (!socket->send(MessageKind::text, std::to_string(i)).ok()) return;
  });
  int matched = 0;
  while (matched < count && text_of(*socket) == std::to_string(matched))
    ++matched;
  sender.join();
  CHECK(matched == count);
}

TEST_CASE("a server listens on loopback unless told otherwise, and refuses what is no address") {
  time::SystemClock clock;
  net::NetTransport transport(clock);
  const auto first = transport.listen({}).value();
  const auto second = transport.listen({.port = first->port()});
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == Code::connection_refused);
  CHECK(second.error().message.find("127.0.0.1") != std::string::npos);
  CHECK(transport.listen({.address = "nowhere"}).error().code == Code::invalid_address);
}

}  // namespace
}  // namespace eventflux::net_tests
