#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eventflux::runtime {

inline constexpr std::uint8_t format_major = 5;

/// Stands before every stored value. Units: little-endian; the checksum covers this header with
/// `crc` zero, the key and the payload, so that a value in the wrong place is found.
struct ValueHeader {
  std::uint8_t format = format_major;
  std::uint8_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t length = 0;
  std::uint64_t epoch = 0;
  std::uint32_t crc = 0;
  std::uint32_t reserved = 0;
};

static_assert(sizeof(ValueHeader) == 24);

ValueHeader make_header(std::uint8_t type, std::uint64_t epoch, std::string_view key,
                        std::string_view payload);
/// Returns the epoch in which a stored value was written; 0 when it is too short to have one.
std::uint64_t stored_epoch(std::string_view stored);
/// Returns the payload of a stored value; nothing when length or checksum do not fit.
std::optional<std::string_view> payload_of(std::string_view key, std::string_view stored);

/// Appends a number so that keys sort by it.
template <class T>
void append_big_endian(std::string& out, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;)
    out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

/// Reads what append_big_endian() appended. Shape: `bytes` holds at least sizeof(T).
template <class T>
T read_big_endian(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value << 8U) | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// Source: FNV-1a, Fowler, Noll, Vo, 1991.
std::uint64_t hash_text(std::string_view text);
std::string hex(std::string_view bytes);

}  // namespace eventflux::runtime
