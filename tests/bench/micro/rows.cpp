#include "tests/bench/micro/rows.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "eventflux/context.hpp"

namespace eventflux::bench {
namespace {

Text symbol_of(std::uint64_t number) {
  std::string digits = std::to_string(10'000'000 + number);
  digits.front() = 'X';
  return Text(digits + "US");
}

// What grows evenly by factors comes between n and n + 1 about 1/n as often as between 1 and 2.
std::uint64_t skewed_key(Rng& rng, std::uint32_t keys) {
  return static_cast<std::uint64_t>(std::pow(keys, rng.unit())) - 1;
}

}  // namespace

Rows make_rows(std::uint32_t rows, std::uint32_t keys, Draw draw) {
  Rows made;
  Rng rng(keys + 7);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint64_t key = draw == Draw::uniform ? rng.below(keys) : skewed_key(rng, keys);
    made.symbol.push_back(symbol_of(key));
    made.price.push_back(rng.unit());
    made.quantity.push_back(rng.unit());
    made.id.push_back(static_cast<std::int64_t>(key));
  }
  return made;
}

// A small batch has few rows a pass: the batches of a pass are made before it, and should not be
// thrown out of the cache by each other.
PassPlan plan_of(std::uint32_t batch) {
  return {batch, std::clamp<std::uint32_t>(65'536 / batch, 64, 256)};
}

}  // namespace eventflux::bench
