#include <algorithm>
#include <array>

#include <boost/asio/post.hpp>

#include "runtime/net/byte_stream.hpp"

namespace eventflux::net {
namespace {

// A sequence of fixed size, so that Asio's templates see one type: unused places are empty.
template <class Buffer>
std::array<Buffer, ByteStream::buffers_max> fixed(std::span<const Buffer> buffers) {
  std::array<Buffer, ByteStream::buffers_max> all{};
  std::copy(buffers.begin(), buffers.end(), all.begin());
  return all;
}

class PlainStream final : public ByteStream {
 public:
  PlainStream(Socket socket, const Clock& clock) : ByteStream(clock), socket_(std::move(socket)) {}

  void read(std::span<const asio::mutable_buffer> into, Completion done) override {
    if (into.size() == 1) return socket_.async_read_some(into[0], std::move(done));
    socket_.async_read_some(fixed(into), std::move(done));
  }

  void write(std::span<const asio::const_buffer> from, Completion done) override {
    if (from.size() == 1) return socket_.async_write_some(from[0], std::move(done));
    socket_.async_write_some(fixed(from), std::move(done));
  }

  void handshake(Role /*role*/, Completion done) override { complete(std::move(done)); }

  void teardown(Completion done) override {
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    complete(std::move(done));
  }

  Socket& socket() override { return socket_; }

 private:
  void complete(Completion done) {
    asio::post(socket_.get_executor(),
               [done = std::move(done)]() mutable { done(ErrorCode(), 0); });
  }

  Socket socket_;
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(Socket socket, const Clock& clock) {
  return std::make_unique<PlainStream>(std::move(socket), clock);
}

}  // namespace eventflux::net
