#include <charconv>
#include <simdjson.h>

#include "eventflux/extension.hpp"

#include "digest.hpp"

namespace eventflux::functions::conversion {
namespace {

constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string_view write_hex(std::span<const std::uint8_t> bytes, std::string_view letters,
                           Arena& arena) {
  char* text = arena.allocate(bytes.size() * 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = letters[bytes[i] >> 4U];
    text[2 * i + 1] = letters[bytes[i] & 15U];
  }
  return {text, bytes.size() * 2};
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view hex_number(Arena& arena, std::int64_t value) {
  constexpr std::size_t digits_max = 16;
  char* text = arena.allocate(digits_max);
  char* end = std::to_chars(text, text + digits_max, static_cast<std::uint64_t>(value), 16).ptr;
  for (char* letter = text; letter != end; ++letter)
    if (*letter >= 'a') *letter = static_cast<char>(*letter - 'a' + 'A');
  return {text, static_cast<std::size_t>(end - text)};
}

// RFC 4648, section 4, with padding.
std::string_view to_base64(Arena& arena, std::string_view text) {
  const std::size_t size = (text.size() + 2) / 3 * 4;
  char* out = arena.allocate(size);
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? std::uint32_t{static_cast<unsigned char>(text[i])} : 0U;
  };
  for (std::size_t i = 0, o = 0; i < text.size(); i += 3, o += 4) {
    const std::uint32_t bits = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
    for (std::size_t n = 0; n < 4; ++n)
      out[o + n] = base64_letters[(bits >> (18 - 6 * n)) & 63U];
    if (i + 1 >= text.size()) out[o + 2] = '=';
    if (i + 2 >= text.size()) out[o + 3] = '=';
  }
  return {out, size};
}

// Nothing for what is no text in base64, with or without its padding.
std::optional<std::string_view> from_base64(Arena& arena, std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i)
      text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  char* out = arena.allocate(text.size());
  std::size_t size = 0;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = base64_letters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out[size++] = static_cast<char>(bits >> count & 0xFFU);
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  if (!simdjson::validate_utf8(out, size)) return std::nullopt;
  return std::string_view(out, size);
}

}  // namespace

void register_extension(Registry& registry) {
  constexpr std::string_view upper = "0123456789ABCDEF";
  constexpr std::string_view lower = "0123456789abcdef";
  registry.function(
      "md5", "MD5 of a text in lower-case hexadecimal digits.",
      [=](Arena& arena, std::string_view text) { return write_hex(md5(text), lower, arena); });
  registry.function(
      "sha256", "SHA-256 of a text in lower-case hexadecimal digits.",
      [=](Arena& arena, std::string_view text) { return write_hex(sha256(text), lower, arena); });
  registry.function(
      "hex", "Octets of a text in upper-case hexadecimal digits.",
      [=](Arena& arena, std::string_view text) { return write_hex(bytes_of(text), upper, arena); });
  registry.function("hex", "A number in upper-case hexadecimal digits, as two's complement.",
                    [](Arena& arena, std::int64_t value) { return hex_number(arena, value); });
  registry.function("to_base64", "Octets of a text in base64.",
                    [](Arena& arena, std::string_view text) { return to_base64(arena, text); });
  registry.function("from_base64", "Text of base64; NULL for what is none, or no UTF-8.",
                    [](Arena& arena, std::string_view text) { return from_base64(arena, text); });
}

}  // namespace eventflux::functions::conversion
