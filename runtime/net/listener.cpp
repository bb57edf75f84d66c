#include "runtime/net/listener.hpp"

#include <boost/asio/ip/address.hpp>

namespace eventflux::net {
namespace {

// More clients than this in the middle of a handshake are an attack; the newest is dropped.
constexpr std::size_t upgrades_max = 256;
// Upgrades under way are looked at so often; nobody notices a millisecond in a handshake.
constexpr Duration step = std::chrono::milliseconds(1);
constexpr Duration idle = std::chrono::milliseconds(50);

Error cannot_listen(const Endpoint& endpoint, const ErrorCode& reason) {
  return {Code::connection_refused, "cannot listen on " + endpoint.address().to_string() + ":" +
                                        std::to_string(endpoint.port()) + ": " + reason.message()};
}

}  // namespace

Result<std::unique_ptr<WebSocketServer>> Listener::open(const WebSocketServerOptions& options,
                                                        const Clock& clock) {
  ErrorCode no_address;
  const auto address = asio::ip::make_address(options.address, no_address);
  if (no_address) {
    return Error{Code::invalid_address, "'" + options.address + "' is not an address to listen on",
                 "give a number, for example 127.0.0.1"};
  }
  TlsContext tls;
  if (!options.tls.cert_file.empty()) {
    EF_TRY(tls, server_tls(options.tls));
  }
  auto listener = std::make_unique<Listener>(options, std::move(tls), clock);
  EF_CHECK(listener->bind(Endpoint(address, options.port)));
  return std::unique_ptr<WebSocketServer>(std::move(listener));
}

Listener::Listener(WebSocketServerOptions options, TlsContext tls, const Clock& clock)
    : options_(std::move(options)),
      tls_(std::move(tls)),
      clock_(clock),
      loop_(clock),
      acceptor_(loop_.executor()) {}

Result<void> Listener::bind(const Endpoint& endpoint) {
  ErrorCode failed;
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return cannot_listen(endpoint, failed);
  port_ = acceptor_.local_endpoint(failed).port();
  return {};
}

void Listener::start_accept() {
  acceptor_.async_accept(next_loop_->executor(), [this](ErrorCode failed, Socket socket) {
    loop_.update([&] {
      waiting_ = false;
      if (!failed) next_ = std::move(socket);
    });
  });
}

void Listener::take_line() {
  std::optional<Socket> socket;
  loop_.update([&] { socket = std::exchange(next_, std::nullopt); });
  if (!socket || upgrades_.size() >= upgrades_max) return;
  ErrorCode ignored;
  socket->set_option(asio::ip::tcp::no_delay(true), ignored);
  auto bytes = tls_ ? tls_stream(std::move(*socket), *tls_, clock_, {}, {})
                    : plain_stream(std::move(*socket), clock_);
  upgrades_.push_back(upgrade_server(std::move(next_loop_), std::move(bytes), options_));
}

std::unique_ptr<WebSocket> Listener::advance() {
  for (auto it = upgrades_.begin(); it != upgrades_.end();) {
    const auto progress = (*it)->advance();
    if (progress == ServerUpgrade::Progress::working) {
      ++it;
      continue;
    }
    auto socket = progress == ServerUpgrade::Progress::done ? (*it)->take() : nullptr;
    it = upgrades_.erase(it);
    if (socket) return socket;
  }
  return nullptr;
}

Result<std::unique_ptr<WebSocket>> Listener::accept() {
  while (!closed_) {
    if (auto socket = advance()) return socket;
    if (!next_loop_) next_loop_ = std::make_unique<EventLoop>(clock_);
    bool start = false;
    loop_.update([&] { start = !std::exchange(waiting_, true); });
    const auto done = [this] { return !waiting_ || closed_; };
    const Duration patience = upgrades_.empty() ? idle : step;
    std::function<void()> begin;
    if (start) begin = [this] { start_accept(); };
    loop_.wait(begin, done, patience);
    take_line();
  }
  return std::unique_ptr<WebSocket>();
}

void Listener::close() noexcept {
  closed_ = true;
  try {
    loop_.wake();
  } catch (const std::exception&) {
    // Without memory for the message, accept() notices by itself within 50 ms.
  }
}

}  // namespace eventflux::net
