#include <charconv>
#include <cstring>

#include "eventflux/extension.hpp"
#include "eventflux/text.hpp"

#include "digest.hpp"

namespace eventflux::functions::conversion {
namespace {

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

std::string_view copied(Arena& arena, std::string_view text) {
  char* place = arena.allocate(text.size());
  std::memcpy(place, text.data(), text.size());
  return {place, text.size()};
}

std::optional<Octets> octets_of(Arena& arena, const std::optional<std::string>& octets) {
  if (!octets) return std::nullopt;
  return Octets{copied(arena, *octets)};
}

std::optional<std::string_view> text_of_base64(Arena& arena, std::string_view text) {
  const auto octets = from_base64(text);
  if (!octets || !is_utf8(*octets)) return std::nullopt;
  return copied(arena, *octets);
}

void register_digests(Registry& registry) {
  constexpr std::string_view lower = "0123456789abcdef";
  registry.function(
      "md5", "MD5 of a text in lower-case hexadecimal digits.",
      [=](Arena& arena, std::string_view text) { return write_hex(md5(text), lower, arena); });
  registry.function(
      "md5", "MD5 of octets in lower-case hexadecimal digits.",
      [=](Arena& arena, Octets octets) { return write_hex(md5(octets.view), lower, arena); });
  registry.function(
      "sha256", "SHA-256 of a text in lower-case hexadecimal digits.",
      [=](Arena& arena, std::string_view text) { return write_hex(sha256(text), lower, arena); });
  registry.function(
      "sha256", "SHA-256 of octets in lower-case hexadecimal digits.",
      [=](Arena& arena, Octets octets) { return write_hex(sha256(octets.view), lower, arena); });
}

void register_hex(Registry& registry) {
  constexpr std::string_view upper = "0123456789ABCDEF";
  registry.function(
      "hex", "Octets of a text in upper-case hexadecimal digits.",
      [=](Arena& arena, std::string_view text) { return write_hex(bytes_of(text), upper, arena); });
  registry.function(
      "hex", "Octets in upper-case hexadecimal digits.",
      [=](Arena& arena, Octets octets) { return write_hex(bytes_of(octets.view), upper, arena); });
  registry.function("hex", "A number in upper-case hexadecimal digits, as two's complement.",
                    [](Arena& arena, std::int64_t value) { return hex_number(arena, value); });
  registry.function(
      "unhex", "Octets of hexadecimal digits; NULL for any other text.",
      [](Arena& arena, std::string_view text) { return octets_of(arena, from_hex(text)); });
}

void register_base64(Registry& registry) {
  registry.function("to_base64", "Octets of a text in base64.",
                    [](std::string_view text) { return to_base64(text); });
  registry.function("to_base64", "Octets in base64.",
                    [](Octets octets) { return to_base64(octets.view); });
  registry.function(
      "from_base64", "Text of base64; NULL for what is none, or no UTF-8.",
      [](Arena& arena, std::string_view text) { return text_of_base64(arena, text); });
  registry.function(
      "unbase64", "Octets of base64; NULL for any other text.",
      [](Arena& arena, std::string_view text) { return octets_of(arena, from_base64(text)); });
}

}  // namespace

void register_extension(Registry& registry) {
  register_digests(registry);
  register_hex(registry);
  register_base64(registry);
}

}  // namespace eventflux::functions::conversion
