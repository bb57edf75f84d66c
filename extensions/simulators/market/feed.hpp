#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventflux/simulator.hpp"

namespace eventflux::simulators::market {

/// All trades that there will ever be, in order of time over all products.
/// Shape: trade `index` belongs to product index % products() and is its trade number
/// index / products(); both count from 0. Everything about it follows from the seed and the index
/// alone, so a client that comes back finds the same trades.
class Feed {
 public:
  Feed(const LoadPlan& load, Timestamp started);

  std::uint64_t products() const { return products_; }

  std::string product(std::uint64_t key) const;
  /// Returns the key of a product by its name; `-USDC` names the same as `-USD`.
  std::optional<std::uint64_t> key_of(std::string_view name) const;

  /// Returns when a trade happens, and how many have happened by a time.
  Timestamp time_of(std::uint64_t index) const;
  std::uint64_t count_by(Timestamp time) const;

  /// Returns whether trades come as fast as they are taken, instead of at their times.
  bool unpaced() const { return rate_ <= 0; }

  /// Appends a trade as JSON.
  void append_trade(std::string& out, std::uint64_t index) const;

 private:
  double price_of(std::uint64_t key, std::uint64_t number) const;

  std::uint64_t seed_;
  double rate_;
  std::uint64_t products_;
  Timestamp started_;
};

/// Returns RFC 3339 text with always six digits of a fraction, as the provider writes it.
std::string microseconds_text(Timestamp time);

}  // namespace eventflux::simulators::market
