// Blocks are read behind what is left of the last frame, and frames are emitted where they lie.
// Invariant: buffer_[0] stands at position_.offset of the file, and used_ bytes behind it are read.
#include "tail.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace eventflux::connectors::file {
namespace {

constexpr std::size_t block_size = std::size_t{256} * 1024;
constexpr std::size_t spare_size = 64;  // Readable behind each payload, see Envelope.
// What is kept of a payload that is too long: as much as a dead letter holds.
constexpr std::size_t too_long_kept = std::size_t{1} << 20U;
// A trace is taken anew after so many bytes; near the beginning of a file after each frame, so that
// short files which begin alike are told apart.
constexpr std::uint64_t trace_step = 4096;

}  // namespace

FileTail::FileTail(const SourceOptions& options, OpenedFile file, std::string partition,
                   Position position)
    : options_(options),
      framer_(options.framing, options.framing_delimiter),
      opened_(std::move(file)),
      position_(position),
      buffer_(block_size + spare_size),
      lines_to_skip_(position.offset == 0 ? options.skip_lines : 0) {
  envelope_.cursor = Cursor{std::move(partition), {}, 0};
  position_.device = opened_.stat.device;
  position_.inode = opened_.stat.inode;
  position_.head_size = 0;
}

Result<void> FileTail::prepare() {
  const std::size_t size = std::min<std::uint64_t>(position_.offset, trace_bytes);
  before_.resize(size);
  EF_TRY(const std::size_t read,
         opened_.file->read(position_.offset - size, {before_.data(), size}));
  before_.resize(read);
  return {};
}

Result<FileStat> FileTail::look() {
  EF_TRY(opened_.stat, opened_.file->stat());
  return opened_.stat;
}

// The head is taken anew until it is whole, so that a young file is known by all it had.
Result<void> FileTail::update_head() {
  EF_TRY(const FileStat stat, look());
  position_.modified_us = static_cast<std::uint64_t>(std::max<std::int64_t>(stat.modified_us, 0));
  first_of_block_ = true;
  if (position_.head_size == head_bytes_max || position_.head_size == read_end()) return {};
  position_.head_size = std::min<std::uint64_t>(read_end(), head_bytes_max);
  EF_TRY(position_.head_crc, head_crc(*opened_.file, position_.head_size));
  return {};
}

/// Returns up to trace_bytes in front of buffer_[end].
std::string FileTail::trace_before(std::size_t end) const {
  if (end >= trace_bytes) return std::string(buffer_.data() + end - trace_bytes, trace_bytes);
  const std::size_t older = std::min(before_.size(), trace_bytes - end);
  return before_.substr(before_.size() - older) + std::string(buffer_.data(), end);
}

void FileTail::update_trace(std::size_t end) {
  const std::uint64_t offset = position_.offset + end;
  const bool due = first_of_block_ || offset < trace_step ||
                   offset >= position_.trace_end + trace_step || offset < position_.trace_end;
  if (!due) return;
  first_of_block_ = false;
  position_.trace_end = offset;
  position_.trace_hash = trace_hash(trace_before(end));
  prefix_ = prefix_text(position_);
}

void FileTail::set_cursor(std::uint64_t offset) {
  std::array<char, 24> digits{};
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), offset).ptr;
  Cursor& cursor = *envelope_.cursor;
  cursor.position = prefix_;
  cursor.position.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  cursor.order = position_.generation << generation_shift | offset;
}

void FileTail::drop(std::size_t bytes) {
  if (bytes == 0) return;
  before_ = trace_before(bytes);
  std::memmove(buffer_.data(), buffer_.data() + bytes, used_ - bytes);
  used_ -= bytes;
  position_.offset += bytes;
}

Result<void> FileTail::emit(Emitter& out, const Frame& frame) {
  update_trace(frame.next);
  set_cursor(position_.offset + frame.next);
  envelope_.payload = {buffer_.data() + frame.begin, frame.end - frame.begin};
  return out.emit(envelope_);
}

void FileTail::keep_of_too_long(std::string_view bytes) {
  if (!too_long_open_) return;
  skipped_ += bytes.size();
  if (too_long_.size() < too_long_kept)
    too_long_ += bytes.substr(0, too_long_kept - too_long_.size());
}

/// Passes over the rest of a frame that is not wanted; returns whether its end is there.
Result<bool> FileTail::skip_to_delimiter(Emitter& out, Tail tail, std::size_t& at) {
  const std::string_view bytes(buffer_.data(), used_);
  const auto end = framer_.skip(bytes);
  if (!end && tail == Tail::open) {
    const std::size_t passed = framer_.searched(bytes);
    keep_of_too_long(bytes.substr(0, passed));
    drop(passed);
    return false;
  }
  at = end.value_or(used_);
  skipping_ = false;
  if (!too_long_open_) return true;
  keep_of_too_long(bytes.substr(0, framer_.content_size(bytes.substr(0, at), end.has_value())));
  update_trace(at);
  EF_CHECK(emit_too_long(out, skipped_, at));
  return true;
}

