#pragma once

#include <set>
#include <string>

#include "eventflux/simulator.hpp"

#include "feed.hpp"
#include "request.hpp"

namespace eventflux::simulators::market {

struct Options {
  std::int64_t snapshot_trades = 1000;
  std::int64_t message_trades = 100;
  Duration message_interval = std::chrono::milliseconds(5);
};

/// One client, from its first message to its last.
class Session {
 public:
  Session(Peer& peer, const Options& options);

  /// Blocks: until the client leaves, a fault ends the line, or the simulator stops.
  void run();

 private:
  struct Farewell {
    std::uint16_t code = 1000;
    std::string_view text{};
  };

  Timestamp now() const { return peer_.clock.now(); }

  Duration age() const { return peer_.clock.steady() - opened_; }

  bool subscribed() const { return !products_.empty() || heartbeats_; }

  bool step();
  std::optional<Farewell> farewell() const;
  void go_silent();
  Duration next_wait() const;
  bool take(std::string_view text);
  bool change(const Request& request);
  std::set<std::uint64_t> all_products() const;
  bool subscribe(const std::set<std::uint64_t>& keys);
  bool unsubscribe(const std::set<std::uint64_t>& keys);
  bool refuse(std::string_view reason);
  bool acknowledge();
  bool send_snapshot(const std::set<std::uint64_t>& keys);
  bool send_trades();
  std::string take_trades(std::uint64_t due, std::uint64_t most);
  bool send_heartbeat();
  std::string begin(std::string_view channel);
  bool send(const std::string& text);
  bool send_with_faults(const std::string& text);

  Peer& peer_;
  Options options_;
  Feed feed_;
  Rng faults_;
  Timestamp opened_;  // these three are on the steady clock
  Timestamp last_sent_;
  Timestamp next_beat_;
  std::set<std::uint64_t> products_;
  bool heartbeats_ = false;
  std::uint64_t next_trade_ = 0;  // the first trade that was not sent yet
  std::uint64_t beats_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace eventflux::simulators::market
