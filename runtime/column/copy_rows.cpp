#include "runtime/column/copy_rows.hpp"

namespace eventflux::runtime {

void copy_rows(const Column& from, Selection rows, ColumnWriter& out) {
  switch (from.type) {
    case Type::boolean:
      return copy_values<std::uint8_t>(from, rows, out);
    case Type::int32:
    case Type::float32:
      return copy_values<std::uint32_t>(from, rows, out);
    case Type::int64:
    case Type::float64:
    case Type::timestamp:
    case Type::duration:
      return copy_values<std::uint64_t>(from, rows, out);
    case Type::decimal:
      return copy_values<Int128>(from, rows, out);
    case Type::string:
    case Type::bytes:
    case Type::json:
      return copy_values<Text>(from, rows, out);
  }
}

Column rows_from(Column column, std::uint32_t first) {
  column.values = static_cast<const std::byte*>(column.values) + first * type_width(column.type);
  if (column.valid != nullptr) column.valid += first / 64;
  return column;
}

}  // namespace eventflux::runtime
