#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "eventflux/batch.hpp"

namespace eventflux {

/// What reads as text: std::string, std::string_view, a literal or a `const char*`.
template <class T>
concept TextLike =
    std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::nullptr_t>;

/// Appends values to one column of a BatchBuilder, exactly one per row.
/// A value of another type is converted when nothing is lost: an integer goes into a DOUBLE, 2.0
/// into a BIGINT. One that cannot be converted is appended as NULL and noted in mismatch(), and
/// whoever takes the rows then refuses them.
class ColumnBuilder {
 public:
  ColumnBuilder(Type type, Arena* arena) : type_(type), width_(type_width(type)), arena_(arena) {}

  Type type() const { return type_; }

  std::uint32_t rows() const { return rows_; }

  /// Returns why a value does not belong in this column; nothing when all do.
  const std::optional<Error>& mismatch() const { return mismatch_; }

  void append_null();

  void append(std::nullptr_t) { append_null(); }

  template <std::same_as<bool> B>
  void append(B value) {
    if (type_ != Type::boolean) return convert_boolean(value);
    *next<std::uint8_t>() = value ? 1 : 0;
  }

  template <WholeNumber I>
  void append(I value) {
    if (!std::in_range<std::int64_t>(value)) return convert_real(static_cast<double>(value));
    if (type_ == Type::int64 || type_ == Type::timestamp) {
      *next<std::int64_t>() = static_cast<std::int64_t>(value);
    } else if (type_ == Type::int32 && std::in_range<std::int32_t>(value)) {
      *next<std::int32_t>() = static_cast<std::int32_t>(value);
    } else {
      convert_integer(static_cast<std::int64_t>(value));
    }
  }

  /// A double in a FLOAT column is rounded to the nearest one.
  template <std::floating_point F>
  void append(F value) {
    if (type_ == Type::float64) {
      *next<double>() = static_cast<double>(value);
    } else if (type_ == Type::float32) {
      *next<float>() = static_cast<float>(value);
    } else {
      convert_real(static_cast<double>(value));
    }
  }

  void append(Timestamp value) {
    if (type_ != Type::timestamp) return append_mismatch("a TIMESTAMP");
    *next<std::int64_t>() = value.us;
  }

  void append(Duration value) {
    if (type_ != Type::duration) return append_mismatch("a DURATION");
    *next<std::int64_t>() = value.count();
  }

  /// The number must have no more decimals than the column's DECIMAL, but for zeros.
  void append(Decimal value);

  /// Copies text, or octets, into the builder's arena. A null `const char*` is NULL.
  template <TextLike T>
  void append(const T& text) {
    if constexpr (std::is_pointer_v<T>) {
      if (text == nullptr) return append_null();
    }
    const std::string_view view(text);
    if (!is_stored_as_text(type_)) return convert_text(view);
    *next<Text>() = arena_->store(view);
  }

  /// Borrows text that lives as long as the batch.
  void append_borrowed(Text text) {
    if (!is_stored_as_text(type_)) return convert_text(text.view());
    *next<Text>() = text;
  }

  /// Appends `count` values, none of them NULL, and returns where to write them.
  /// Shape: T is as wide as the column's type: std::int64_t for TIMESTAMP, Text for STRING,
  /// Int128 for DECIMAL.
  template <class T>
  T* extend(std::uint32_t count) {
    if (sizeof(T) != width_) refuse_width();
    while (capacity_ - rows_ < count)
      grow();
    T* place = reinterpret_cast<T*>(values_.data()) + rows_;
    rows_ += count;
    return place;
  }

  void append(const Value& value);
  /// Copies row `row` of a column of the same type.
  void append_from(const Column& column, std::uint32_t row);
  /// Copies the selected rows of a column of the same type.
  void append_rows(const Column& column, Selection rows);

  Column column() const;
  void truncate(std::uint32_t rows);

  void clear() {
    if (nulls_ || mismatch_) truncate(0);
    rows_ = 0;
  }

 private:
  template <class T>
  T* next() {
    if (rows_ == capacity_) grow();
    T* place = reinterpret_cast<T*>(values_.data()) + rows_;
    ++rows_;
    return place;
  }

  friend class BatchBuilder;

  template <class Stored>
  void copy_rows(const Column& column, Selection rows);
  void grow();
  [[noreturn]] static void refuse_width();
  // What is not of the column's own type; apart from what is, which has to stay small.
  [[gnu::cold]] void convert_boolean(bool value);
  [[gnu::cold]] void convert_integer(std::int64_t value);
  [[gnu::cold]] void convert_real(double value);
  [[gnu::cold]] void convert_text(std::string_view text);
  [[gnu::cold]] void append_mismatch(std::string_view found);
  void note_mismatch(Error error);
  /// Appends a value that convert() would leave as it is; returns whether it did.
  bool append_if_same(const Value& value);
  /// Appends a value that convert() made for this type.
  void append_exact(const Value& value);

  Type type_;
  std::size_t width_;
  Arena* arena_;
  std::uint32_t rows_ = 0;
  std::uint32_t capacity_ = 0;
  bool nulls_ = false;
  std::vector<std::byte> values_;
  std::vector<std::uint64_t> valid_;
  std::optional<Error> mismatch_;
  std::uint32_t mismatch_row_ = 0;
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

  /// Copies the selected rows of columns of the same types. `arrived` has a time for each row of
  /// the columns; null pointer: 0.
  void append(std::span<const Column> columns, Selection rows, const std::int64_t* arrived);

  std::uint32_t rows() const { return static_cast<std::uint32_t>(arrived_.size()); }

  /// Drops everything after row `rows`, also values of a row that was not ended.
  void truncate(std::uint32_t rows);

  /// Drops all rows and keeps the memory.
  void clear() {
    for (ColumnBuilder& column : columns_)
      column.clear();
    arrived_.clear();
    rises_ = true;
    arena_->reset();
    if (!owners_.empty()) owners_.clear();
  }

  /// Returns bytes held by values and text.
  std::size_t bytes() const;
  /// Returns a view of rows `first` … `first + count - 1`; `first` is a multiple of 64.
  /// Owns: valid until the next change; `columns` is storage for the view.
  Batch view(std::uint32_t first, std::uint32_t count, std::vector<Column>& columns) const;

 private:
  std::unique_ptr<Arena> arena_;
  std::vector<ColumnBuilder> columns_;
  std::vector<std::int64_t> arrived_;
  std::size_t row_bytes_ = sizeof(std::int64_t);     // of values and stamp, text aside
  bool rises_ = true;                                // no stamp is before the one before it
  std::vector<std::shared_ptr<const void>> owners_;  // the first owner is who lends the text
};

}  // namespace eventflux
