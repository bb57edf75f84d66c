#pragma once

#include <memory>
#include <span>
#include <string>

#include "runtime/net/completion.hpp"

namespace boost::asio::ssl {
class context;
}

namespace eventflux::net {

enum class Role : std::uint8_t { client, server };

/// A line that carries bytes: TCP, or TLS over TCP. Thread: that of the loop it belongs to.
class ByteStream {
 public:
  explicit ByteStream(const Clock& clock) : activity_(clock) {}

  virtual ~ByteStream() = default;
  /// Shape: at most `buffers_max` buffers; a call may use fewer bytes than it was given.
  virtual void read(std::span<const asio::mutable_buffer> into, Completion done) = 0;
  virtual void write(std::span<const asio::const_buffer> from, Completion done) = 0;
  virtual void handshake(Role role, Completion done) = 0;
  /// Says that nothing more will be written.
  virtual void teardown(Completion done) = 0;
  virtual Socket& socket() = 0;

  /// Returns why the peer's certificate was not accepted; empty when that was not the reason.
  virtual std::string verdict() const { return {}; }

  /// Returns the hex SHA-256 of the peer's certificate; empty without TLS.
  virtual std::string peer_sha256() const { return {}; }

  Activity& activity() { return activity_; }

  /// Ends the line at once; whatever is under way fails.
  void abort() noexcept {
    ErrorCode ignored;
    socket().close(ignored);
  }

  static constexpr std::size_t buffers_max = 16;

 private:
  Activity activity_;
};

std::unique_ptr<ByteStream> plain_stream(Socket socket, const Clock& clock);
/// `verified_host` is the name that the peer's certificate must carry; empty checks no name.
/// `sent_name` is sent as SNI unless it is empty.
std::unique_ptr<ByteStream> tls_stream(Socket socket, asio::ssl::context& context,
                                       const Clock& clock, const std::string& verified_host,
                                       const std::string& sent_name);

}  // namespace eventflux::net
