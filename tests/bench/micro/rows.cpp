#include "tests/bench/micro/rows.hpp"

#include <algorithm>
#include <string>

#include "eventflux/context.hpp"

namespace eventflux::bench {
namespace {

Text symbol_of(std::uint64_t number) {
  std::string digits = std::to_string(10'000'000 + number);
  digits.front() = 'X';
  return Text(digits + "US");
}

}  // namespace

Rows make_rows(std::uint32_t rows, std::uint32_t keys) {
  Rows made;
  Rng rng(keys + 7);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint64_t key = rng.below(keys);
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
