#pragma once

#include <vector>

#include "eventflux/transport.hpp"

namespace eventflux::tests {

class Machine;

/// A WebSocket server that numbers what it sends and repeats nothing: {"n":0}, {"n":1}, …
struct Peer {
  struct Sent {
    std::int64_t n;
    std::size_t run;  ///< Of the app that received it.
  };

  std::int64_t count = 0;  ///< How many messages it has by now.
  std::int64_t sent = 0;
  bool closes = false;           ///< When all are sent, it closes in order.
  std::vector<Sent> received{};  ///< What receive() has returned.
};

/// One connection to the peer, which may vanish, be late, or close with a code.
class PeerSocket final : public WebSocket {
 public:
  explicit PeerSocket(Machine& machine);

  Result<std::optional<Message>> receive(Duration timeout) override;
  Result<void> send(MessageKind kind, std::string_view payload) override;
  Result<void> ping(std::string_view payload) override;

  std::uint64_t pongs() const override { return pongs_; }

  Duration silence() const override;
  void close(std::uint16_t code, std::string_view reason, Duration patience) noexcept override;
  void cancel() noexcept override;

  CloseReason close_reason() const override { return reason_; }

  std::string subprotocol() const override { return {}; }

 private:
  bool is_gone() const;
  Error gone() const;

  Machine& machine_;
  std::size_t run_;
  Timestamp heard_;
  Timestamp next_;  ///< When the next message arrives.
  std::string text_;
  CloseReason reason_{};
  std::uint64_t pongs_ = 0;
  bool closed_ = false;
};

}  // namespace eventflux::tests
