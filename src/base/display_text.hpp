#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace eventflux::base {

/// Returns how many columns a terminal takes to show a text: two for CJK and emoji, none for
/// combining characters, one for bytes that are not UTF-8. The locale has no say in it.
std::size_t display_width(std::string_view text);

/// Returns the text with control characters as escapes (`\e`, `\n`, `\x07`, `\u202e`), so that data
/// cannot steer a terminal; bytes that are not UTF-8 become U+FFFD.
std::string escape_controls(std::string_view text);

/// Returns the text if it takes at most `columns`, or else its beginning and `…`.
std::string fit_columns(std::string_view text, std::size_t columns);

/// Returns the text with spaces after it, or before it, up to `columns`.
std::string pad_columns(std::string_view text, std::size_t columns, bool right = false);

}  // namespace eventflux::base
