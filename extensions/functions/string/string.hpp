#pragma once

#include "eventflux/extension.hpp"

namespace eventflux::functions::string {

/// A text that a function makes holds at most this many bytes; beyond it is a row error EF0603.
inline constexpr std::size_t result_bytes_max = 1U << 20U;

Error too_long(std::string_view function);

/// length, upper, reverse …: one text at a time.
void register_characters(Registry& registry);
/// substring, trim, pad, repeat …: parts and extensions of a text.
void register_pieces(Registry& registry);
/// position, replace, split_part …: one text in another.
void register_search(Registry& registry);
/// concat, concat_ws, format: values of any type in one text.
void register_joined(Registry& registry);
/// regexp_matches, regexp_extract, regexp_replace.
void register_regex(Registry& registry);

}  // namespace eventflux::functions::string
