#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace eventflux::functions::conversion {

/// Returns the MD5 of a text. Source: RFC 1321. For checksums, not for secrets.
std::array<std::uint8_t, 16> md5(std::string_view text);
/// Returns the SHA-256 of a text. Source: FIPS 180-4.
std::array<std::uint8_t, 32> sha256(std::string_view text);

}  // namespace eventflux::functions::conversion
