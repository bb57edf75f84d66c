#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "eventflux/source.hpp"

#include "framing.hpp"
#include "rotated.hpp"

namespace eventflux::connectors::file {

/// Reads one file of a path from an offset and emits its frames.
class FileTail {
 public:
  /// `position` is of the file; its offset says where to begin.
  FileTail(const SourceOptions& options, OpenedFile file, std::string partition, Position position);

  /// Looks at the bytes in front of the offset, by which a truncation is found. Fails: EF0510,
  /// EF0601.
  Result<void> prepare();

  /// Emits every frame that is there. With Tail::final also what no delimiter ends.
  /// Returns whether anything was read. Fails: EF0510, EF0601, and what emit() fails with.
  Result<bool> drain(Emitter& out, Tail tail);

  /// Returns whether the file no longer holds what was read of it: it has become shorter, or other
  /// bytes stand in front of the position. Fails: EF0510.
  Result<bool> replaced();

  const Position& position() const { return position_; }

  /// Up to where the file was read, half a frame included.
  std::uint64_t read_end() const { return position_.offset + used_; }

  const OpenedFile& opened() const { return opened_; }

  FileStat stat() const { return opened_.stat; }

  /// Looks at the file anew. Fails: EF0510.
  Result<FileStat> look();

  OpenedFile release() { return std::move(opened_); }

  /// Reading begins behind the first line that ends from here on.
  void begin_inside_line() { skipping_ = true; }

 private:
  Result<void> emit_frames(Emitter& out, Tail tail);
  Result<bool> skip_to_delimiter(Emitter& out, Tail tail, std::size_t& at);
  Result<void> take_frame(Emitter& out, const Frame& frame);
  Result<void> emit(Emitter& out, const Frame& frame);
  Result<void> emit_too_long(Emitter& out, std::uint64_t length, std::uint64_t next);
  void keep_of_too_long(std::string_view bytes);
  Result<void> make_room(Emitter& out);
  Result<bool> still_the_same();
  Result<void> update_head();
  void update_trace(std::size_t end);
  std::string trace_before(std::size_t end) const;
  void set_cursor(std::uint64_t offset);
  void drop(std::size_t bytes);

  SourceOptions options_;
  Framer framer_;
  OpenedFile opened_;
  Position position_;  ///< Of the first byte in the buffer.
  std::vector<char> buffer_;
  std::string before_{};  ///< Up to trace_bytes in front of the buffer.
  std::size_t used_ = 0;
  std::size_t searched_ = 0;
  std::int64_t lines_to_skip_ = 0;
  bool skipping_ = false;       ///< Up to the next delimiter nothing is emitted.
  bool too_long_open_ = false;  ///< Because what is skipped is a frame that is too long.
  bool replaced_ = false;
  bool first_of_block_ = false;  ///< No frame has been emitted since the last read.
  std::string too_long_{};       ///< What is kept of a frame that is skipped because of its length.
  std::uint64_t skipped_ = 0;    ///< Bytes of that frame.
  std::string prefix_{};         ///< The position's text up to the offset.
  Envelope envelope_{};
};

}  // namespace eventflux::connectors::file
