#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "eventflux/batch.hpp"

namespace eventflux::functions::json {

/// Returns the text of an object's member, the last one of that name; nothing when there is none
/// or the text is no object.
std::optional<std::string_view> find_member(std::string_view document, std::string_view name,
                                            Arena& arena);
/// Returns the text of an array's element, from 0, below zero from the end; nothing when there is
/// none or the text is no array.
std::optional<std::string_view> find_element(std::string_view document, std::int64_t index);
/// Returns a string without quotes and escapes, any other value as its text; nothing for null and
/// for a string that cannot be read.
std::optional<std::string_view> as_text(std::string_view value, Arena& arena);

}  // namespace eventflux::functions::json
