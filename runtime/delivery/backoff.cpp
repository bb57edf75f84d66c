#include "runtime/delivery/backoff.hpp"

#include <algorithm>

namespace eventflux::runtime {

Duration Backoff::next_whole() {
  const Duration bound = std::min(bound_, longest_);
  if (kind_ == model::RetryBackoff::exponential) bound_ = std::min(bound * 2, longest_);
  if (kind_ == model::RetryBackoff::linear) bound_ = std::min(bound + first_, longest_);
  return bound;
}

Duration Backoff::next() {
  const auto bound = static_cast<std::uint64_t>(next_whole().count());
  return Duration(static_cast<std::int64_t>(rng_.below(bound + 1)));
}

}  // namespace eventflux::runtime
