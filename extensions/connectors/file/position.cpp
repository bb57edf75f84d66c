#include "position.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

namespace eventflux::connectors::file {
namespace {

constexpr std::size_t parts_of_old_shape = 6;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    table[i] = crc;
  }
  return table;
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  static constexpr auto table = make_crc_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes)
    crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

// Multiplies and mixes a word at a time: it is asked for every few kilobytes.
std::uint64_t trace_hash(std::string_view bytes) {
  std::uint64_t hash = 0x9E3779B97F4A7C15U ^ bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), size);
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDU;
    hash ^= hash >> 32U;
    bytes.remove_prefix(size);
  }
  return hash;
}

std::string prefix_text(const Position& position) {
  std::string text;
  for (const std::uint64_t part :
       {position.device, position.inode, position.generation, position.head_size, position.head_crc,
        position.trace_end, position.trace_hash, position.modified_us})
    text += std::to_string(part) + ":";
  return text;
}

std::string to_text(const Position& position) {
  return prefix_text(position) + std::to_string(position.offset);
}

std::optional<Position> parse_position(std::string_view text) {
  std::array<std::uint64_t, 9> parts{};
  std::size_t count = 0;
  for (;;) {
    if (count == parts.size()) return std::nullopt;
    const auto [last, code] =
        std::from_chars(text.data(), text.data() + text.size(), parts[count++]);
    if (code != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(last - text.data()));
    if (text.empty()) break;
    if (!text.starts_with(':')) return std::nullopt;
    text.remove_prefix(1);
  }
  Position position{parts[0], parts[1], parts[2], parts[3], parts[4]};
  if (count != parts.size() && count != parts_of_old_shape) return std::nullopt;
  position.offset = parts[count - 1];
  if (count == parts_of_old_shape) return position;
  position.trace_end = parts[5];
  position.trace_hash = parts[6];
  position.modified_us = parts[7];
  return position;
}

Result<std::uint64_t> head_crc(File& file, std::size_t size) {
  std::vector<char> head(std::min(size, head_bytes_max));
  EF_TRY(const std::size_t read, file.read(0, head));
  return std::uint64_t{crc32({head.data(), read})};
}

bool same_file(const Position& position, const FileStat& stat) {
  return position.device == stat.device && position.inode == stat.inode;
}

Result<bool> holds_what_was_read(File& file, const Position& position) {
  EF_TRY(const std::uint64_t crc, head_crc(file, position.head_size));
  if (crc != position.head_crc) return false;
  std::array<char, trace_bytes> trace{};
  const std::size_t size = std::min<std::uint64_t>(position.trace_end, trace_bytes);
  EF_TRY(const std::size_t read, file.read(position.trace_end - size, {trace.data(), size}));
  if (size != 0 && trace_hash({trace.data(), read}) != position.trace_hash) return false;
  if (position.offset == 0) return true;
  EF_TRY(const std::size_t last, file.read(position.offset - 1, {trace.data(), 1}));
  return last == 1;
}

}  // namespace eventflux::connectors::file
