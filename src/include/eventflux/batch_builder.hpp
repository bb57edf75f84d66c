#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "eventflux/batch.hpp"

namespace eventflux {

/// Appends values to one column of a BatchBuilder.
/// The caller appends exactly one value per row, of the column's own type.
class ColumnBuilder {
 public:
  ColumnBuilder(Type type, Arena* arena) : type_(type), width_(type_width(type)), arena_(arena) {}

  Type type() const { return type_; }

  std::uint32_t rows() const { return rows_; }

  void append_null();

  void append(bool value) { *next<std::uint8_t>() = value ? 1 : 0; }

  void append(std::int32_t value) { *next<std::int32_t>() = value; }

  void append(std::int64_t value) { *next<std::int64_t>() = value; }

  void append(float value) { *next<float>() = value; }

  void append(double value) { *next<double>() = value; }

  void append(Timestamp value) { *next<std::int64_t>() = value.us; }

  void append(Duration value) { *next<std::int64_t>() = value.count(); }

  /// Copies text into the builder's arena.
  void append(std::string_view text) { *next<Text>() = arena_->store(text); }

  /// Borrows text that lives as long as the batch.
  void append_borrowed(Text text) { *next<Text>() = text; }

  /// Appends `count` values, none of them NULL, and returns where to write them.
  /// Shape: T is as wide as the column's type: std::int64_t for TIMESTAMP, Text for STRING.
  template <class T>
  T* extend(std::uint32_t count) {
    while (capacity_ - rows_ < count)
      grow();
    T* place = reinterpret_cast<T*>(values_.data()) + rows_;
    rows_ += count;
    return place;
  }

  /// Appends a value that convert() made for this type.
  void append(const Value& value);
  /// Copies row `row` of a column of the same type.
  void append_from(const Column& column, std::uint32_t row);

  Column column() const;
  void truncate(std::uint32_t rows);

 private:
  template <class T>
  T* next() {
    if (rows_ == capacity_) grow();
    T* place = reinterpret_cast<T*>(values_.data()) + rows_;
    ++rows_;
    return place;
  }

  void grow();

  Type type_;
  std::size_t width_;
  Arena* arena_;
  std::uint32_t rows_ = 0;
  std::uint32_t capacity_ = 0;
  bool nulls_ = false;
  std::vector<std::byte> values_;
  std::vector<std::uint64_t> valid_;
};

/// Collects typed rows.
/// Shape: any number of rows; the reader cuts batches of at most batch_rows_max.
/// Thread: one at a time.
class BatchBuilder {
 public:
  explicit BatchBuilder(const Schema& schema);
  BatchBuilder(BatchBuilder&&) noexcept = default;
  BatchBuilder& operator=(BatchBuilder&&) noexcept = default;

  ColumnBuilder& column(std::size_t index) { return columns_[index]; }

  std::size_t width() const { return columns_.size(); }

  /// Ends the row: every column has been given its value.
  void end_row(Timestamp arrived) {
    if (!arrived_.empty() && arrived.us < arrived_.back()) rises_ = false;
    arrived_.push_back(arrived.us);
  }

  void end_rows(std::uint32_t count, Timestamp arrived) {
    if (!arrived_.empty() && arrived.us < arrived_.back()) rises_ = false;
    arrived_.insert(arrived_.end(), count, arrived.us);
  }

  /// Keeps `owner` of borrowed text until clear().
  void keep(std::shared_ptr<const void> owner) {
    if (owners_.empty() || owners_.back() != owner) owners_.push_back(std::move(owner));
  }

  /// Appends a whole row. Fails: EF0807 when count or types do not fit; nothing is appended.
  Result<void> append(std::span<const Value> row, Timestamp arrived);

  std::uint32_t rows() const { return static_cast<std::uint32_t>(arrived_.size()); }

  /// Drops everything behind row `rows`, also values of a row that was not ended.
  void truncate(std::uint32_t rows);
  /// Drops all rows and keeps the memory.
  void clear();
  /// Returns bytes held by values and text.
  std::size_t bytes() const;
  /// Returns a view of rows `first` … `first + count - 1`; `first` is a multiple of 64.
  /// Owns: valid until the next change; `columns` is storage for the view.
  Batch view(std::uint32_t first, std::uint32_t count, std::vector<Column>& columns) const;

 private:
  std::unique_ptr<Arena> arena_;
  std::vector<ColumnBuilder> columns_;
  std::vector<std::int64_t> arrived_;
  bool rises_ = true;                                // no stamp is before the one before it
  std::vector<std::shared_ptr<const void>> owners_;  // the first owner is who lends the text
};

}  // namespace eventflux
