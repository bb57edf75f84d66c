#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventflux/context.hpp"

namespace eventflux::connectors::file {

/// How many bytes before a position tell whether a file still holds what was read.
inline constexpr std::size_t trace_bytes = 256;
inline constexpr std::size_t head_bytes_max = 1024;
inline constexpr unsigned generation_shift = 44;  ///< Files up to 16 TiB keep the order of cursors.

/// Where reading of a path stands, as the cursor holds it.
/// Shape: "device:inode:generation:head bytes:head crc:trace end:trace hash:modified:offset". The
/// head is the first 1 KiB, or as much as had been read; the trace is up to 256 bytes in front of
/// `trace_end`, which lies close before the offset. Both together tell a file from another one that
/// took its inode, and from itself after it was truncated. Units: `modified` microseconds; all
/// offsets bytes, of what a compressed file decompresses to.
struct Position {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t generation = 0;  ///< Files that this path has been, so that order never goes back.
  std::uint64_t head_size = 0;
  std::uint64_t head_crc = 0;
  std::uint64_t trace_end = 0;
  std::uint64_t trace_hash = 0;
  std::uint64_t modified_us = 0;  ///< Of the file when it was read last; rotated ones are older.
  std::uint64_t offset = 0;
};

/// Returns everything up to the offset, with a colon at its end.
std::string prefix_text(const Position& position);
std::string to_text(const Position& position);
/// Also reads the shape without trace and time, which earlier versions wrote.
std::optional<Position> parse_position(std::string_view text);

/// Returns the CRC-32 of bytes, as in ISO 3309.
std::uint32_t crc32(std::string_view bytes);
/// Returns a hash of a trace.
std::uint64_t trace_hash(std::string_view bytes);
/// Returns the CRC-32 of the first `size` bytes of a file. Fails: EF0510, EF0601.
Result<std::uint64_t> head_crc(File& file, std::size_t size);

bool same_file(const Position& position, const FileStat& stat);
/// Returns whether a file holds what was read of the position's file. Fails: EF0510, EF0601.
Result<bool> holds_what_was_read(File& file, const Position& position);

}  // namespace eventflux::connectors::file
