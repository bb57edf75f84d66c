#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventflux/context.hpp"
#include "eventflux/transport.hpp"

namespace eventflux {

/// Faults that every simulator can commit; the runtime reads the flags and passes them in.
struct FaultPlan {
  Duration disconnect_every{};  ///< Zero: never.
  std::uint16_t close_code = 1006;
  Duration half_open_after{};  ///< Stops answering but keeps the line.
  Duration slow_handshake{};
  int status = 101;  ///< Answer to the upgrade.
  bool never_ack = false;
  double malformed = 0;  ///< Shares of messages, 0 … 1.
  double duplicate = 0;
  double gap = 0;
};

/// Load that every simulator understands.
struct LoadPlan {
  std::uint64_t seed = 42;
  double rate = 200;  ///< Rows per second over all keys; 0: as fast as the peer reads.
  std::uint64_t keys = 2;
  Duration length{};  ///< Ends after this time; zero: never.
};

/// One connection to a simulator.
struct Peer {
  WebSocket& socket;
  Clock& clock;
  const LoadPlan& load;
  const FaultPlan& faults;
  const StopSignal& stop;
  std::uint64_t connection = 0;  ///< 0, 1, 2 … in order of arrival.
  Timestamp started{};           ///< When the simulator started: its own clock's zero.
};

/// Speaks the protocol of a provider on loopback: same seed and flags, same bytes.
/// Thread: serve() on one thread per connection, several at a time.
class Simulator {
 public:
  virtual ~Simulator() = default;
  /// Blocks: until the peer leaves, a fault ends the line, or `stop`.
  virtual Result<void> serve(Peer& peer) = 0;
  /// Answers an upgrade.
  virtual UpgradeResponse upgrade(const UpgradeRequest& request) = 0;
  /// Returns the protocol facts that it keeps to, one per line.
  virtual std::string describe() const = 0;
};

}  // namespace eventflux
