#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

namespace eventflux::base {

/// Nothing is armed in a product run: EF_FAIL costs one relaxed load.
/// A variable and no function, because each point reads it.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
extern std::atomic<bool> fail_points_armed;

/// Ends the process without any clean-up the n-th time that a point is reached.
/// Returns false when there is no point of that name.
bool arm_fail_point(std::string_view name, std::uint64_t nth);
/// Arms what EVENTFLUX_FAIL="name:nth" in the environment says. Returns false when it is malformed.
bool arm_fail_point_from_environment();
/// Returns all names.
std::vector<std::string_view> fail_point_names();

void reach_fail_point(std::string_view name);

}  // namespace eventflux::base

/// Marks a place where a crash must do no harm.
#define EF_FAIL(name)                                                         \
  do {                                                                        \
    if (::eventflux::base::fail_points_armed.load(std::memory_order_relaxed)) \
      ::eventflux::base::reach_fail_point(name);                              \
  } while (false)
