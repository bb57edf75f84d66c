#include <cstring>

#include "string.hpp"
#include "utf8.hpp"

namespace eventflux::functions::string {
namespace {

std::int32_t position(std::string_view needle, std::string_view hay) {
  const std::size_t at = hay.find(needle);
  if (at == std::string_view::npos) return 0;
  return static_cast<std::int32_t>(character_count(hay.substr(0, at))) + 1;
}

Result<std::string_view> replace(Arena& arena, std::string_view text, std::string_view from,
                                 std::string_view to) {
  if (from.empty()) return text;
  std::size_t count = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos;
       at = text.find(from, at + from.size()))
    ++count;
  if (count == 0) return text;
  const std::size_t size = text.size() - count * from.size() + count * to.size();
  if (size > result_bytes_max && size > text.size()) return too_long("replace");
  char* const begin = arena.allocate(size);
  char* out = begin;
  const auto copy = [&](std::string_view part) {
    std::memcpy(out, part.data(), part.size());
    out += part.size();
  };
  for (; count > 0; --count) {
    const std::size_t at = text.find(from);
    copy(text.substr(0, at));
    copy(to);
    text.remove_prefix(at + from.size());
  }
  copy(text);
  return std::string_view(begin, size);
}

std::int64_t part_count(std::string_view text, std::string_view delimiter) {
  std::int64_t count = 1;
  for (std::size_t at = text.find(delimiter); at != std::string_view::npos;
       at = text.find(delimiter, at + delimiter.size()))
    ++count;
  return count;
}

// The n-th part, from 1; below zero, counted from the end; beyond, nothing.
std::string_view split_part(std::string_view text, std::string_view delimiter, std::int64_t n) {
  if (delimiter.empty()) return n == 1 || n == -1 ? text : std::string_view();
  if (n < 0) n += part_count(text, delimiter) + 1;
  if (n < 1) return {};
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
