// Ids: event n has seen n / 50 + 1 persons and three times as many auctions. A reference goes to a
// recent one, half of the time or more to a popular one, and now and then to one that is still to
// come. Invariant: an event draws in the order of its fields, so no field can be left out earlier
// than at the end.
#include "events.hpp"

#include <algorithm>
#include <cstring>

namespace eventflux::connectors::nexmark {
namespace {

constexpr std::int64_t first_id = 1000;
constexpr std::int64_t first_category = 10;
constexpr std::uint64_t popular_every = 100;
constexpr std::uint64_t active_persons = 1000;
constexpr std::uint64_t active_auctions = 100;
constexpr std::uint64_t ahead = 10;  // ids that do not exist yet

constexpr std::array<std::string_view, 11> first_names{
    "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::array<std::string_view, 9> last_names{
    "Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
constexpr std::array<std::string_view, 10> cities{
    "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
    "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
constexpr std::array<std::string_view, 6> states{"AZ", "CA", "ID", "OR", "WA", "WY"};

std::uint64_t last_person(std::uint64_t n) {
  return n / cycle;
}

/// Negative before the first auction.
std::int64_t last_auction(std::uint64_t n) {
  const auto within = static_cast<std::int64_t>(n % cycle);
  return static_cast<std::int64_t>(auctions_per_cycle * (n / cycle)) +
         std::min<std::int64_t>(within - 1, 2);
}

std::int64_t some_person(Draws& draws, std::uint64_t n, bool wanted) {
  const std::uint64_t persons = last_person(n) + 1;
  const std::uint64_t active = std::min(persons, active_persons);
  return static_cast<std::int64_t>(persons - active + draws.below_if(wanted, active + ahead));
}

std::int64_t some_auction(Draws& draws, std::uint64_t n, bool wanted) {
  const auto last = static_cast<std::uint64_t>(last_auction(n));
  const std::uint64_t least = last < active_auctions ? 0 : last - active_auctions;
  return static_cast<std::int64_t>(least + draws.below_if(wanted, last - least + ahead + 1));
}

std::int64_t popular(std::uint64_t last) {
  return static_cast<std::int64_t>(last / popular_every * popular_every);
}

/// Writes texts one behind the other.
class Pen {
 public:
  explicit Pen(char* at) : at_(at), begin_(at) {}

  Pen& put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }

  Pen& draw(Draws& draws, std::size_t max) {
    at_ += draw_text(draws, max, ' ', at_);
    return *this;
  }

  Pen& four_digits(std::uint64_t number) {
    for (std::uint64_t unit = 1000; unit != 0; unit /= 10)
      *at_++ = static_cast<char>('0' + number / unit % 10);
    return *this;
  }

  /// Returns what was written since the last call.
  std::string_view take() {
    const std::string_view text(begin_, static_cast<std::size_t>(at_ - begin_));
    begin_ = at_;
    return text;
  }

 private:
  char* at_;
  char* begin_;
};

}  // namespace

Events::Events(const Rules& rules)
    : rules_(rules),
      key_(Draws::key(rules.seed, Purpose::events)),
      tables_(std::make_shared<const Tables>(rules.seed, rules.compat)) {}

Person Events::person(std::uint64_t n) {
  Draws draws(key_, n);
  Pen pen(text_.data());
  Person person;
  person.id = static_cast<std::int64_t>(last_person(n)) + first_id;
  pen.put(first_names[draws.below(first_names.size())]).put(" ");
  person.name = pen.put(last_names[draws.below(last_names.size())]).take();
  person.email = pen.draw(draws, 7).put("@").draw(draws, 5).put(".com").take();
  for (int group = 0; group < 4; ++group)
    pen.put(group == 0 ? "" : " ").four_digits(draws.below(10'000));
  person.credit_card = pen.take();
  person.city = cities[draws.below(cities.size())];
  person.state = states[draws.below(states.size())];
  person.time_us = time_us(n);
  person.extra =
      tables_->extra(draws,
                     8 + person.name.size() + person.email.size() + person.credit_card.size() +
                         person.city.size() + person.state.size(),
                     200);
  return person;
}

Auction Events::auction(std::uint64_t n) {
  Draws draws(key_, n);
  Pen pen(text_.data());
  Auction auction;
  const bool hot = draws.below(4) > 0;
  const std::int64_t other = some_person(draws, n, !hot);
  auction.id = last_auction(n) + first_id;
  auction.seller = (hot ? popular(last_person(n)) : other) + first_id;
  auction.category = first_category + static_cast<std::int64_t>(draws.below(5));
  auction.initial_bid = tables_->price(draws);
  auction.time_us = time_us(n);
  // Until 100 more auctions are there on average.
  const std::int64_t horizon =
      elapsed_ms(n + cycle * active_auctions / auctions_per_cycle) - elapsed_ms(n);
  const auto bound = static_cast<std::uint64_t>(std::max<std::int64_t>(2 * horizon, 1));
  auction.expires_us = auction.time_us + (1 + static_cast<std::int64_t>(draws.below(bound))) * 1000;
  auction.item_name = pen.draw(draws, 20).take();
  auction.description = pen.draw(draws, 100).take();
  auction.reserve = auction.initial_bid + tables_->price(draws);
  auction.extra =
      tables_->extra(draws, 48 + auction.item_name.size() + auction.description.size(), 500);
  return auction;
}

void Events::bids(std::span<const std::uint64_t> numbers, const BidColumns& out) const {
  const Tables& tables = *tables_;
  const std::int64_t first_bidder = first_id + (rules_.compat == Compat::flink ? first_id : 0);
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const std::uint64_t n = numbers[row];
    Draws draws(key_, n);
    const bool hot_auction = draws.below(2) > 0;
    const std::int64_t auction = some_auction(draws, n, !hot_auction);
    out.auction[row] =
        (hot_auction ? popular(static_cast<std::uint64_t>(last_auction(n))) : auction) + first_id;
    const bool hot_bidder = draws.below(4) > 0;
    const std::int64_t bidder = some_person(draws, n, !hot_bidder);
    out.bidder[row] = (hot_bidder ? popular(last_person(n)) + 1 : bidder) + first_bidder;
    out.price[row] = tables.price(draws);
    const bool hot_channel = draws.below(2) > 0;
    const Channel& channel =
        tables.channel(draws.below(hot_channel ? Tables::hot_channels : Tables::cached_channels) +
                       (hot_channel ? 0 : Tables::hot_channels));
    out.channel[row] = channel.name;
    out.url[row] = channel.url;
    out.time_us[row] = time_us(n);
    out.extra[row] = Text(tables.extra(draws, 32, 100));
  }
}

}  // namespace eventflux::connectors::nexmark
