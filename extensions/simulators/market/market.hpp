#pragma once

#include "eventflux/extension.hpp"

#include "session.hpp"

namespace eventflux::simulators::market {

/// Speaks Coinbase Advanced Trade: channels `market_trades` and `heartbeats`.
class Market final : public Simulator {
 public:
  explicit Market(Options options) : options_(options) {}

  Result<void> serve(Peer& peer) override;
  UpgradeResponse upgrade(const UpgradeRequest& request) override;
  std::string describe() const override;

 private:
  Options options_;
};

void register_extension(Registry& registry);

}  // namespace eventflux::simulators::market
