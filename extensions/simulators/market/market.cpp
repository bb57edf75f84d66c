#include "market.hpp"

namespace eventflux::simulators::market {
namespace {

// The port of the demo and of the examples.
constexpr std::uint16_t default_port = 9443;

ParamSpec<Options> params() {
  return {param("snapshot.trades", &Options::snapshot_trades,
                "How many of the last trades of each product a subscription repeats."),
          param("message.trades", &Options::message_trades, "Most trades of one message."),
          param("message.interval", &Options::message_interval,
                "Least time in which trades come together; 0 sends each when it happens.")};
}

}  // namespace

Result<void> Market::serve(Peer& peer) {
  Session(peer, options_).run();
  return {};
}

UpgradeResponse Market::upgrade(const UpgradeRequest& /*request*/) {
  return {};
}

std::string Market::describe() const {
  return "protocol: Coinbase Advanced Trade market data, without authentication\n"
         "subscribe within 5 s of connecting, one channel per message, else closed with 1008\n"
         "channels: market_trades, heartbeats (one per second)\n"
         "answer: channel 'subscriptions' lists everything that is subscribed\n"
         "refusal: type 'error' with a message; the line stays open\n"
         "market_trades: first an event of type snapshot, then updates; many trades per message\n"
         "trade: trade_id (digits), product_id, price, size, side, time (RFC 3339, microseconds)\n"
         "trade_id rises by 1 per product; a snapshot repeats trades, oldest first\n"
         "sequence_num: from 0 per connection, +1 over all its channels\n"
         "a -USDC product answers as -USD\n"
         "a line without updates is closed after 90 s\n";
}

void register_extension(Registry& registry) {
  registry.simulator<Market>("market", "Trades in the protocol of Coinbase Advanced Trade.",
                             default_port, params());
}

}  // namespace eventflux::simulators::market
