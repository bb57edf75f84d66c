#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"

/// Small operations on text that extensions share.
namespace eventflux {

/// Returns the text without spaces, tabs and line ends at both sides.
std::string_view trim_text(std::string_view text);
/// Returns whether the bytes are UTF-8.
bool is_utf8(std::string_view text);
/// Appends a code point. Returns false for a surrogate or a number above U+10FFFF.
bool append_utf8(std::uint32_t code_point, std::string& out);
/// Returns Latin-1 octets as UTF-8.
std::string from_latin1(std::string_view octets);
/// Returns two lower-case digits per octet.
std::string to_hex(std::string_view octets);
/// Returns octets of hexadecimal digits in either case; nothing for any other text.
std::optional<std::string> from_hex(std::string_view digits);
/// Returns base64 with padding. Source: RFC 4648 section 4.
std::string to_base64(std::string_view octets);
/// Returns octets of base64 with or without its padding; nothing for any other text.
std::optional<std::string> from_base64(std::string_view text);
/// Returns octets as CAST shows them: `\x00ff`.
std::string octets_text(std::string_view octets);
/// Returns the octets of hexadecimal digits behind `\x`, of any other text its own.
/// Fails: EF0604 when `\x` does not lead pairs of hexadecimal digits.
Result<std::string> parse_octets(std::string_view text);
/// Returns text as it stands in a JSON string, without the quotes.
std::string escape_text(std::string_view text);
/// Returns the elements of a JSON array as they appear in it; nothing when the text is not an array
/// whose brackets and quotes match. The elements themselves are not checked.
std::optional<std::vector<std::string_view>> json_elements(std::string_view json);
/// Returns the candidate that is at most two typing mistakes away, without regard to case.
std::optional<std::string> nearest_name(std::string_view word,
                                        std::span<const std::string> candidates);

}  // namespace eventflux
