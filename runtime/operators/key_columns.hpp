#pragma once

#include <vector>

#include "runtime/state/keyed_state.hpp"

namespace eventflux::runtime {

/// Reads keys of a table into columns.
class KeyColumns {
 public:
  explicit KeyColumns(const std::vector<Type>& types) {
    places_.reserve(types.size());
    for (const Type type : types)
      places_.emplace_back(type);
  }

  /// Appends the key columns of entries first … first + count - 1. Owns: valid until the next call.
  void append(const KeyedState& table, std::uint32_t first, std::uint32_t count,
              std::vector<Column>& columns) {
    for (std::size_t k = 0; k < places_.size(); ++k)
      columns.push_back(table.keys(k, first, count, places_[k]));
  }

 private:
  std::vector<ColumnVector> places_;
};

}  // namespace eventflux::runtime
