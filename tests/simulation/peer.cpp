#include "tests/simulation/peer.hpp"

#include <algorithm>
#include <array>

#include "tests/simulation/machine.hpp"

namespace eventflux::tests {

PeerSocket::PeerSocket(Machine& machine)
    : machine_(machine),
      run_(machine.run()),
      heard_(machine.scheduler().now()),
      next_(machine.scheduler().now()) {}

bool PeerSocket::is_gone() const {
  return closed_ || machine_.is_off() || machine_.run() != run_;
}

Error PeerSocket::gone() const {
  return {Code::connection_lost, "closed by the peer: code " + std::to_string(reason_.code)};
}

Result<std::optional<Message>> PeerSocket::receive(Duration timeout) {
  constexpr std::array<std::uint16_t, 4> codes{1006, 1001, 1012, 1000};
  SimScheduler& scheduler = machine_.scheduler();
  const Timestamp until = scheduler.now() + timeout;
  if (machine_.fails(machine_.rates.peer, "receive")) {
    reason_.code = codes[machine_.below(codes.size())];
    closed_ = true;
  }
  Peer& peer = machine_.peer();
  const bool all_sent = peer.sent == peer.count;
  if (all_sent && peer.closes && !closed_) {
    reason_.code = 1000;
    closed_ = true;
  }
  const Timestamp arrival = all_sent ? Timestamp::max() : next_;
  while (!is_gone() && scheduler.now() < std::min(until, arrival))
    scheduler.block(this, "receive", std::min(until, arrival));
  if (is_gone()) return gone();
  if (scheduler.now() < arrival) return std::optional<Message>();
  heard_ = scheduler.now();
  // Mostly in bursts; now and then a message is late.
  const std::uint64_t pause = machine_.below(10) == 0 ? 1'500'000 : 20'000;
  if (machine_.below(3) == 0)
    next_ = heard_ + Duration(static_cast<std::int64_t>(machine_.below(pause)));
  const std::int64_t n = peer.sent++;
  peer.received.push_back({n, run_});
  text_ = "{\"n\":" + std::to_string(n) + "}";
  const std::size_t size = text_.size();
  text_.append(64, '\0');
  return std::optional(Message{MessageKind::text, {text_.data(), size}});
}

Result<void> PeerSocket::send(MessageKind, std::string_view) {
  machine_.scheduler().yield("send");
  return is_gone() ? Result<void>(gone()) : Result<void>();
}

Result<void> PeerSocket::ping(std::string_view) {
  EF_CHECK(send(MessageKind::text, {}));
  ++pongs_;
  heard_ = machine_.scheduler().now();
  return {};
}

Duration PeerSocket::silence() const {
  return machine_.scheduler().now() - heard_;
}

void PeerSocket::close(std::uint16_t, std::string_view, Duration) noexcept {
  cancel();
}

void PeerSocket::cancel() noexcept {
  closed_ = true;
  machine_.scheduler().wake(this, true);
}

}  // namespace eventflux::tests
