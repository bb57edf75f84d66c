#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace eventflux::fuzz {

/// Ends the program, so that the fuzzer keeps the input, when a property does not hold.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace eventflux::fuzz
