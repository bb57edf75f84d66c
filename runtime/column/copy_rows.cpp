#include "runtime/column/copy_rows.hpp"

namespace eventflux::runtime {

void copy_rows(const Column& from, Selection rows, ColumnWriter& out) {
  switch (type_width(from.type)) {
    case 1:
      return copy_values<std::uint8_t>(from, rows, out);
    case 4:
      return copy_values<std::uint32_t>(from, rows, out);
    case 8:
      return copy_values<std::uint64_t>(from, rows, out);
    default:
      return copy_values<Text>(from, rows, out);
  }
}

Column rows_from(Column column, std::uint32_t first) {
  column.values = static_cast<const std::byte*>(column.values) + first * type_width(column.type);
  if (column.valid != nullptr) column.valid += first / 64;
  return column;
}

}  // namespace eventflux::runtime
