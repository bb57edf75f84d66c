#include <doctest/doctest.h>

#include "tests/net/peers.hpp"

namespace eventflux::net_tests {
namespace {

/// Connects to a server that follows `script`, and returns why that failed or how it ended.
Error outcome(const RawServer::Script& script, WebSocketOptions options = {}) {
  const RawServer server(script);
  time::SystemClock clock;
  net::NetTransport transport(clock);
  const Flag never;
  options.url = server.url();
  options.connect_timeout = std::min<Duration>(options.connect_timeout, std::chrono::seconds(2));
  const Timestamp start = clock.steady();
  auto connected = transport.connect(options, never);
  CHECK((connected.ok() || clock.steady() - start < patience));
  if (!connected.ok()) return connected.error();
  for (;;) {
    const auto message = (*connected)->receive(std::chrono::seconds(4));
    if (!message.ok()) return message.error();
    if (!(*message).has_value()) return {Code::internal, "nothing happened"};
  }
}

/// Answers the upgrade, sends `bytes`, and reads until the client leaves.
RawServer::Script sends(const std::string& bytes) {
  return [bytes](RawLine& line) {
    line.accept_upgrade();
    line.write(bytes);
    line.drain();
  };
}

RawServer::Script answers(const std::string& response) {
  return [response](RawLine& line) {
    line.read_until("\r\n\r\n");
    line.write(response);
  };
}

TEST_CASE("an answer other than 101 is EF0503 with its status") {
  for (const std::string status :
       {"200 OK", "301 Moved Permanently", "401 Unauthorized", "403 Forbidden",
        "429 Too Many Requests", "503 Service Unavailable"}) {
    const Error error = outcome(answers("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno"));
    CHECK(error.code == Code::handshake_refused);
    CHECK(error.message.find("status " + status.substr(0, 3)) != std::string::npos);
  }
}

TEST_CASE("a redirect is not followed and says so") {
  const Error error = outcome(
      answers("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"));
  CHECK(error.code == Code::handshake_refused);
  CHECK(error.help.find("not followed") != std::string::npos);
}

TEST_CASE("the wait that a server asks for is told and handed on") {
  const Error error = outcome(
      answers("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n"));
  CHECK(error.message.find("retry after '17'") != std::string::npos);
  CHECK(error.retry.after == std::chrono::seconds(17));
  CHECK_FALSE(error.retry.lasting);
  CHECK(outcome(answers("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")).retry.lasting);
}

TEST_CASE("an answer that is not HTTP, or none at all, is EF0503") {
  for (const std::string response : {"", "SSH-2.0-OpenSSH\r\n", "HTTP/9.9 101 x\r\n\r\n",
                                     "HTTP/1.1 101 Switching Protocols\r\nConnection: Up"})
    CHECK(outcome(answers(response)).code == Code::handshake_refused);
}

TEST_CASE("headers without an end are refused, not stored, EF0503") {
  const Error error =
      outcome(answers("HTTP/1.1 101 Switching Protocols\r\nX: " + std::string(1'000'000, 'x')));
  CHECK(error.code == Code::handshake_refused);
}

TEST_CASE("a wrong or missing Sec-WebSocket-Accept is EF0503") {
  const std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  CHECK(outcome(answers(head + "\r\n")).code == Code::handshake_refused);
  CHECK(
      outcome(answers(head + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")).code ==
      Code::handshake_refused);
}

TEST_CASE("a server that answers one byte at a time runs into connect.timeout, EF0506") {
  const Error error = outcome(
      [](RawLine& line) {
        line.write("HTTP/1.1 101 ");
        line.drain();
      },
      {.url = {}, .connect_timeout = std::chrono::milliseconds(80)});
  CHECK(error.code == Code::timed_out);
}

TEST_CASE("a line that is cut inside a frame is EF0501") {
  const Error error = outcome([](RawLine& line) {
    line.accept_upgrade();
    line.write(frame(0x81, "hello").substr(0, 4));
  });
  CHECK(error.code == Code::connection_lost);
}

TEST_CASE("a line that is cut without a close frame is EF0501") {
  const auto accept = [](RawLine& line) { line.accept_upgrade(); };
  CHECK(outcome(accept).code == Code::connection_lost);
}

TEST_CASE("frames that break the protocol are EF0501 and say so") {
  const std::string masked("\x81\x81\x01\x02\x03\x04\x60", 7);
  const std::string huge("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10);
  for (const std::string& bytes :
       {frame(0xC1, "reserved bit without deflate"), frame(0xB1, "reserved bits"),
        frame(0x83, "reserved opcode"), frame(0x8B, "reserved control opcode"),
        frame(0x89, std::string(126, 'p')), frame(0x09, "fragmented ping"),
        frame(0x80, "continuation of nothing"), frame(0x01, "a") + frame(0x81, "b"), masked,
        frame(0x88, "x")}) {
    const Error error = outcome(sends(bytes), {.url = {}, .permessage_deflate = false});
    CHECK(error.code == Code::connection_lost);
    CHECK(error.message.find("protocol") != std::string::npos);
  }
  CHECK(outcome(sends(huge)).code != Code::internal);
}

TEST_CASE("a length that nobody could hold is refused by the header alone, EF0605 or EF0501") {
  const std::string huge("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10);
  const Error error = outcome(sends(huge));
  CHECK((error.code == Code::too_large || error.code == Code::connection_lost));
}

TEST_CASE("a message above the limit is refused by its header alone, EF0605") {
  const std::string mib17("\x82\x7f\x00\x00\x00\x00\x01\x10\x00\x00", 10);
  const std::string exp62("\x82\x7f\x40\x00\x00\x00\x00\x00\x00\x00", 10);
  for (const std::string& header : {mib17, exp62})
    CHECK(outcome(sends(header)).code == Code::too_large);
}

TEST_CASE("the limit of a message can be raised") {
  const std::string large(17U << 20U, 'x');
  Server server({.message_bytes_max = 32U << 20U},
                [&](WebSocket& socket) { std::ignore = socket.send(MessageKind::text, large); });
  time::SystemClock clock;
  net::NetTransport transport(clock);
  const Flag never;
  const auto socket =
      transport.connect({.url = server.url(), .message_bytes_max = 32U << 20U}, never).value();
  const auto message = socket->receive(patience).value();
  REQUIRE(message.has_value());
  CHECK(message->payload.size() == large.size());
}

TEST_CASE("a close code that does not exist is not answered, EF0501") {
  for (const std::string code : {"\x13\x88", "\xff\xff"}) {
    std::string answer;
    const Error error = outcome([&](RawLine& line) {
      line.accept_upgrade();
      line.write(frame(0x88, code));
      answer = line.read_until(code);
    });
    CHECK(error.code == Code::connection_lost);
    CHECK(error.message.find("invalid code") != std::string::npos);
    CHECK(answer.empty());
  }
}

TEST_CASE("text that is not UTF-8 ends the connection, EF0501") {
  for (const std::string text : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "abc\xe2\x82"}) {
    const Error error = outcome(sends(frame(0x81, text)));
    CHECK(error.code == Code::connection_lost);
    CHECK(error.message.find("UTF-8") != std::string::npos);
  }
}

TEST_CASE("a close frame with a code that nobody may send is EF0501") {
  for (const std::string code : {"\x03\xed", "\x03\xee", "\x03\xf7", "\x00\x01"})
    CHECK(outcome(sends(frame(0x88, code))).code == Code::connection_lost);
}

TEST_CASE("the text of a close frame cannot forge log lines") {
  const Error error = outcome(sends(frame(0x88,
                                          "\x03\xe8"
                                          "bye\nlevel=error")));
  CHECK(error.message.find('\n') == std::string::npos);
  CHECK(error.message.find("bye") != std::string::npos);
}

TEST_CASE("a flood of pings is answered and does not hide the data") {
  std::string bytes;
  for (int i = 0; i < 1000; ++i)
    bytes += frame(0x89, "flood");
  const RawServer server(sends(bytes + frame(0x81, "data")));
  time::SystemClock clock;
  net::NetTransport transport(clock);
  const Flag never;
  const auto socket = transport.connect({.url = server.url()}, never).value();
  const auto message = socket->receive(patience).value();
  REQUIRE(message.has_value());
  CHECK(std::string(message->payload.data(), message->payload.size()) == "data");
}

TEST_CASE("a server survives clients that speak nonsense") {
  Server server({}, echo);
  time::SystemClock clock;
  net::NetTransport transport(clock);
  const Flag never;
  for (const std::string bytes : {"", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01",
                                  "GET /feed HTTP/1.1\r\nUpgrade: websocket\r\n"}) {
    RawLine line(connect_raw(server.port()));
    line.write(bytes);
  }
  const auto socket = transport.connect({.url = server.url()}, never).value();
  socket->send(MessageKind::text, "still here").value();
  CHECK(socket->receive(patience).value().has_value());
}

}  // namespace
}  // namespace eventflux::net_tests
