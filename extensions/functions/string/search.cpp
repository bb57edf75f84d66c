#include <bit>
#include <cstring>
#include <optional>

#include "string.hpp"
#include "utf8.hpp"

namespace eventflux::functions::string {
namespace {

std::int32_t position(std::string_view needle, std::string_view hay) {
  const std::size_t at = hay.find(needle);
  if (at == std::string_view::npos) return 0;
  return static_cast<std::int32_t>(character_count(hay.substr(0, at))) + 1;
}

// Returns the bytes that replacing leaves, or nothing beyond what a function makes.
std::optional<std::size_t> replaced_size(std::string_view text, std::string_view from,
                                         std::string_view to) {
  if (to.size() <= from.size()) return text.size();
  std::size_t count = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos;
       at = text.find(from, at + from.size()))
    ++count;
  const std::size_t size = text.size() + count * (to.size() - from.size());
  if (size > result_bytes_max && size > text.size()) return std::nullopt;
  return size;
}

Result<std::string_view> replace(Arena& arena, std::string_view text, std::string_view from,
                                 std::string_view to) {
  if (from.empty()) return text;
  std::size_t at = text.find(from);
  if (at == std::string_view::npos) return text;
  const auto size_max = replaced_size(text, from, to);
  if (!size_max) return too_long("replace");
  char* const begin = arena.allocate(*size_max);
  char* out = begin;
  const auto copy = [&](std::string_view part) {
    if (!part.empty()) std::memcpy(out, part.data(), part.size());
    out += part.size();
  };
  for (; at != std::string_view::npos; at = text.find(from)) {
    copy(text.substr(0, at));
    copy(to);
    text.remove_prefix(at + from.size());
  }
  copy(text);
  return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

// Returns the position of the n-th occurrence of a byte, from 1; npos when there are fewer.
// Eight bytes are compared at once: parts are short, and a call per part costs more than they do.
std::size_t find_byte(std::string_view text, char byte, std::int64_t n) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t lows = ones * 0x7F;
  const std::uint64_t wanted = ones * static_cast<unsigned char>(byte);
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    word ^= wanted;
    std::uint64_t found = ~(((word & lows) + lows) | word | lows);  // the upper bit of each hit
    const std::int64_t count = std::popcount(found);
    if (count < n) {
      n -= count;
      continue;
    }
    for (; n > 1; --n)
      found &= found - 1;
    return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  for (; at < text.size(); ++at)
    if (text[at] == byte && --n == 0) return at;
  return std::string_view::npos;
}

std::int64_t part_count(std::string_view text, std::string_view delimiter) {
  std::int64_t count = 1;
  for (std::size_t at = text.find(delimiter); at != std::string_view::npos;
       at = text.find(delimiter, at + delimiter.size()))
    ++count;
  return count;
}

// The n-th part, from 1, between delimiters of one byte; beyond, nothing.
std::string_view split_part_by_byte(std::string_view text, char delimiter, std::int64_t n) {
  const std::size_t before = n == 1 ? 0 : find_byte(text, delimiter, n - 1);
  if (before == std::string_view::npos) return {};
  text.remove_prefix(n == 1 ? 0 : before + 1);
  return text.substr(0, find_byte(text, delimiter, 1));
}

// The n-th part, from 1; below zero, counted from the end; beyond, nothing.
std::string_view split_part(std::string_view text, std::string_view delimiter, std::int64_t n) {
  if (delimiter.empty()) return n == 1 || n == -1 ? text : std::string_view();
  if (n < 0) n += part_count(text, delimiter) + 1;
  if (n < 1) return {};
  if (delimiter.size() == 1) return split_part_by_byte(text, delimiter[0], n);
  for (; n > 1; --n) {
    const std::size_t at = text.find(delimiter);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + delimiter.size());
  }
  return text.substr(0, text.find(delimiter));
}

}  // namespace

void register_search(Registry& registry) {
  registry.function(
      "position", "1-based position of the first text in the second; 0 for none.",
      [](std::string_view needle, std::string_view hay) { return position(needle, hay); });
  registry.alias("locate", "position");
  registry.alias("instr", "position");
  registry.function(
      "starts_with", "Whether a text begins with another.",
      [](std::string_view text, std::string_view start) { return text.starts_with(start); });
  registry.function(
      "ends_with", "Whether a text ends with another.",
      [](std::string_view text, std::string_view end) { return text.ends_with(end); });
  registry.function("contains", "Whether a text holds another.",
                    [](std::string_view text, std::string_view part) {
                      return text.find(part) != std::string_view::npos;
                    });
  registry.function("replace", "Every occurrence of one text replaced by another.",
                    [](Arena& arena, std::string_view text, std::string_view from,
                       std::string_view to) { return replace(arena, text, from, to); });
  registry.function("split_part", "n-th part between delimiters, from 1; below zero, from the end.",
                    [](std::string_view text, std::string_view delimiter, std::int64_t n) {
                      return split_part(text, delimiter, n);
                    });
}

}  // namespace eventflux::functions::string
