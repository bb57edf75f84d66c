#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eventflux::base {

/// Returns ASCII lower case without underscores: how functions, aggregates and windows match.
std::string fold(std::string_view text);
/// Returns ASCII lower case.
std::string lower(std::string_view text);
/// Returns the text without blanks, tabs and line ends at both sides.
std::string_view trim(std::string_view text);
/// Returns the parts between separators; one empty part for empty text.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Returns "a, b, c".
std::string join(std::span<const std::string> parts, std::string_view separator);
/// Returns whether two texts are equal but for ASCII case.
bool equal_fold(std::string_view a, std::string_view b);

/// Returns how many insertions, deletions, changes and swaps of neighbours lead from a to b.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// Returns the candidate within two edits (one for words of up to three letters) that is nearest
/// without regard to case; the first of equals.
std::optional<std::string> closest_match(std::string_view word,
                                         std::span<const std::string> candidates);

/// Returns text with control characters, quotes and backslashes as in a JSON string, without
/// quotes.
std::string escape_json(std::string_view text);
/// Returns a JSON string with its quotes.
std::string quote_json(std::string_view text);
/// Reads a JSON string with its quotes; nothing when it is none.
std::optional<std::string> unquote_json(std::string_view text);
/// Returns whether the bytes are UTF-8.
bool is_utf8(std::string_view text);

}  // namespace eventflux::base
