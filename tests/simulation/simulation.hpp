#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace eventflux::tests {

/// What became of one seed.
struct Outcome {
  std::vector<std::string> faults{};
  std::string program{};
  std::string trace{};
  std::uint64_t digest = 0;
  std::uint64_t steps = 0;
};

/// Runs the app of a seed, cuts its power, stops and starts it, and judges what came out.
/// `on_stuck` gets what is known when a run can never end, and does not return.
Outcome simulate(std::uint64_t seed, const std::function<void(const Outcome&)>& on_stuck);

/// Returns an outcome as a person reads it.
std::string describe(std::uint64_t seed, const Outcome& outcome);

}  // namespace eventflux::tests
