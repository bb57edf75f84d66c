#include "tests/bench/measure/clocks.hpp"

#include <ctime>

namespace eventflux::bench {
namespace {

std::int64_t read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::int64_t thread_cpu_ns() {
  return read(CLOCK_THREAD_CPUTIME_ID);
}

std::int64_t process_cpu_ns() {
  return read(CLOCK_PROCESS_CPUTIME_ID);
}

std::int64_t wall_ns() {
  return read(CLOCK_MONOTONIC);
}

}  // namespace eventflux::bench
