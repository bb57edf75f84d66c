#include "runtime/delivery/backoff.hpp"

#include <algorithm>

namespace eventflux::runtime {
namespace {

// A refusal that lasts, such as 401, is asked again this much less often than a lost connection.
constexpr int lasting_factor = 10;
// A server that asks for a longer wait than this is asked again all the same.
constexpr Duration asked_wait_max = std::chrono::hours(1);

}  // namespace

Duration Backoff::grow_to(Duration longest) {
  const Duration bound = std::min(bound_, longest);
  if (kind_ == model::RetryBackoff::exponential) bound_ = std::min(bound * 2, longest);
  if (kind_ == model::RetryBackoff::linear) bound_ = std::min(bound + first_, longest);
  return bound;
}

Duration Backoff::next_whole() {
  return grow_to(longest_);
}

Duration Backoff::next(const RetryAdvice& advice) {
  const bool grows = advice.lasting && longest_ < Duration::max() / lasting_factor;
  const Duration bound = grow_to(grows ? longest_ * lasting_factor : longest_);
  const auto jitter = rng_.below(static_cast<std::uint64_t>(bound.count()) + 1);
  // The jitter comes on top: those who were sent away together must not return together.
  return std::min<Duration>(advice.after, asked_wait_max) +
         Duration(static_cast<std::int64_t>(jitter));
}

Duration Backoff::next() {
  return next(RetryAdvice{});
}

}  // namespace eventflux::runtime
