#include <algorithm>
#include <cstring>

#include "string.hpp"
#include "utf8.hpp"

namespace eventflux::functions::string {
namespace {

constexpr std::int64_t no_end = std::int64_t{1} << 62U;

// Characters at 1-based positions start … start+count-1; positions before the text count too.
// Source: SQL:2016, <character substring function>.
std::optional<std::string_view> substring(std::string_view text, std::int64_t start,
                                          std::int64_t count) {
  if (count < 0) return std::nullopt;
  start = std::clamp(start, -no_end / 2, no_end / 2);
  const std::int64_t end = start + std::min(count, no_end);
  if (end <= 1) return std::string_view();
  const auto skipped = static_cast<std::size_t>(std::max<std::int64_t>(start, 1) - 1);
  text.remove_prefix(byte_offset(text, skipped));
  const auto kept = static_cast<std::size_t>(end - std::max<std::int64_t>(start, 1));
  return text.substr(0, byte_offset(text, kept));
}

// A negative count leaves out that many characters at the other side.
std::size_t kept_count(std::string_view text, std::int64_t count) {
  const auto all = static_cast<std::int64_t>(character_count(text));
  const std::int64_t kept = count < 0 ? std::max<std::int64_t>(all + count, 0) : count;
  return static_cast<std::size_t>(std::min(kept, all));
}

std::string_view left(std::string_view text, std::int64_t count) {
  return text.substr(0, byte_offset(text, kept_count(text, count)));
}

std::string_view right(std::string_view text, std::int64_t count) {
  return text.substr(byte_offset(text, character_count(text) - kept_count(text, count)));
}

bool holds(std::string_view set, std::string_view character) {
  while (!set.empty()) {
    const std::size_t size = std::max<std::size_t>(1, byte_offset(set, 1));
    if (set.substr(0, size) == character) return true;
    set.remove_prefix(size);
  }
  return false;
}

std::string_view trim_left(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(1, byte_offset(text, 1));
    if (!holds(set, text.substr(0, size))) break;
    text.remove_prefix(size);
  }
  return text;
}

std::string_view trim_right(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    std::size_t begin = text.size() - 1;
    while (begin > 0 && !begins_character(text[begin]))
      --begin;
    if (!holds(set, text.substr(begin))) break;
    text.remove_suffix(text.size() - begin);
  }
  return text;
}

constexpr std::string_view blank = " ";

enum class Side : std::uint8_t { left, right };

// Fills a text up to `count` characters, or cuts it to them.
Result<std::string_view> pad(Arena& arena, std::string_view text, std::int64_t count,
                             std::string_view filling, Side side) {
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(count, 0));
  const std::size_t present = character_count(text);
  if (wanted <= present || filling.empty()) return text.substr(0, byte_offset(text, wanted));
  if (wanted > result_bytes_max) return too_long("lpad and rpad");
  const std::size_t missing = wanted - present;
  const std::size_t filling_count = character_count(filling);
  const std::size_t rest = byte_offset(filling, missing % filling_count);
  const std::size_t filled = missing / filling_count * filling.size() + rest;
  if (filled + text.size() > result_bytes_max) return too_long("lpad and rpad");
  char* const begin = arena.allocate(filled + text.size());
  char* out = side == Side::left ? begin : begin + text.size();
  std::memcpy(side == Side::left ? begin + filled : begin, text.data(), text.size());
  for (std::size_t at = 0; at < filled; at += filling.size())
    std::memcpy(out + at, filling.data(), std::min(filling.size(), filled - at));
  return std::string_view(begin, filled + text.size());
}

Result<std::string_view> repeat(Arena& arena, std::string_view text, std::int64_t count) {
  if (count <= 0 || text.empty()) return std::string_view();
  if (static_cast<std::uint64_t>(count) > result_bytes_max / text.size()) return too_long("repeat");
  const std::size_t size = text.size() * static_cast<std::size_t>(count);
  char* const begin = arena.allocate(size);
  for (std::size_t at = 0; at < size; at += text.size())
    std::memcpy(begin + at, text.data(), text.size());
  return std::string_view(begin, size);
}

void register_trims(Registry& registry) {
  registry.function("trim", "Cuts blanks at both sides.", [](std::string_view text) {
    return trim_right(trim_left(text, blank), blank);
  });
  registry.function("trim", "Cuts the characters of a set at both sides.",
                    [](std::string_view text, std::string_view set) {
                      return trim_right(trim_left(text, set), set);
                    });
  registry.function("ltrim", "Cuts blanks at the start.",
                    [](std::string_view text) { return trim_left(text, blank); });
  registry.function(
      "ltrim", "Cuts the characters of a set at the start.",
      [](std::string_view text, std::string_view set) { return trim_left(text, set); });
  registry.function("rtrim", "Cuts blanks at the end.",
                    [](std::string_view text) { return trim_right(text, blank); });
  registry.function(
      "rtrim", "Cuts the characters of a set at the end.",
      [](std::string_view text, std::string_view set) { return trim_right(text, set); });
}

void register_fillings(Registry& registry) {
  registry.function("lpad", "Fills with blanks at the start, or cuts, to n characters.",
                    [](Arena& arena, std::string_view text, std::int64_t count) {
                      return pad(arena, text, count, blank, Side::left);
                    });
  registry.function(
      "lpad", "Fills at the start, or cuts, to n characters.",
      [](Arena& arena, std::string_view text, std::int64_t count, std::string_view filling) {
        return pad(arena, text, count, filling, Side::left);
      });
  registry.function("rpad", "Fills with blanks at the end, or cuts, to n characters.",
                    [](Arena& arena, std::string_view text, std::int64_t count) {
                      return pad(arena, text, count, blank, Side::right);
                    });
  registry.function(
      "rpad", "Fills at the end, or cuts, to n characters.",
      [](Arena& arena, std::string_view text, std::int64_t count, std::string_view filling) {
        return pad(arena, text, count, filling, Side::right);
      });
  registry.function("repeat", "The text n times.",
                    [](Arena& arena, std::string_view text, std::int64_t count) {
                      return repeat(arena, text, count);
                    });
}

}  // namespace

void register_pieces(Registry& registry) {
  registry.function(
      "substring", "Characters from a 1-based position on.",
      [](std::string_view text, std::int64_t start) { return substring(text, start, no_end); });
  registry.function("substring", "So many characters from a 1-based position on.",
                    [](std::string_view text, std::int64_t start, std::int64_t count) {
                      return substring(text, start, count);
                    });
  registry.alias("substr", "substring");
  registry.function("left", "First n characters; below zero, all but the last n.",
                    [](std::string_view text, std::int64_t count) { return left(text, count); });
  registry.function("right", "Last n characters; below zero, all but the first n.",
                    [](std::string_view text, std::int64_t count) { return right(text, count); });
  register_trims(registry);
  register_fillings(registry);
}

}  // namespace eventflux::functions::string
