#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "eventflux/transport.hpp"

#include "runtime/net/net_transport.hpp"
#include "runtime/time/system_clock.hpp"

/// The other side in tests of the network: everything on loopback, every wait bounded.
namespace eventflux::net_tests {

/// No test waits longer than this for something that is to happen.
constexpr Duration patience = std::chrono::seconds(10);
/// What the product promises as its reaction to a stop, with room for a busy machine.
constexpr Duration promptly = std::chrono::milliseconds(400);

class Flag final : public StopSignal {
 public:
  bool stopping() const noexcept override { return set_.load(); }

  void set() { set_ = true; }

 private:
  std::atomic<bool> set_{false};
};

/// A WebSocket server that runs one body per connection, each on a thread of its own.
class Server {
 public:
  using Body = std::function<void(WebSocket&)>;

  Server(const WebSocketServerOptions& options, Body body);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  std::string url(const std::string& scheme = "ws") const;

  std::uint16_t port() const { return server_->port(); }

 private:
  void serve();

  time::SystemClock clock_;
  net::NetTransport transport_{clock_};
  std::unique_ptr<WebSocketServer> server_;
  Body body_;
  std::vector<std::thread> bodies_;
  std::thread accepts_;
};

/// Sends back what it receives until the peer leaves.
void echo(WebSocket& socket);
/// Answers pings until the peer leaves.
void listen_only(WebSocket& socket);

/// One raw TCP connection, for peers that break the rules. Reads time out.
class RawLine {
 public:
  explicit RawLine(int descriptor) : descriptor_(descriptor) {}

  RawLine(const RawLine&) = delete;
  RawLine& operator=(const RawLine&) = delete;
  ~RawLine();

  void write(std::string_view bytes);
  /// Returns what was read up to and with `end`; less when the peer left.
  std::string read_until(std::string_view end);
  /// Reads until the peer leaves.
  void drain();
  /// Answers the upgrade as the protocol asks.
  void accept_upgrade();

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Returns the descriptor of a TCP connection to a port of this machine.
int connect_raw(std::uint16_t port);

/// A TCP server that runs one script for each connection, one after the other.
class RawServer {
 public:
  using Script = std::function<void(RawLine&)>;

  explicit RawServer(Script script);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

  std::string url(const std::string& scheme = "ws") const;

  std::uint16_t port() const { return port_; }

  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// Returns a frame without a mask, as a server sends it; `first` holds its flags and opcode.
std::string frame(unsigned first, std::string_view payload);

/// Certificates made for one test in a folder of its own.
class Certificates {
 public:
  Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;
  ~Certificates();

  std::string ca() const { return folder_ + "/ca.pem"; }

  /// A certificate, with its key, that the CA has signed for `host`, a name or an address.
  std::string issue(const std::string& host) const;
  std::string fingerprint(const std::string& pem_file) const;

 private:
  std::string folder_;
};

}  // namespace eventflux::net_tests
