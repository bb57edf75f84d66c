#include "engine/parts.hpp"

namespace eventflux {
namespace {

/// Fails: EF0807 when a NULL stands where none may.
Result<void> check_nulls(BatchBuilder& rows, const semantic::Stream& stream) {
  for (std::size_t i = 0; i < stream.schema.size(); ++i) {
    const Field& field = stream.schema.fields[i];
    if (!field.not_null) continue;
    const Column values = rows.column(i).column();
    if (values.valid == nullptr) continue;
    for (std::uint32_t row = 0; row < rows.rows(); ++row) {
      if (!values.is_null(row)) continue;
      return Error{Code::row_mismatch,
                   "column '" + field.name + "' of " + stream.name + " takes no NULL"};
    }
  }
  return {};
}

/// Fails: EF0807 when builder and schema differ, a value is of another type, a row was not ended,
/// or as check_nulls().
Result<void> check_rows(BatchBuilder& rows, const semantic::Stream& stream) {
  const Schema& schema = stream.schema;
  if (rows.width() != schema.size()) {
    return Error{Code::row_mismatch, "rows have " + std::to_string(rows.width()) +
                                         " columns, stream " + stream.name + " has " +
                                         std::to_string(schema.size())};
  }
  for (std::size_t i = 0; i < schema.size(); ++i) {
    const Field& field = schema.fields[i];
    const ColumnBuilder& column = rows.column(i);
    if (column.type() != field.type) {
      return Error{Code::row_mismatch, "column '" + field.name + "' of " + stream.name + " is " +
                                           std::string(type_name(field.type)) + ", found " +
                                           std::string(type_name(column.type()))};
    }
    if (column.mismatch()) {
      return Error{Code::row_mismatch, "column '" + field.name + "' of " + stream.name + ": " +
                                           column.mismatch()->message};
    }
    if (column.rows() != rows.rows()) {
      return Error{Code::row_mismatch, "column '" + field.name + "' of " + stream.name + " has " +
                                           std::to_string(column.rows()) + " values for " +
                                           std::to_string(rows.rows()) + " rows"};
    }
  }
  return check_nulls(rows, stream);
}

}  // namespace

Publisher::Publisher(std::shared_ptr<AppParts> parts, std::size_t stream)
    : parts_(std::move(parts)), stream_(stream) {}

const Schema& Publisher::schema() const {
  return parts_->app_runtime->dataflow().stream(stream_).schema;
}

Result<void> Publisher::send(std::initializer_list<Value> row) {
  return send(std::span(row.begin(), row.size()));
}

Result<void> Publisher::send(std::span<const Value> row) {
  return parts_->app_runtime->push_row(stream_, row);
}

Result<void> Publisher::send(BatchBuilder& rows) {
  EF_CHECK(check_rows(rows, parts_->app_runtime->dataflow().stream(stream_)));
  return parts_->app_runtime->push(stream_, rows);
}

Result<void> Publisher::send(BatchBuilder&& rows) {
  return send(rows);
}

}  // namespace eventflux
