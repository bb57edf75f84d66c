#include "runtime/state/row_codec.hpp"

#include <array>
#include <cstddef>

namespace eventflux::runtime {

void save_cell(const Column& column, std::uint32_t row, SnapshotWriter& writer) {
  const bool null = column.is_null(row);
  writer.put(static_cast<std::uint8_t>(null ? 0 : 1));
  if (null) return;
  if (is_stored_as_text(column.type)) {
    writer.put_text(column.at<Text>(row).view());
  } else {
    const std::size_t width = type_width(column.type);
    writer.put_bytes({static_cast<const char*>(column.values) + row * width, width});
  }
}

Result<void> load_cell(ColumnBuilder& column, SnapshotReader& reader) {
  EF_TRY(const auto present, reader.get<std::uint8_t>());
  if (present == 0) {
    column.append_null();
  } else if (is_stored_as_text(column.type())) {
    EF_TRY(const auto text, reader.get_text());
    column.append(text);
  } else {
    EF_TRY(const auto raw, reader.get_bytes(type_width(column.type())));
    // Stored bytes stand anywhere; values do not.
    alignas(std::max_align_t) std::array<char, sizeof(Int128)> value;
    raw.copy(value.data(), value.size());
    column.append_from({column.type(), Shape::constant, value.data(), nullptr}, 0);
  }
  return {};
}

void save_rows(const BatchBuilder& rows, std::uint32_t first, std::uint32_t last,
               SnapshotWriter& writer) {
  writer.put(last - first);
  std::vector<Column> columns;
  const Batch view = rows.view(0, rows.rows(), columns);
  for (std::uint32_t row = first; row < last; ++row) {
    writer.put(view.time[row]);
    for (const Column& column : columns)
      save_cell(column, row, writer);
  }
}

Result<void> load_rows(BatchBuilder& rows, SnapshotReader& reader) {
  EF_TRY(const auto count, reader.get<std::uint32_t>());
  for (std::uint32_t row = 0; row < count; ++row) {
    EF_TRY(const auto time, reader.get<std::int64_t>());
    for (std::size_t c = 0; c < rows.width(); ++c)
      EF_CHECK(load_cell(rows.column(c), reader));
    rows.end_row(Timestamp{time});
  }
  return {};
}

}  // namespace eventflux::runtime
