#include "runtime/state/checksum.hpp"

#include <array>
#include <cstring>

namespace eventflux::runtime {
namespace {

// Without the processor's own instruction: eight tables: eight bytes a step. Kounavis and Berry, A
// systematic approach to building high performance software-based CRC generators, 2005.
struct Tables {
  std::array<std::array<std::uint32_t, 256>, 8> rows{};
};

constexpr Tables make_tables() {
  Tables tables;
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value >> 1U) ^ ((value & 1U) != 0 ? 0x82F63B78U : 0U);
    tables.rows[0][i] = value;
  }
  for (std::uint32_t i = 0; i < 256; ++i) {
    for (std::size_t k = 1; k < 8; ++k) {
      tables.rows[k][i] =
          (tables.rows[k - 1][i] >> 8U) ^ tables.rows[0][tables.rows[k - 1][i] & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

}  // namespace

std::uint32_t crc32c(std::uint32_t seed, std::string_view bytes) {
  std::uint32_t crc = ~seed;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
#ifdef __SSE4_2__
    crc = static_cast<std::uint32_t>(__builtin_ia32_crc32di(crc, word));
#else
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k)
      crc ^= tables.rows[7 - k][(word >> (8 * k)) & 0xFFU];
#endif
    bytes.remove_prefix(8);
  }
  for (const char c : bytes)
    crc = (crc >> 8U) ^ tables.rows[0][(crc ^ static_cast<unsigned char>(c)) & 0xFFU];
  return ~crc;
}

}  // namespace eventflux::runtime
