// Blocks are read behind what is left of the last frame, and frames are emitted where they lie.
// Invariant: buffer_[0] stands at position_.offset of the file, and used_ bytes behind it are read.
#include "tail.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace eventflux::connectors::file {
namespace {

constexpr std::size_t block_size = std::size_t{256} * 1024;
constexpr std::size_t spare_size = 64;  // Readable behind each payload, see Envelope.
constexpr std::size_t head_size_max = 1024;
constexpr unsigned generation_shift = 44;  // Files up to 16 TiB keep the order of cursors.

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

// CRC-32 as in ISO 3309, table by byte.
std::uint32_t crc32(std::string_view bytes) {
  static constexpr auto table = make_crc_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes)
    crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (crc >> 8U);
  return ~crc;
}

}  // namespace

std::string to_text(const Position& position) {
  std::string text;
  for (const std::uint64_t part : {position.device, position.inode, position.generation,
                                   position.head_size, position.head_crc})
    text += std::to_string(part) + ":";
  return text + std::to_string(position.offset);
}

std::optional<Position> parse_position(std::string_view text) {
  std::array<std::uint64_t, 6> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [last, code] = std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    if (code != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(last - text.data()));
    if (i + 1 == parts.size()) break;
    if (!text.starts_with(':')) return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return Position{parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]};
}

Result<std::uint64_t> head_crc(File& file, std::size_t size) {
  std::vector<char> head(std::min(size, head_size_max));
  EF_TRY(const std::size_t read, file.read(0, head));
  return std::uint64_t{crc32({head.data(), read})};
}

FileTail::FileTail(const SourceOptions& options, std::unique_ptr<File> file, std::string partition,
                   Position position)
    : options_(options),
      framer_(options.framing, options.framing_delimiter),
      file_(std::move(file)),
      position_(position),
      buffer_(block_size + spare_size),
      lines_to_skip_(position.offset == 0 ? options.skip_lines : 0) {
  envelope_.cursor = Cursor{std::move(partition), {}, 0};
  position_.head_size = 0;
}

// The head is taken anew until it is whole, so that a young file is known by all it had.
Result<void> FileTail::update_head() {
  const std::uint64_t read = position_.offset + used_;
  if (!prefix_.empty() && (position_.head_size == head_size_max || position_.head_size == read))
    return {};
  position_.head_size = std::min<std::uint64_t>(read, head_size_max);
  EF_TRY(position_.head_crc, head_crc(*file_, position_.head_size));
  prefix_ = to_text(position_);
  prefix_.erase(prefix_.rfind(':') + 1);
  return {};
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
  std::memmove(buffer_.data(), buffer_.data() + bytes, used_ - bytes);
  used_ -= bytes;
  position_.offset += bytes;
}

Result<void> FileTail::emit(Emitter& out, const Frame& frame) {
  set_cursor(position_.offset + frame.next);
  envelope_.payload = {buffer_.data() + frame.begin, frame.end - frame.begin};
  return out.emit(envelope_);
}

Result<void> FileTail::emit_frames(Emitter& out, Tail tail) {
  std::size_t at = 0;
  if (skipping_) {
    const auto end = framer_.skip({buffer_.data(), used_});
    if (!end) {
      drop(used_);
      return {};
    }
    at = *end;
    skipping_ = false;
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
    EF_CHECK(take_frame(out, moved, at));
    at = moved.next;
  }
  drop(at);
  return {};
}

// Emits a frame that begins at `at`, unless it is to be skipped.
Result<void> FileTail::take_frame(Emitter& out, const Frame& frame, std::size_t at) {
  if (lines_to_skip_ > 0) {
    --lines_to_skip_;
    return {};
  }
  if (frame.end - frame.begin > options_.line_bytes_max.bytes)
    return emit_too_long(out, at, frame.next);
  const bool empty_line = options_.framing == Framing::lines && frame.begin == frame.end;
  return empty_line ? Result<void>{} : emit(out, frame);
}

// Hands the first bytes of a frame over together with the reason why there are no more of them.
Result<void> FileTail::emit_too_long(Emitter& out, std::size_t begin, std::size_t next) {
  const Error error{
      Code::too_large,
      "a payload is longer than line.max.bytes, " + size_text(options_.line_bytes_max),
      "raise line.max.bytes"};
  set_cursor(position_.offset + next);
  envelope_.payload = {buffer_.data() + begin, std::min(used_ - begin, spare_size)};
  envelope_.error = &error;
  auto emitted = out.emit(envelope_);
  envelope_.error = nullptr;
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
  // Its end is not known, so the cursor stays in front of it.
  EF_CHECK(emit_too_long(out, 0, 0));
  if (announced) {
    return Error{Code::too_large,
                 "a length of " + std::to_string(*announced) + " bytes is beyond line.max.bytes"};
  }
  drop(used_);
  searched_ = 0;
  skipping_ = true;
  return {};
}

Result<bool> FileTail::drain(Emitter& out, Tail tail) {
  bool any = false;
  while (!out.stopping()) {
    EF_CHECK(make_room(out));
    const std::span<char> room(buffer_.data() + used_, buffer_.size() - spare_size - used_);
    EF_TRY(const std::size_t read, file_->read(position_.offset + used_, room));
    if (read == 0) break;
    any = true;
    used_ += read;
    EF_CHECK(update_head());
    EF_CHECK(emit_frames(out, Tail::open));
  }
  const bool whole = options_.framing == Framing::whole;
  if (used_ > 0 && (tail == Tail::final || whole) && !out.stopping()) {
    EF_CHECK(update_head());
    EF_CHECK(emit_frames(out, Tail::final));
    any = true;
  }
  return any;
}

Result<void> FileTail::check_size() {
  EF_TRY(const FileStat stat, file_->stat());
  if (stat.size >= position_.offset + used_) return {};
  return Error{Code::position_lost,
               "a file of " + std::to_string(stat.size) + " bytes had been read to byte " +
                   std::to_string(position_.offset + used_),
               "on_lost_position says where to go on"};
}

}  // namespace eventflux::connectors::file
