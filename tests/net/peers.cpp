#include "tests/net/peers.hpp"

#include <array>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/socket.h>

namespace eventflux::net_tests {
namespace {

constexpr int poll_ms = 20;

bool readable(int descriptor, int wait_ms) {
  pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, wait_ms) == 1;
}

std::string accept_key(std::string_view request) {
  constexpr std::string_view name = "Sec-WebSocket-Key: ";
  const std::size_t begin = request.find(name) + name.size();
  const std::string text = std::string(request.substr(begin, request.find("\r\n", begin) - begin)) +
                           "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 32> base64{};
  ::EVP_EncodeBlock(base64.data(), digest.data(), SHA_DIGEST_LENGTH);
  return reinterpret_cast<const char*>(base64.data());
}

}  // namespace

Server::Server(const WebSocketServerOptions& options, Body body)
    : server_(transport_.listen(options).value()), body_(std::move(body)) {
  accepts_ = std::thread([this] { serve(); });
}

Server::~Server() {
  server_->close();
  accepts_.join();
  for (std::thread& thread : bodies_)
    thread.join();
}

std::string Server::url(const std::string& scheme) const {
  return scheme + "://127.0.0.1:" + std::to_string(server_->port()) + "/feed";
}

void Server::serve() {
  for (;;) {
    auto accepted = server_->accept();
    if (!accepted.ok() || *accepted == nullptr) return;
    bodies_.emplace_back(
        [this, socket = std::shared_ptr<WebSocket>(*std::move(accepted))] { body_(*socket); });
  }
}

void echo(WebSocket& socket) {
  for (;;) {
    const auto message = socket.receive(patience);
    if (!message.ok() || !(*message).has_value()) return;
    const auto payload = (*message)->payload;
    if (!socket.send((*message)->kind, {payload.data(), payload.size()}).ok()) return;
  }
}

void listen_only(WebSocket& socket) {
  while (socket.receive(patience).ok()) {
  }
}

RawLine::~RawLine() {
  ::close(descriptor_);
}

void RawLine::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

std::string RawLine::read_until(std::string_view end) {
  std::string all;
  char byte = 0;
  while (!all.ends_with(end) && readable(descriptor_, 5000) &&
         ::recv(descriptor_, &byte, 1, 0) == 1)
    all.push_back(byte);
  return all;
}

void RawLine::drain() {
  std::array<char, 4096> part{};
  while (readable(descriptor_, 5000) && ::recv(descriptor_, part.data(), part.size(), 0) > 0) {
  }
}

void RawLine::accept_upgrade() {
  const std::string request = read_until("\r\n\r\n");
  write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_key(request) + "\r\n\r\n");
}

int connect_raw(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    throw std::runtime_error("cannot connect to a peer of the test");
  return descriptor;
}

RawServer::RawServer(Script script) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0)
    throw std::runtime_error("cannot bind a peer of the test");
  ::listen(listener_, 16);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, script = std::move(script)] {
    while (!stop_) {
      if (!readable(listener_, poll_ms)) continue;
      RawLine line(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
      script(line);
    }
  });
}

RawServer::~RawServer() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

std::string RawServer::url(const std::string& scheme) const {
  return scheme + "://" + authority() + "/feed";
}

std::string frame(unsigned first, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes.push_back(static_cast<char>(payload.size()));
  } else {
    bytes.push_back(126);
    bytes.push_back(static_cast<char>(payload.size() >> 8U));
    bytes.push_back(static_cast<char>(payload.size() & 0xFFU));
  }
  return bytes.append(payload);
}

}  // namespace eventflux::net_tests
