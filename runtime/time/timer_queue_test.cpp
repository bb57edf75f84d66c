#include "runtime/time/timer_queue.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "runtime/time/timed.hpp"

namespace eventflux::runtime {
namespace {

struct Idle final : Timed {};

TEST_CASE("the first timer is the earliest, and of equal ones that of the first owner") {
  constexpr std::uint32_t count = 40;
  std::vector<Idle> owners(count);
  TimerQueue queue;
  for (Idle& owner : owners)
    queue.add(owner);
  std::vector<std::int64_t> due(count, never);
  CHECK(queue.next_due() == never);
  Rng rng(7);
  for (int step = 0; step < 10'000; ++step) {
    const auto slot = static_cast<std::uint32_t>(rng.below(count));
    due[slot] = rng.below(8) == 0 ? never : static_cast<std::int64_t>(rng.below(30));
    queue.set(slot, due[slot]);
    const auto least = std::min_element(due.begin(), due.end());
    REQUIRE(queue.next_due() == *least);
    REQUIRE(queue.first() == static_cast<std::uint32_t>(least - due.begin()));
    REQUIRE(&queue.at(queue.first()) == &owners[queue.first()]);
  }
}

}  // namespace
}  // namespace eventflux::runtime
