#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "tests/net/peers.hpp"

namespace eventflux::net_tests {
namespace {

WebSocketServerOptions serving(const std::string& pem_file) {
  WebSocketServerOptions options;
  options.tls = {.cert_file = pem_file};
  return options;
}

Result<std::unique_ptr<WebSocket>> dial(const std::string& url, const TlsOptions& tls) {
  static const time::SystemClock clock;
  net::NetTransport transport(clock);
  const Flag never;
  return transport.connect({.url = url, .tls = tls, .connect_timeout = std::chrono::seconds(5)},
                           never);
}

Error refusal(const std::string& url, const TlsOptions& tls) {
  auto connected = dial(url, tls);
  if (!connected.ok()) return connected.error();
  // TLS 1.3 lets a client believe in its handshake before the server has seen its certificate.
  const auto message = (*connected)->receive(patience);
  return message.ok() ? Error{Code::internal, "nothing was refused"} : message.error();
}

void echo_once(WebSocket& socket) {
  socket.send(MessageKind::text, "over TLS").value();
  CHECK(socket.receive(patience).value().has_value());
}

void refuse_handshake(const RawLine& line, const std::string& pem_file, int version) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, version);
  SSL_CTX_set_max_proto_version(context, version);
  SSL_CTX_use_certificate_chain_file(context, pem_file.c_str());
  SSL_CTX_use_PrivateKey_file(context, pem_file.c_str(), SSL_FILETYPE_PEM);
  SSL* const tls = SSL_new(context);
  SSL_set_fd(tls, line.descriptor());
  CHECK(SSL_accept(tls) <= 0);
  SSL_free(tls);
  SSL_CTX_free(context);
}

/// A TLS server that offers one old version only, as OpenSSL still can when it is asked to.
RawServer::Script old_server(const std::string& pem_file, int version) {
  return [pem_file, version](RawLine& line) { refuse_handshake(line, pem_file, version); };
}

TEST_CASE("a server whose CA is known is reached by address and by name") {
  const Certificates certificates;
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    Server server(serving(certificates.issue(host)), echo);
    const auto socket = dial("wss://" + host + ":" + std::to_string(server.port()) + "/",
                             {.ca_file = certificates.ca()})
                            .value();
    echo_once(*socket);
  }
}

TEST_CASE("TLS 1.3 can be asked for") {
  const Certificates certificates;
  Server server(serving(certificates.issue("127.0.0.1")), echo);
  const auto socket =
      dial(server.url("wss"), {.ca_file = certificates.ca(), .min_version = "1.3"}).value();
  echo_once(*socket);
  CHECK(dial(server.url("wss"), {.min_version = "1.1"}).error().code == Code::tls_failed);
}

TEST_CASE("large messages pass through TLS") {
  const Certificates certificates;
  Server server(serving(certificates.issue("127.0.0.1")), echo);
  const auto socket = dial(server.url("wss"), {.ca_file = certificates.ca()}).value();
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += std::to_string(i * 7919);
  socket->send(MessageKind::text, text).value();
  const auto message = socket->receive(patience).value();
  REQUIRE(message.has_value());
  CHECK(std::string_view(message->payload.data(), message->payload.size()) == text);
}

TEST_CASE("an unknown CA is refused, EF0504") {
  const Certificates certificates;
  Server server(serving(certificates.issue("127.0.0.1")), echo);
  const Error error = refusal(server.url("wss"), {});
  CHECK(error.code == Code::tls_failed);
  CHECK(error.help.find("tls.ca") != std::string::npos);
  const Certificates others;
  CHECK(refusal(server.url("wss"), {.ca_file = others.ca()}).code == Code::tls_failed);
}

TEST_CASE("a certificate of another host is refused, EF0504, unless its name is expected") {
  const Certificates certificates;
  Server server(serving(certificates.issue("other.example")), echo);
  const Error error = refusal(server.url("wss"), {.ca_file = certificates.ca()});
  CHECK(error.code == Code::tls_failed);
  CHECK(error.message.find("mismatch") != std::string::npos);
  CHECK(error.retry.lasting);
  CHECK(
      dial(server.url("wss"), {.ca_file = certificates.ca(), .server_name = "other.example"}).ok());
}

TEST_CASE("verification can be switched off, and a pin still holds") {
  const Certificates certificates;
  const std::string pem_file = certificates.issue("other.example");
  Server server(serving(pem_file), echo);
  CHECK(dial(server.url("wss"), {.verify = false}).ok());
  const std::string pin = certificates.fingerprint(pem_file);
  CHECK(dial(server.url("wss"), {.verify = false, .pin_sha256 = pin}).ok());
  CHECK(refusal(server.url("wss"), {.verify = false, .pin_sha256 = std::string(64, '0')}).code ==
        Code::tls_failed);
}

TEST_CASE("TLS 1.0 and 1.1 are refused, EF0504") {
  const Certificates certificates;
  const std::string pem_file = certificates.issue("127.0.0.1");
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    const RawServer server(old_server(pem_file, version));
    CHECK(refusal(server.url("wss"), {.verify = false}).code == Code::tls_failed);
  }
}

TEST_CASE("a server that speaks no TLS, or nothing, is EF0504 or EF0506") {
  const RawServer plain([](RawLine& line) {
    line.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    line.drain();
  });
  CHECK(refusal(plain.url("wss"), {}).code == Code::tls_failed);
  const RawServer gone([](RawLine&) {});
  CHECK(refusal(gone.url("wss"), {}).code == Code::tls_failed);
}

TEST_CASE("a server that never answers the TLS hello runs into connect.timeout, EF0506") {
  const RawServer silent([](RawLine& line) { line.drain(); });
  const time::SystemClock clock;
  net::NetTransport transport(clock);
  const Flag never;
  const auto connected = transport.connect(
      {.url = silent.url("wss"), .connect_timeout = std::chrono::milliseconds(80)}, never);
  REQUIRE_FALSE(connected.ok());
  CHECK(connected.error().code == Code::timed_out);
}

TEST_CASE("a server with a CA asks its clients for certificates") {
  const Certificates certificates;
  WebSocketServerOptions options = serving(certificates.issue("127.0.0.1"));
  options.tls.ca_file = certificates.ca();
  Server server(options, echo);
  CHECK(refusal(server.url("wss"), {.ca_file = certificates.ca()}).code != Code::internal);
  const auto socket = dial(server.url("wss"), {.ca_file = certificates.ca(),
                                               .cert_file = certificates.issue("client.example")})
                          .value();
  echo_once(*socket);
}

TEST_CASE("files that are no certificates are EF0504") {
  const Certificates certificates;
  CHECK(refusal("wss://127.0.0.1:1/", {.ca_file = "no-such-file"}).code != Code::internal);
  Server server({}, echo);
  CHECK(refusal(server.url("wss"), {.ca_file = "no-such-file"}).code == Code::tls_failed);
  CHECK(refusal(server.url("wss"), {.cert_file = "no-such-file"}).code == Code::tls_failed);
  CHECK(refusal(server.url("wss"), {.cert_file = certificates.ca(), .key_file = "no-such-file"})
            .code == Code::tls_failed);
}

TEST_CASE("a TLS line closes with its code and without hanging") {
  const Certificates certificates;
  Server server(serving(certificates.issue("127.0.0.1")),
                [](WebSocket& socket) { socket.close(4000, "enough", patience); });
  const auto socket = dial(server.url("wss"), {.ca_file = certificates.ca()}).value();
  CHECK(socket->receive(patience).error().code == Code::connection_lost);
  CHECK(socket->close_reason().code == 4000);
}

}  // namespace
}  // namespace eventflux::net_tests
