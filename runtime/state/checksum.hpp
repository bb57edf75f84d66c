#pragma once

#include <cstdint>
#include <string_view>

namespace eventflux::runtime {

/// CRC-32C (Castagnoli) of bytes, continued from `seed`.
std::uint32_t crc32c(std::uint32_t seed, std::string_view bytes);

}  // namespace eventflux::runtime