Result<void> FileTail::emit_frames(Emitter& out, Tail tail) {
  std::size_t at = 0;
  if (skipping_) {
    EF_TRY(const bool ended, skip_to_delimiter(out, tail, at));
    if (!ended) return {};
  }
  while (!out.stopping()) {
    const std::string_view rest(buffer_.data() + at, used_ - at);
    const auto frame = framer_.next(rest, searched_, tail);
    if (!frame) {
      searched_ = framer_.searched(rest);
      break;
    }
    searched_ = 0;
    const Frame moved{frame->begin + at, frame->end + at, frame->next + at};
    EF_CHECK(take_frame(out, moved));
    at = moved.next;
  }
  drop(at);
  return {};
}

// Emits a frame, unless it is to be skipped.
Result<void> FileTail::take_frame(Emitter& out, const Frame& frame) {
  if (lines_to_skip_ > 0) {
    --lines_to_skip_;
    return {};
  }
  const std::size_t length = frame.end - frame.begin;
  if (length > options_.line_bytes_max.bytes) {
    update_trace(frame.next);
    too_long_.assign(buffer_.data() + frame.begin, std::min(length, too_long_kept));
    return emit_too_long(out, length, frame.next);
  }
  const bool empty_line = options_.framing == Framing::lines && frame.begin == frame.end;
  return empty_line ? Result<void>{} : emit(out, frame);
}

/// Hands over what was kept of a frame together with the reason why there is no more of it; `next`
/// is where the one behind it begins in the buffer.
Result<void> FileTail::emit_too_long(Emitter& out, std::uint64_t length, std::uint64_t next) {
  const Error error{Code::too_large,
                    "a payload of " + std::to_string(length) +
                        " bytes is longer than line.max.bytes, " +
                        size_text(options_.line_bytes_max),
                    "raise line.max.bytes"};
  set_cursor(position_.offset + next);
  const std::size_t kept = std::min<std::uint64_t>(too_long_.size(), length);
  too_long_.resize(kept + spare_size);
  envelope_.payload = {too_long_.data(), kept};
  envelope_.error = &error;
  envelope_.full_length = length;
  auto emitted = out.emit(envelope_);
  envelope_.error = nullptr;
  envelope_.full_length = 0;
  too_long_.clear();
  skipped_ = 0;
  too_long_open_ = false;
  return emitted;
}

// A frame that fills the buffer gets a larger one, up to the limit; behind it, it is skipped.
Result<void> FileTail::make_room(Emitter& out) {
  const std::size_t capacity = buffer_.size() - spare_size;
  if (used_ < capacity) return {};
  const auto announced = framer_.announced({buffer_.data(), used_});
  if (used_ <= options_.line_bytes_max.bytes &&
      announced.value_or(0) <= options_.line_bytes_max.bytes) {
    buffer_.resize(capacity * 2 + spare_size);
    return {};
  }
  if (announced) {
    // Lengths cannot be found again behind one that is wrong, so the cursor stays in front of it.
    too_long_.assign(buffer_.data(), std::min(used_, too_long_kept));
    update_trace(0);
    EF_CHECK(emit_too_long(out, *announced, 0));
    return Error{Code::too_large,
                 "a length of " + std::to_string(*announced) + " bytes is beyond line.max.bytes"};
  }
  const std::size_t passed = framer_.searched({buffer_.data(), used_});
  too_long_open_ = true;
  keep_of_too_long({buffer_.data(), passed});
  drop(passed);
  searched_ = 0;
  skipping_ = true;
  return {};
}

/// Compares what stands in front of the read bytes with what stood there.
Result<bool> FileTail::still_the_same() {
  const std::string known = trace_before(used_);
  std::array<char, trace_bytes> found{};
  EF_TRY(const std::size_t read,
         opened_.file->read(read_end() - known.size(), {found.data(), known.size()}));
  return std::string_view(found.data(), read) == known;
}

Result<bool> FileTail::drain(Emitter& out, Tail tail) {
  bool any = false;
  while (!out.stopping() && !replaced_) {
    EF_CHECK(make_room(out));
    const std::span<char> room(buffer_.data() + used_, buffer_.size() - spare_size - used_);
    EF_TRY(const std::size_t read, opened_.file->read(read_end(), room));
    if (read == 0) break;
    // After the read: what was truncated and written before it is seen now.
    EF_TRY(const bool same, still_the_same());
    replaced_ = !same;
    if (replaced_) return any;
    any = true;
    used_ += read;
    EF_CHECK(update_head());
    EF_CHECK(emit_frames(out, Tail::open));
  }
  const bool whole = options_.framing == Framing::whole;
  const bool rest = used_ > 0 || too_long_open_;
  if (rest && (tail == Tail::final || whole) && !out.stopping()) {
    EF_CHECK(update_head());
    EF_CHECK(emit_frames(out, Tail::final));
    any = true;
  }
  return any;
}

Result<bool> FileTail::replaced() {
  if (replaced_ || opened_.compressed) return replaced_;
  EF_TRY(const FileStat stat, look());
  EF_TRY(const bool same, still_the_same());
  replaced_ = stat.size < read_end() || !same;
  return replaced_;
}

}  // namespace eventflux::connectors::file
