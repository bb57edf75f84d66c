#include "runtime/delivery/backoff.hpp"

#include <algorithm>

namespace eventflux::runtime {

Duration Backoff::next() {
  const Duration bound = std::min(bound_, longest_);
  if (kind_ == model::RetryBackoff::exponential) bound_ = std::min(bound * 2, longest_);
  if (kind_ == model::RetryBackoff::linear) bound_ = std::min(bound + first_, longest_);
  return Duration(
      static_cast<std::int64_t>(rng_.below(static_cast<std::uint64_t>(bound.count()) + 1)));
}

}  // namespace eventflux::runtime
