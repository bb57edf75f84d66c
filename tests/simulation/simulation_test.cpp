#include "tests/simulation/simulation.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sched.h>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

namespace eventflux::tests {
namespace {

/// Threads of a simulation run one at a time, so a second processor only makes each change of
/// threads slower.
void stay_on_one_processor(std::uint64_t which) {
  cpu_set_t all;
  if (::sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) == 0) return;
  std::uint64_t left = which % static_cast<std::uint64_t>(CPU_COUNT(&all));
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &all) || left-- != 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ::sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

Outcome run_seed(std::uint64_t seed) {
  return simulate(seed, [seed](const Outcome& outcome) {
    std::fputs(describe(seed, outcome).c_str(), stderr);
    std::fflush(stderr);
    ::_exit(1);
  });
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::stoull(value);
}

void check_seed(std::uint64_t seed) {
  const Outcome outcome = run_seed(seed);
  if (from_environment("EVENTFLUX_TRACE", 0) != 0)
    std::fputs(describe(seed, outcome).c_str(), stderr);
  if (!outcome.faults.empty()) FAIL_CHECK(describe(seed, outcome));
}

/// Runs every other seed; with EVENTFLUX_SEED only that one.
void check_seeds(std::uint64_t first) {
  stay_on_one_processor(first);
  const std::uint64_t only = from_environment("EVENTFLUX_SEED", 0);
  if (only != 0) {
    if (only % 2 == first % 2) check_seed(only);
    return;
  }
  const std::uint64_t count = from_environment("EVENTFLUX_SEEDS", 2000);
  for (std::uint64_t seed = first; seed <= count; seed += 2)
    check_seed(seed);
}

}  // namespace

TEST_CASE("simulation: odd seeds") {
  check_seeds(1);
}

TEST_CASE("simulation: even seeds") {
  check_seeds(2);
}

TEST_CASE("simulation: seeds that once found a fault") {
  stay_on_one_processor(1);
  std::ifstream file(EVENTFLUX_PAST_SEEDS);
  REQUIRE(file);
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line.front() != '#') check_seed(std::stoull(line));
}

TEST_CASE("simulation: a seed is the same run each time") {
  stay_on_one_processor(2);
  for (std::uint64_t seed = 5001; seed <= 5020; ++seed) {
    const Outcome once = run_seed(seed);
    const Outcome again = run_seed(seed);
    CAPTURE(seed);
    CHECK(once.digest == again.digest);
    CHECK(once.steps == again.steps);
  }
}

}  // namespace eventflux::tests
