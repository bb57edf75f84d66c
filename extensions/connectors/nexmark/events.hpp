#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "eventflux/batch.hpp"

#include "tables.hpp"

namespace eventflux::connectors::nexmark {

/// Place k of a group of g takes event k * mixing mod g of it; a prime, so that all but its own
/// multiples can be mixed.
inline constexpr std::uint64_t mixing = 953;

inline constexpr std::uint64_t cycle = 50;
inline constexpr std::uint64_t persons_per_cycle = 1;
inline constexpr std::uint64_t auctions_per_cycle = 3;

enum class Kind : std::uint8_t { person, auction, bid };

/// What decides all events.
struct Rules {
  std::uint64_t seed = 1;
  std::uint64_t rate = 100'000;  ///< Events per second of event time.
  std::int64_t base_ms = 0;      ///< Time of event 0.
  std::uint64_t disorder = 1;    ///< Places among which events are mixed; 1: none.
  Compat compat = Compat::none;
};

/// Owns: nothing; text lives until the next event of the same kind, `extra` with the tables.
struct Person {
  std::int64_t id = 0;
  std::string_view name, email, credit_card, city, state;
  std::int64_t time_us = 0;
  std::string_view extra;
};

struct Auction {
  std::int64_t id = 0;
  std::string_view item_name, description;
  std::int64_t initial_bid = 0;
  std::int64_t reserve = 0;
  std::int64_t time_us = 0;
  std::int64_t expires_us = 0;
  std::int64_t seller = 0;
  std::int64_t category = 0;
  std::string_view extra;
};

/// Where bids are written, column by column.
struct BidColumns {
  std::int64_t* auction = nullptr;
  std::int64_t* bidder = nullptr;
  std::int64_t* price = nullptr;
  Text* channel = nullptr;
  Text* url = nullptr;
  std::int64_t* time_us = nullptr;
  Text* extra = nullptr;
};

/// Makes events. Event n is a pure function of the rules and n. Thread: one at a time.
class Events {
 public:
  explicit Events(const Rules& rules);

  /// Of every 50 events the first is a person, the next 3 are auctions, the last 46 bids.
  static Kind kind(std::uint64_t n) {
    const std::uint64_t within = n % cycle;
    if (within < persons_per_cycle) return Kind::person;
    return within < persons_per_cycle + auctions_per_cycle ? Kind::auction : Kind::bid;
  }

  /// Returns which event comes at a place.
  std::uint64_t event_at(std::uint64_t place) const {
    if (rules_.disorder == 1) return place;
    const std::uint64_t within = place % rules_.disorder;
    return place - within + within * mixing % rules_.disorder;
  }

  /// Returns milliseconds from event 0 to event n.
  std::int64_t elapsed_ms(std::uint64_t n) const {
    return static_cast<std::int64_t>(n * 1000 / rules_.rate);
  }

  Person person(std::uint64_t n);
  Auction auction(std::uint64_t n);
  /// Writes a row for each of `numbers`, which all are bids.
  void bids(std::span<const std::uint64_t> numbers, const BidColumns& out) const;

  /// Returns the owner of borrowed text.
  const std::shared_ptr<const Tables>& tables() const { return tables_; }

 private:
  std::int64_t time_us(std::uint64_t n) const { return (rules_.base_ms + elapsed_ms(n)) * 1000; }

  Rules rules_;
  std::uint64_t key_;
  std::shared_ptr<const Tables> tables_;  // second owners: batches that borrow text
  std::array<char, 256> text_{};
};

}  // namespace eventflux::connectors::nexmark
