#include "runtime/operators/kept_rows.hpp"

namespace eventflux::runtime {

void snapshot_rows(const BatchBuilder& rows, SnapshotWriter& writer) {
  writer.put(rows.rows());
  std::vector<Column> columns;
  const Batch view = rows.view(0, rows.rows(), columns);
  for (std::uint32_t row = 0; row < rows.rows(); ++row) {
    writer.put(view.time[row]);
    for (const Column& column : columns) {
      writer.put(static_cast<std::uint8_t>(column.is_null(row) ? 0 : 1));
      if (column.is_null(row)) continue;
      if (is_text(column.type))
        writer.put_text(column.at<Text>(row).view());
      else
        writer.put_bytes({static_cast<const char*>(column.values) + row * type_width(column.type),
                          type_width(column.type)});
    }
  }
}

Result<void> restore_rows(BatchBuilder& rows, SnapshotReader& reader) {
  EF_TRY(const auto count, reader.get<std::uint32_t>());
  for (std::uint32_t row = 0; row < count; ++row) {
    EF_TRY(const auto time, reader.get<std::int64_t>());
    for (std::size_t c = 0; c < rows.width(); ++c) {
      ColumnBuilder& column = rows.column(c);
      EF_TRY(const auto present, reader.get<std::uint8_t>());
      if (present == 0) {
        column.append_null();
      } else if (is_text(column.type())) {
        EF_TRY(const auto text, reader.get_text());
        column.append(text);
      } else {
        EF_TRY(const auto raw, reader.get_bytes(type_width(column.type())));
        column.append_from({column.type(), Shape::constant, raw.data(), nullptr}, 0);
      }
    }
    rows.end_row(Timestamp{time});
  }
  return {};
}

}  // namespace eventflux::runtime
