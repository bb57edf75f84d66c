#include "eventflux/batch_builder.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/assert.hpp"

namespace eventflux {

void ColumnBuilder::grow() {
  capacity_ = capacity_ == 0 ? 64 : capacity_ * 2;
  values_.resize(capacity_ * width_);
  valid_.resize(capacity_ / 64, ~std::uint64_t{0});
}

void ColumnBuilder::append_null() {
  if (rows_ == capacity_) grow();
  std::memset(values_.data() + rows_ * width_, 0, width_);
  valid_[rows_ / 64] &= ~(std::uint64_t{1} << (rows_ % 64));
  nulls_ = true;
  ++rows_;
}

void ColumnBuilder::refuse_width() {
  EF_ASSERT(!"extend<T>() with a T that is not as wide as the column's type");
  std::abort();
}

void ColumnBuilder::note_mismatch(Error error) {
  if (!mismatch_) {
    mismatch_ = std::move(error);
    mismatch_row_ = rows_;
  }
  append_null();
}

void ColumnBuilder::append_mismatch(std::string_view found) {
  note_mismatch(
      {Code::row_mismatch, "found " + std::string(found) + " where " + a_type(type_) + " belongs"});
}

void ColumnBuilder::convert_boolean(bool value) {
  append(Value(value));
}

void ColumnBuilder::convert_integer(std::int64_t value) {
  if (type_ == Type::duration) {
    *next<std::int64_t>() = value;
  } else {
    append(Value(value));
  }
}

void ColumnBuilder::convert_real(double value) {
  append(Value(value));
}

void ColumnBuilder::convert_text(std::string_view text) {
  append(Value(text));
}

void ColumnBuilder::append(Decimal value) {
  append(Value(value));
}

void ColumnBuilder::append(const Value& value) {
  auto fitting = convert(value, type_);
  if (!fitting.ok()) return note_mismatch(std::move(fitting).error());
  append_exact(*fitting);
}

/// Most values are of their column's type already: then there is nothing to convert or to copy.
bool ColumnBuilder::append_if_same(const Value& value) {
  switch (type_) {
    case Type::int64:
      if (value.integer() == nullptr) return false;
      *next<std::int64_t>() = *value.integer();
      return true;
    case Type::float64:
      if (value.real() == nullptr) return false;
      *next<double>() = *value.real();
      return true;
    case Type::boolean:
      if (value.boolean() == nullptr) return false;
      *next<std::uint8_t>() = *value.boolean() ? 1 : 0;
      return true;
    case Type::string:
      if (value.text() == nullptr) return false;
      *next<Text>() = arena_->store(*value.text());
      return true;
    case Type::int32:
      if (value.integer() == nullptr || !std::in_range<std::int32_t>(*value.integer()))
        return false;
      *next<std::int32_t>() = static_cast<std::int32_t>(*value.integer());
      return true;
    case Type::float32:
    case Type::decimal:
    case Type::timestamp:
    case Type::duration:
    case Type::bytes:
    case Type::json:
      return false;
  }
  return false;
}

void ColumnBuilder::append_exact(const Value& value) {
  if (value.is_null()) return append_null();
  switch (type_) {
    case Type::boolean:
      *next<std::uint8_t>() = *value.boolean() ? 1 : 0;
      return;
    case Type::int32:
      *next<std::int32_t>() = static_cast<std::int32_t>(*value.integer());
      return;
    case Type::float32:
      *next<float>() = static_cast<float>(*value.real());
      return;
    case Type::float64:
      *next<double>() = *value.real();
      return;
    case Type::decimal:
      *next<Int128>() = value.decimal()->unscaled;
      return;
    case Type::string:
    case Type::bytes:
    case Type::json:
      *next<Text>() = arena_->store(*value.text());
      return;
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      *next<std::int64_t>() = *value.integer();
      return;
  }
}

void ColumnBuilder::append_from(const Column& column, std::uint32_t row) {
  if (column.is_null(row)) return append_null();
  switch (type_) {
    case Type::boolean:
      *next<std::uint8_t>() = column.at<std::uint8_t>(row);
      return;
    case Type::int32:
    case Type::float32:
      *next<std::uint32_t>() = column.at<std::uint32_t>(row);
      return;
    case Type::int64:
    case Type::float64:
    case Type::timestamp:
    case Type::duration:
      *next<std::uint64_t>() = column.at<std::uint64_t>(row);
      return;
    case Type::decimal:
      *next<Int128>() = column.at<Int128>(row);
      return;
    case Type::string:
    case Type::bytes:
    case Type::json:
      *next<Text>() = arena_->store(column.at<Text>(row).view());
      return;
  }
}

template <class Stored>
void ColumnBuilder::copy_rows(const Column& column, Selection rows) {
  const std::uint32_t first = rows_;
  Stored* to = extend<Stored>(rows.count);
  for_each_row(rows, [&](std::uint32_t row) {
    if constexpr (std::is_same_v<Stored, Text>)
      *to++ = column.is_null(row) ? Text() : arena_->store(column.at<Text>(row).view());
    else
      *to++ = column.at<Stored>(row);
  });
  if (column.valid == nullptr) return;
  for (std::uint32_t i = 0; i < rows.count; ++i) {
    if (!column.is_null(rows[i])) continue;
    const std::uint32_t at = first + i;
    std::memset(values_.data() + at * width_, 0, width_);
    valid_[at / 64] &= ~(std::uint64_t{1} << (at % 64));
    nulls_ = true;
  }
}

void ColumnBuilder::append_rows(const Column& column, Selection rows) {
  switch (type_) {
    case Type::boolean:
      return copy_rows<std::uint8_t>(column, rows);
    case Type::int32:
    case Type::float32:
      return copy_rows<std::uint32_t>(column, rows);
    case Type::int64:
    case Type::float64:
    case Type::timestamp:
    case Type::duration:
      return copy_rows<std::uint64_t>(column, rows);
    case Type::decimal:
      return copy_rows<Int128>(column, rows);
    case Type::string:
    case Type::bytes:
    case Type::json:
      return copy_rows<Text>(column, rows);
  }
}

Column ColumnBuilder::column() const {
  return {type_, Shape::flat, values_.data(), nulls_ ? valid_.data() : nullptr};
}

void ColumnBuilder::truncate(std::uint32_t rows) {
  if (nulls_) {
    for (std::uint32_t row = rows; row < rows_; ++row)
      valid_[row / 64] |= std::uint64_t{1} << (row % 64);
  }
  rows_ = std::min(rows, rows_);
  if (rows_ == 0) nulls_ = false;
  if (mismatch_ && mismatch_row_ >= rows_) mismatch_.reset();
}

BatchBuilder::BatchBuilder(const Schema& schema) : arena_(std::make_unique<Arena>()) {
  for (const Field& field : schema.fields) {
    columns_.emplace_back(field.type, arena_.get());
    row_bytes_ += columns_.back().width_;
  }
}

Result<void> BatchBuilder::append(std::span<const Value> row, Timestamp arrived) {
  if (row.size() != columns_.size()) {
    return Error{Code::row_mismatch, "row has " + std::to_string(row.size()) +
                                         " values, stream has " + std::to_string(columns_.size()) +
                                         " columns"};
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (columns_[i].append_if_same(row[i])) continue;
    auto value = convert(row[i], columns_[i].type());
    if (!value.ok()) {
      truncate(rows());
      return std::move(value).error();
    }
    columns_[i].append_exact(*value);
  }
  end_row(arrived);
  return {};
}

void BatchBuilder::append(std::span<const Column> columns, Selection rows,
                          const std::int64_t* arrived) {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    columns_[i].append_rows(columns[i], rows);
  for_each_row(
      rows, [&](std::uint32_t row) { end_row(Timestamp{arrived == nullptr ? 0 : arrived[row]}); });
}

void BatchBuilder::truncate(std::uint32_t rows) {
  for (ColumnBuilder& column : columns_)
    column.truncate(rows);
  arrived_.resize(std::min<std::size_t>(rows, arrived_.size()));
}

std::size_t BatchBuilder::bytes() const {
  return arena_->bytes() + row_bytes_ * arrived_.size();
}

Batch BatchBuilder::view(std::uint32_t first, std::uint32_t count,
                         std::vector<Column>& columns) const {
  EF_ASSERT(first % 64 == 0 && first + count <= rows());
  columns.resize(columns_.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnBuilder& from = columns_[i];
    // Field by field: a whole that was just written in parts is slow to be copied.
    Column& column = columns[i];
    column.type = from.type_;
    column.shape = Shape::flat;
    column.values = from.values_.data() + first * from.width_;
    column.valid = from.nulls_ ? from.valid_.data() + first / 64 : nullptr;
  }
  Batch batch;
  batch.columns = columns;
  batch.selection = {nullptr, count};
  batch.rows = count;
  batch.time = arrived_.data() + first;
  batch.time_rises = rises_;
  return batch;
}

}  // namespace eventflux
