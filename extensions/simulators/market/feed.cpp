#include "feed.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

// A random walk would have to be walked from its beginning to know one of its points. Instead a
// price is a sum of smooth noises of growing length and size, which looks the same and is a
// function of the trade's number: each noise goes straight from one hashed value to the next.

namespace eventflux::simulators::market {
namespace {

struct Level {
  std::string_view name;
  double price;
};

constexpr std::array<Level, 12> levels{{{"BTC-USD", 67'000},
                                        {"ETH-USD", 3'120},
                                        {"SOL-USD", 168},
                                        {"XRP-USD", 0.61},
                                        {"DOGE-USD", 0.152},
                                        {"ADA-USD", 0.47},
                                        {"LTC-USD", 84},
                                        {"LINK-USD", 14.6},
                                        {"AVAX-USD", 34.5},
                                        {"BCH-USD", 465},
                                        {"DOT-USD", 6.9},
                                        {"UNI-USD", 9.4}}};

// Ids begin high, as the provider's do; products are far apart so that a mix-up is seen.
constexpr std::uint64_t first_id = 700'000'000;
constexpr std::uint64_t id_distance = 1'000'000'000;

struct Noise {
  double trades;  // from one value to the next
  double size;    // as a part of the price
};

constexpr std::array<Noise, 5> noises{
    {{1, 0.00002}, {16, 0.0002}, {256, 0.001}, {4096, 0.005}, {65536, 0.02}}};

std::uint64_t hash(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  std::uint64_t state = seed;
  for (const std::uint64_t part : {a, b, c})
    state = Rng(state ^ (part + 1) * 0x9E3779B97F4A7C15ULL).next();
  return state;
}

/// Returns a number in [-1, 1).
double centered(std::uint64_t bits) {
  return static_cast<double>(bits >> 11U) * 0x1.0p-52 - 1.0;
}

void append_fixed(std::string& out, double value, int digits) {
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 std::chars_format::fixed, digits)
                       .ptr;
  out.append(buffer.data(), end);
}

int price_digits(double level) {
  if (level >= 10) return 2;
  return level >= 1 ? 4 : 5;
}

double level_of(std::uint64_t key) {
  if (key < levels.size()) return levels[key].price;
  return 1.0 + static_cast<double>(key % 97);
}

}  // namespace

Feed::Feed(const LoadPlan& load, Timestamp started)
    : seed_(load.seed),
      rate_(load.rate),
      products_(std::max<std::uint64_t>(load.keys, 1)),
      started_(started) {}

std::string Feed::product(std::uint64_t key) const {
  if (key < levels.size()) return std::string(levels[key].name);
  return std::string("P").append(std::to_string(key)).append("-USD");
}

std::optional<std::uint64_t> Feed::key_of(std::string_view name) const {
  if (name.ends_with("-USDC")) name.remove_suffix(1);
  for (std::uint64_t key = 0; key < std::min<std::uint64_t>(products_, levels.size()); ++key)
    if (levels[key].name == name) return key;
  std::uint64_t key = 0;
  if (!name.starts_with('P') || !name.ends_with("-USD")) return std::nullopt;
  const char* const end = name.data() + name.size() - 4;
  if (std::from_chars(name.data() + 1, end, key).ptr != end) return std::nullopt;
  return key >= levels.size() && key < products_ ? std::optional(key) : std::nullopt;
}

Timestamp Feed::time_of(std::uint64_t index) const {
  // Trades that nobody paces are a microsecond apart.
  const double us_per_trade = unpaced() ? 1.0 : 1e6 / rate_;
  return started_ + Duration(static_cast<std::int64_t>(static_cast<double>(index) * us_per_trade));
}

std::uint64_t Feed::count_by(Timestamp time) const {
  if (time < started_) return 0;
  const double trades_per_us = unpaced() ? 1.0 : rate_ / 1e6;
  auto count =
      static_cast<std::uint64_t>(static_cast<double>((time - started_).count()) * trades_per_us);
  // Rounding of the two directions differs by one at most.
  while (time_of(count) <= time)
    ++count;
  while (count > 0 && time_of(count - 1) > time)
    --count;
  return count;
}

double Feed::price_of(std::uint64_t key, std::uint64_t number) const {
  double sum = 0;
  for (std::size_t i = 0; i < noises.size(); ++i) {
    const double position = static_cast<double>(number) / noises[i].trades;
    const double before = std::floor(position);
    const auto cell = static_cast<std::uint64_t>(before);
    const double from = centered(hash(seed_, key, i, cell));
    const double to = centered(hash(seed_, key, i, cell + 1));
    sum += noises[i].size * (from + (to - from) * (position - before));
  }
  return level_of(key) * (1 + sum);
}

void Feed::append_trade(std::string& out, std::uint64_t index) const {
  const std::uint64_t key = index % products_;
  const std::uint64_t number = index / products_;
  const std::uint64_t bits = hash(seed_, key, noises.size(), number);
  // Many small trades and few large ones: the fourth power of a uniform number.
  const double unit = (centered(bits) + 1) / 2;
  const double size = unit * unit * unit * unit * 20'000 / level_of(key) + 1e-8;
  out += R"({"trade_id":")";
  out += std::to_string(first_id + key * id_distance + number);
  out += R"(","product_id":")";
  out += product(key);
  out += R"(","price":")";
  append_fixed(out, price_of(key, number), price_digits(level_of(key)));
  out += R"(","size":")";
  append_fixed(out, size, 8);
  out += (bits & 1U) != 0 ? R"(","side":"BUY","time":")" : R"(","side":"SELL","time":")";
  out += microseconds_text(time_of(index));
  out += "\"}";
}

std::string microseconds_text(Timestamp time) {
  constexpr std::int64_t second = 1'000'000;
  const std::int64_t fraction = (time.us % second + second) % second;
  std::string text = to_text(Timestamp{time.us - fraction});
  // One more digit in front keeps the leading zeros; the point takes its place.
  std::string digits = std::to_string(second + fraction);
  digits.front() = '.';
  text.pop_back();
  return text.append(digits).append("Z");
}

}  // namespace eventflux::simulators::market
