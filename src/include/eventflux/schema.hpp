#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/value.hpp"

namespace eventflux {

/// A column of a stream.
struct Field {
  std::string name;
  Type type = Type::string;
  bool not_null = false;
  Value default_value{};  ///< The DEFAULT; NULL when there is none.

  bool operator==(const Field&) const = default;
};

/// The columns of a stream, in order. Names are distinct and compare with case.
struct Schema {
  std::vector<Field> fields;

  std::size_t size() const { return fields.size(); }

  /// Returns the index of a column; nothing when there is none of that name.
  std::optional<std::size_t> find(std::string_view name) const;
  bool operator==(const Schema&) const = default;
};

/// Returns "symbol STRING, price DOUBLE".
std::string to_text(const Schema& schema);

}  // namespace eventflux
