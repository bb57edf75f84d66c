#pragma once

#include <cstdint>

namespace eventflux::bench {

/// Returns how often the calling thread has allocated since it began. Counted are malloc, calloc,
/// realloc and the aligned ones, and through them operator new, also inside shared libraries:
/// a program that calls this replaces them all. Under a sanitizer nothing is counted.
std::uint64_t thread_allocations();

}  // namespace eventflux::bench
