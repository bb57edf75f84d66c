#include "runtime/state/stored_value.hpp"

#include <cstring>

#include "runtime/state/checksum.hpp"

namespace eventflux::runtime {
namespace {

std::uint32_t checksum(ValueHeader header, std::string_view key, std::string_view payload) {
  header.crc = 0;
  std::uint32_t crc = crc32c(0, {reinterpret_cast<const char*>(&header), sizeof header});
  crc = crc32c(crc, key);
  return crc32c(crc, payload);
}

}  // namespace

ValueHeader make_header(std::uint8_t type, std::uint64_t epoch, std::string_view key,
                        std::string_view payload) {
  ValueHeader header;
  header.type = type;
  header.length = static_cast<std::uint32_t>(payload.size());
  header.epoch = epoch;
  header.crc = checksum(header, key, payload);
  return header;
}

std::uint64_t stored_epoch(std::string_view stored) {
  ValueHeader header;
  if (stored.size() < sizeof header) return 0;
  std::memcpy(&header, stored.data(), sizeof header);
  return header.epoch;
}

std::optional<std::string_view> payload_of(std::string_view key, std::string_view stored) {
  ValueHeader header;
  if (stored.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, stored.data(), sizeof header);
  const std::string_view payload = stored.substr(sizeof header);
  if (header.format != format_major || header.length != payload.size() ||
      header.crc != checksum(header, key, payload))
    return std::nullopt;
  return payload;
}

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 0xFU];
  }
  return text;
}

}  // namespace eventflux::runtime
