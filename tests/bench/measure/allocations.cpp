// The functions of the C library are defined again here and pass on to those that glibc keeps under
// a second name. A definition in the program comes before those of all shared libraries.
#include "tests/bench/measure/allocations.hpp"

#include <cerrno>
#include <cstddef>

namespace eventflux::bench {
namespace {

thread_local std::uint64_t allocations = 0;

}  // namespace

std::uint64_t thread_allocations() {
  return allocations;
}

}  // namespace eventflux::bench

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

extern "C" {

void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* place, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) {
  ++eventflux::bench::allocations;
  return __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) {
  ++eventflux::bench::allocations;
  return __libc_calloc(count, bytes);
}

void* realloc(void* place, std::size_t bytes) {
  ++eventflux::bench::allocations;
  return __libc_realloc(place, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  ++eventflux::bench::allocations;
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return memalign(alignment, bytes);
}

int posix_memalign(void** place, std::size_t alignment, std::size_t bytes) {
  void* made = memalign(alignment, bytes);
  if (made == nullptr) return ENOMEM;
  *place = made;
  return 0;
}

}  // extern "C"

#endif
