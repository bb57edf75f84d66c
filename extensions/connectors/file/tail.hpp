#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventflux/source.hpp"

#include "framing.hpp"

namespace eventflux::connectors::file {

/// Where reading of a path stands, as the cursor holds it.
/// Shape: "device:inode:generation:head bytes:head crc:offset"; the head is the first 1 KiB, or as
/// much as had been read, and tells a file from another one that took its inode.
struct Position {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t generation = 0;  ///< Files that this path has been, so that order never goes back.
  std::uint64_t head_size = 0;
  std::uint64_t head_crc = 0;
  std::uint64_t offset = 0;
};

std::string to_text(const Position& position);
std::optional<Position> parse_position(std::string_view text);

/// Returns the CRC-32 of the first `size` bytes of a file. Fails: EF0510.
Result<std::uint64_t> head_crc(File& file, std::size_t size);

/// Reads one file of a path from an offset and emits its frames.
class FileTail {
 public:
  FileTail(const SourceOptions& options, std::unique_ptr<File> file, std::string partition,
           Position position);

  /// Emits every frame that is there. With Tail::final also what no delimiter ends.
  /// Returns whether anything was read. Fails: EF0510, and what emit() fails with.
  Result<bool> drain(Emitter& out, Tail tail);

  /// Fails: EF0551 when the file has become shorter than what was read of it.
  Result<void> check_size();

  const Position& position() const { return position_; }

  /// Reading begins behind the first line that ends from here on.
  void begin_inside_line() { skipping_ = true; }

 private:
  Result<void> emit_frames(Emitter& out, Tail tail);
  Result<void> take_frame(Emitter& out, const Frame& frame, std::size_t at);
  Result<void> emit(Emitter& out, const Frame& frame);
  Result<void> emit_too_long(Emitter& out, std::size_t begin, std::size_t next);
  Result<void> make_room(Emitter& out);
  Result<void> update_head();
  void set_cursor(std::uint64_t offset);
  void drop(std::size_t bytes);

  SourceOptions options_;
  Framer framer_;
  std::unique_ptr<File> file_;
  Position position_;  ///< Of the first byte in the buffer.
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::size_t searched_ = 0;
  std::int64_t lines_to_skip_ = 0;
  bool skipping_ = false;  ///< Up to the next delimiter nothing is emitted.
  std::string prefix_;     ///< The position's text up to the offset.
  Envelope envelope_;
};

}  // namespace eventflux::connectors::file
