#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace eventflux::base {

/// A JSON document as a tree, for scripts and configuration; rows never pass through it.
struct Json {
  enum class Kind : std::uint8_t { null, boolean, integer, real, text, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<Json> items;         ///< Of an array, or the values of an object's members.
  std::vector<std::string> names;  ///< Of an object's members, in the order of the text.

  /// Returns a member of an object; null pointer when there is none.
  const Json* find(std::string_view name) const;
  /// Returns compact text.
  std::string dump() const;
};

/// Reads a document. Returns nothing, and why, when the text is none.
std::optional<Json> parse_json(std::string_view text, std::string* why);

}  // namespace eventflux::base
