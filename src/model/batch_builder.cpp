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
  for (const Field& field : schema.fields)
    columns_.emplace_back(field.type, arena_.get());
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

void BatchBuilder::truncate(std::uint32_t rows) {
  for (ColumnBuilder& column : columns_)
    column.truncate(rows);
  arrived_.resize(std::min<std::size_t>(rows, arrived_.size()));
}

void BatchBuilder::clear() {
  truncate(0);
  rises_ = true;
  arena_->reset();
  owners_.clear();
}

std::size_t BatchBuilder::bytes() const {
  std::size_t width = sizeof(std::int64_t);
  for (const ColumnBuilder& column : columns_)
    width += type_width(column.type());
  return arena_->bytes() + width * arrived_.size();
}

Batch BatchBuilder::view(std::uint32_t first, std::uint32_t count,
                         std::vector<Column>& columns) const {
  EF_ASSERT(first % 64 == 0 && first + count <= rows());
  columns.resize(columns_.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column all = columns_[i].column();
    // Field by field: a whole that was just written in parts is slow to be copied.
    Column& column = columns[i];
    column.type = all.type;
    column.shape = all.shape;
    column.values = static_cast<const std::byte*>(all.values) + first * type_width(all.type);
    column.valid = all.valid == nullptr ? nullptr : all.valid + first / 64;
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
