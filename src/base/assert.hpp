#pragma once

namespace eventflux::base {

/// Says where and what, and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace eventflux::base

/// States an invariant; a broken one ends the process, in release builds too.
#define EF_ASSERT(condition) \
  ((condition) ? void() : ::eventflux::base::assertion_failed(#condition, __FILE__, __LINE__))
