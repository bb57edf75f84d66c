#pragma once

#include <atomic>
#include <deque>
#include <optional>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "eventflux/transport.hpp"

#include "runtime/net/erased_stream.hpp"
#include "runtime/net/event_loop.hpp"

namespace eventflux::net {

/// What both sides of a WebSocket set alike.
struct SessionOptions {
  bool permessage_deflate = true;
  std::uint64_t message_bytes_max = 0;
};

/// The body of WebSocket over Beast, for both sides. An upgrade builds it, shakes hands on
/// stream(), and hands it out; from then on only the interface is used.
class Session final : public WebSocket {
 public:
  using Stream = boost::beast::websocket::stream<ErasedStream>;

  Session(std::unique_ptr<EventLoop> loop, std::unique_ptr<ByteStream> bytes,
          SessionOptions options);
  ~Session() override;

  EventLoop& loop() { return *loop_; }

  Stream& stream() { return stream_; }

  void set_subprotocol(std::string name) { subprotocol_ = std::move(name); }

  Result<std::optional<Message>> receive(Duration timeout) override;
  Result<void> send(MessageKind kind, std::string_view payload) override;
  Result<void> ping(std::string_view payload) override;
  std::uint64_t pongs() const override;
  Duration silence() const override;
  void close(std::uint16_t code, std::string_view reason, Duration patience) noexcept override;
  void cancel() noexcept override;
  CloseReason close_reason() const override;

  std::string subprotocol() const override { return subprotocol_; }

 private:
  void start_read();
  void start_write(MessageKind kind);
  void start_ping();
  void start_close(std::uint16_t code, const std::string& reason);
  void hard_close();
  void end_read(ErrorCode failed);
  void end_write(ErrorCode failed);
  void note_pong(std::string_view payload);
  void check_close_code();
  void fail(const ErrorCode& reason);
  void fail(Error error, CloseReason reason);
  Result<std::optional<Message>> take_message();
  Error error() const;

  std::unique_ptr<EventLoop> loop_;
  Stream stream_;
  std::uint64_t message_bytes_max_;
  std::string subprotocol_;

  // Touched by the driver of the loop, and by the one thread that receives or sends between its own
  // operations, while no handler can run on them.
  boost::beast::flat_buffer inbox_;
  std::string outbox_;
  boost::beast::websocket::ping_data ping_data_;

  // Guarded by the loop's mutex.
  bool reading_ = false;  // an operation is under way, perhaps since an earlier receive()
  bool received_ = false;
  bool writing_ = false;
  bool pinging_ = false;
  bool closing_ = false;
  bool closed_ = false;   // the close handshake is over
  bool aborted_ = false;  // the socket is closed
  bool ended_ = false;    // nothing more will work, because of:
  std::optional<Error> error_;
  CloseReason reason_;
  std::deque<std::string> awaited_pongs_;
  std::uint64_t pongs_ = 0;
};

}  // namespace eventflux::net
