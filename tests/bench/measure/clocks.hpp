#pragma once

#include <cstdint>

namespace eventflux::bench {

/// Returns the processor time of the calling thread. Units: nanoseconds; reading it costs about
/// 200, so what is measured should take milliseconds.
std::int64_t thread_cpu_ns();
/// Returns the processor time of all threads of this process.
std::int64_t process_cpu_ns();
/// Returns a time that never goes back.
std::int64_t wall_ns();

}  // namespace eventflux::bench
