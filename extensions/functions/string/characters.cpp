#include <array>
#include <cstring>
#include <optional>

#include "string.hpp"
#include "utf8.hpp"

namespace eventflux::functions::string {
namespace {

/// Letters from `first` to `last` whose other case is `distance` away; with distance 1, upper and
/// lower case take turns and `first` is an upper one.
/// Source: Unicode 15, UnicodeData.txt, simple case mappings of Latin, Greek and Cyrillic.
struct CaseRange {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t distance;
};

constexpr std::array upper_ranges{
    CaseRange{'A', 'Z', 32},       CaseRange{0x00C0, 0x00D6, 32}, CaseRange{0x00D8, 0x00DE, 32},
    CaseRange{0x0100, 0x012F, 1},  CaseRange{0x0132, 0x0137, 1},  CaseRange{0x0139, 0x0148, 1},
    CaseRange{0x014A, 0x0177, 1},  CaseRange{0x0179, 0x017E, 1},  CaseRange{0x0386, 0x0386, 38},
    CaseRange{0x0388, 0x038A, 37}, CaseRange{0x038C, 0x038C, 64}, CaseRange{0x038E, 0x038F, 63},
    CaseRange{0x0391, 0x03A1, 32}, CaseRange{0x03A3, 0x03AB, 32}, CaseRange{0x0400, 0x040F, 80},
    CaseRange{0x0410, 0x042F, 32}, CaseRange{0x0460, 0x0481, 1},  CaseRange{0x048A, 0x04BF, 1},
    CaseRange{0x04D0, 0x052F, 1},  CaseRange{0x1E00, 0x1E95, 1},  CaseRange{0x1EA0, 0x1EFF, 1}};

constexpr std::uint32_t final_sigma = 0x03C2;
constexpr std::uint32_t sigma = 0x03C3;

std::uint32_t to_lower(std::uint32_t code) {
  for (const CaseRange& range : upper_ranges) {
    if (code < range.first || code > range.last) continue;
    const bool is_upper = range.distance > 1 || (code - range.first) % 2 == 0;
    return is_upper ? code + range.distance : code;
  }
  return code;
}

std::uint32_t to_upper(std::uint32_t code) {
  if (code == final_sigma) code = sigma;
  for (const CaseRange& range : upper_ranges) {
    if (range.distance == 1) {
      if (code >= range.first && code <= range.last)
        return (code - range.first) % 2 == 1 ? code - 1 : code;
    } else if (code >= range.first + range.distance && code <= range.last + range.distance) {
      return code - range.distance;
    }
  }
  return code;
}

// Turns the 26 ASCII letters from `first` on into their other case, in eight characters at once.
std::uint64_t other_case(std::uint64_t characters, char first) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const auto distance = static_cast<std::uint64_t>(0x80 - first);
  const std::uint64_t reached = characters + ones * distance;
  const std::uint64_t passed = characters + ones * (distance - 26);
  return characters ^ ((reached & ~passed & (ones << 7U)) >> 2U);
}

// Returns the other case of a text, or nothing when not all of it is ASCII.
std::optional<std::string_view> map_ascii(Arena& arena, std::string_view text, char first) {
  constexpr std::size_t step = 8;
  char* const begin = arena.allocate(text.size() + step);
  std::uint64_t seen = 0;
  for (std::size_t at = 0; at < text.size(); at += step) {
    std::uint64_t word = 0;
    if (text.size() - at >= step) {
      std::memcpy(&word, text.data() + at, step);
    } else {
      for (std::size_t i = text.size(); i-- > at;)
        word = word << 8U | static_cast<unsigned char>(text[i]);
    }
    seen |= word;
    word = other_case(word, first);
    std::memcpy(begin + at, &word, step);
  }
  if ((seen & 0x8080808080808080) != 0) return std::nullopt;
  return std::string_view(begin, text.size());
}

template <class Map>
std::string_view map_characters(Arena& arena, std::string_view text, char first, Map map) {
  if (const auto ascii = map_ascii(arena, text, first)) return *ascii;
  // A letter and its other case take the same number of bytes in all of these ranges.
  char* const begin = arena.allocate(text.size() + 4);
  char* out = begin;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::uint32_t code = map(character.code);
    if (code == character.code) {
      for (std::size_t i = 0; i < character.size; ++i)
        *out++ = text[i];
    } else {
      out = write_character(code, out);
    }
    text.remove_prefix(character.size);
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

std::string_view reverse(Arena& arena, std::string_view text) {
  const std::size_t all = text.size();
  char* const begin = arena.allocate(all);
  char* out = begin + all;
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(1, byte_offset(text, 1));
    out -= size;
    for (std::size_t i = 0; i < size; ++i)
      out[i] = text[i];
    text.remove_prefix(size);
  }
  return {begin, all};
}

std::optional<std::string_view> character_of(Arena& arena, std::int64_t code) {
  const bool half = code >= 0xD800 && code <= 0xDFFF;
  if (code < 0 || code > 0x10FFFF || half) return std::nullopt;
  char* const begin = arena.allocate(4);
  const char* end = write_character(static_cast<std::uint32_t>(code), begin);
  return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

}  // namespace

void register_characters(Registry& registry) {
  registry.function("length", "Number of characters.", [](std::string_view text) {
    return static_cast<std::int32_t>(character_count(text));
  });
  registry.function("length", "Number of octets.",
                    [](Octets octets) { return static_cast<std::int32_t>(octets.view.size()); });
  registry.alias("char_length", "length");
  registry.function("octet_length", "Number of bytes in UTF-8.",
                    [](std::string_view text) { return static_cast<std::int32_t>(text.size()); });
  registry.function("octet_length", "Number of octets.",
                    [](Octets octets) { return static_cast<std::int32_t>(octets.view.size()); });
  registry.function("upper", "Upper case of Latin, Greek and Cyrillic letters.",
                    [](Arena& arena, std::string_view text) {
                      return map_characters(arena, text, 'a', to_upper);
                    });
  registry.function("lower", "Lower case of Latin, Greek and Cyrillic letters.",
                    [](Arena& arena, std::string_view text) {
                      return map_characters(arena, text, 'A', to_lower);
                    });
  registry.function("reverse", "Characters from last to first.",
                    [](Arena& arena, std::string_view text) { return reverse(arena, text); });
  registry.function(
      "ascii", "Code of the first character; 0 for an empty text.", [](std::string_view text) {
        return text.empty() ? 0 : static_cast<std::int32_t>(first_character(text).code);
      });
  registry.function("chr", "Character of a code; NULL when there is none.",
                    [](Arena& arena, std::int64_t code) { return character_of(arena, code); });
  registry.alias("char", "chr");
}

}  // namespace eventflux::functions::string
