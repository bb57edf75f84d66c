#include "base/fail_point.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <unistd.h>

namespace eventflux::base {
namespace {

#define EF_FAIL_POINT(name) std::string_view(name),
constexpr std::array names{
#include "base/fail_points.def"
};
#undef EF_FAIL_POINT

// Written once, before any thread starts; counted down by whoever reaches the point.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<std::size_t> armed_index{names.size()};
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<std::uint64_t> armed_count{0};

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool> fail_points_armed{false};

bool arm_fail_point(std::string_view name, std::uint64_t nth) {
  const auto* found = std::find(names.begin(), names.end(), name);
  if (found == names.end() || nth == 0) return false;
  armed_index = static_cast<std::size_t>(found - names.begin());
  armed_count = nth;
  fail_points_armed = true;
  return true;
}

bool arm_fail_point_from_environment() {
  // Read at start, before any thread could change the environment.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* raw = std::getenv("EVENTFLUX_FAIL");
  if (raw == nullptr) return true;
  const std::string_view text = raw;
  const std::size_t colon = text.find(':');
  std::uint64_t nth = 1;
  if (colon != std::string_view::npos) {
    const auto [end, code] =
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), nth);
    if (code != std::errc() || end != text.data() + text.size()) return false;
  }
  return arm_fail_point(text.substr(0, colon), nth);
}

std::vector<std::string_view> fail_point_names() {
  return {names.begin(), names.end()};
}

void reach_fail_point(std::string_view name) {
  const std::size_t index = armed_index;
  if (index == names.size() || names[index] != name) return;
  if (armed_count.fetch_sub(1) == 1) _exit(137);
}

}  // namespace eventflux::base
