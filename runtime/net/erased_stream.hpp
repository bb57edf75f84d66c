#pragma once

#include <array>
#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/beast/core/role.hpp>

#include "runtime/net/byte_stream.hpp"

namespace eventflux::net {

/// A ByteStream in the shape that Beast asks for. Beast's templates are thus compiled once for all
/// kinds of lines; compiled for each of them they took minutes.
class ErasedStream {
 public:
  using executor_type = Executor;

  explicit ErasedStream(std::unique_ptr<ByteStream> bytes) : bytes_(std::move(bytes)) {}

  executor_type get_executor() noexcept { return bytes_->socket().get_executor(); }

  ByteStream& bytes() { return *bytes_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          Filled<asio::mutable_buffer> all(into);
          bytes_->read(all.span(),
                       Completion(std::move(handler), get_executor(), &bytes_->activity()));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          Filled<asio::const_buffer> all(from);
          bytes_->write(all.span(), Completion(std::move(handler), get_executor()));
        },
        token, buffers);
  }

 private:
  /// The first buffers of a sequence; what does not fit is left to the next call.
  template <class Buffer>
  class Filled {
   public:
    template <class Buffers>
    explicit Filled(const Buffers& buffers) {
      for (auto it = asio::buffer_sequence_begin(buffers);
           it != asio::buffer_sequence_end(buffers) && count_ < all_.size(); ++it)
        if (Buffer(*it).size() > 0) all_[count_++] = *it;
      if (count_ == 0) count_ = 1;
    }

    std::span<const Buffer> span() const { return {all_.data(), count_}; }

   private:
    std::array<Buffer, ByteStream::buffers_max> all_{};
    std::size_t count_ = 0;
  };

  std::unique_ptr<ByteStream> bytes_;
};

// Beast finds the following three by argument-dependent lookup.

template <class Handler>
void async_teardown(boost::beast::role_type /*role*/, ErasedStream& stream, Handler&& handler) {
  const Executor executor = stream.get_executor();
  stream.bytes().teardown(
      Completion([handler = std::forward<Handler>(handler)](
                     ErrorCode failed, std::size_t) mutable { std::move(handler)(failed); },
                 executor));
}

inline void teardown(boost::beast::role_type /*role*/, ErasedStream& stream, ErrorCode& failed) {
  failed = {};
  stream.bytes().abort();
}

inline void beast_close_socket(ErasedStream& stream) {
  stream.bytes().abort();
}

}  // namespace eventflux::net
