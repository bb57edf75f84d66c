#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "eventflux/schema.hpp"

namespace eventflux {

inline constexpr std::uint32_t batch_rows_max = 2048;
inline constexpr std::uint32_t batch_rows_target = 1024;

/// Text in 16 bytes: up to 12 inline and zero padded, longer text by reference with its first 4.
/// Owns: nothing; long text lives in the arena of its batch or state.
struct Text {
  static constexpr std::uint32_t inline_max = 12;

  std::uint32_t length = 0;
  std::array<char, 4> prefix{};

  union {
    const char* data;
    std::array<char, 8> rest;
  };

  Text() : rest{} {}

  /// Borrows `text` when it is longer than 12 bytes.
  explicit Text(std::string_view text) : length(static_cast<std::uint32_t>(text.size())), rest{} {
    if (length > inline_max) {
      std::memcpy(prefix.data(), text.data(), prefix.size());
      data = text.data();
    } else {
      copy_inline(text.data());
    }
  }

  bool is_inline() const { return length <= inline_max; }

  std::string_view view() const { return {is_inline() ? prefix.data() : data, length}; }

  bool operator==(const Text& other) const {
    if (std::memcmp(this, &other, 8) != 0) return false;
    if (is_inline()) return std::memcmp(&rest, &other.rest, sizeof rest) == 0;
    return std::memcmp(data, other.data, length) == 0;
  }

 private:
  // Two copies of a fixed size that overlap: a copy of unknown size would be a call.
  void copy_inline(const char* from) {
    char* const to = reinterpret_cast<char*>(this) + sizeof length;
    if (length >= 8) {
      std::memcpy(to, from, 8);
      std::memcpy(to + length - 4, from + length - 4, 4);
    } else if (length >= 4) {
      std::memcpy(to, from, 4);
      std::memcpy(to + length - 4, from + length - 4, 4);
    } else if (length != 0) {
      to[0] = from[0];
      to[length / 2] = from[length / 2];
      to[length - 1] = from[length - 1];
    }
  }
};

static_assert(sizeof(Text) == 16);

/// Memory that is given back all at once. Shape: chunks of at least 16 KiB, kept for reuse by
/// reset().
class Arena {
 public:
  char* allocate(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(end_ - next_)) refill(bytes);
    char* place = next_;
    next_ += bytes;
    return place;
  }

  /// Returns `text` with its bytes in this arena, unless they fit inline.
  Text store(std::string_view text) {
    if (text.size() <= Text::inline_max) return Text(text);
    char* place = allocate(text.size());
    std::memcpy(place, text.data(), text.size());
    return Text({place, text.size()});
  }

  void reset() {
    if (next_ == first_) return;
    current_ = 0;
    next_ = first_;
    end_ = chunks_.empty() ? nullptr : next_ + chunks_[0].size();
  }

  std::size_t bytes() const { return bytes_; }

 private:
  void refill(std::size_t bytes);

  std::vector<std::vector<char>> chunks_;
  std::size_t current_ = 0;
  std::size_t bytes_ = 0;  // of all chunks
  char* first_ = nullptr;  // of the first chunk
  char* next_ = nullptr;
  char* end_ = nullptr;
};

/// flat: one value per row; constant: one value for all rows.
enum class Shape : std::uint8_t { flat, constant };

/// The values of one column. Owns: nothing. `valid` has a bit per row, set when the value is not
/// NULL; null pointer: no NULL. A constant column has one value and one bit.
struct Column {
  Type type = Type::int64;
  Shape shape = Shape::flat;
  const void* values = nullptr;
  const std::uint64_t* valid = nullptr;

  template <class T>
  const T* data() const {
    return static_cast<const T*>(values);
  }

  std::uint32_t index(std::uint32_t row) const { return shape == Shape::constant ? 0 : row; }

  bool is_null(std::uint32_t row) const {
    const std::uint32_t at = index(row);
    return valid != nullptr && ((valid[at / 64] >> (at % 64)) & 1U) == 0;
  }

  template <class T>
  const T& at(std::uint32_t row) const {
    return data<T>()[index(row)];
  }
};

/// Which rows of a batch count. Shape: ascending row indices; null pointer: 0 … count-1.
struct Selection {
  const std::uint16_t* rows = nullptr;
  std::uint32_t count = 0;

  std::uint32_t operator[](std::uint32_t i) const { return rows == nullptr ? i : rows[i]; }
};

/// Calls `body(row)` for every selected row, in order.
template <class Body>
void for_each_row(Selection selection, Body&& body) {
  if (selection.rows == nullptr) {
    for (std::uint32_t row = 0; row < selection.count; ++row)
      body(row);
  } else {
    for (std::uint32_t i = 0; i < selection.count; ++i) {
      const std::uint32_t row = selection.rows[i];
      body(row);
    }
  }
}

/// insert: a row arrives. expire: a row leaves a window.
enum class RowKind : std::uint8_t { insert, expire };

/// Rows of a stream, column by column. Owns: nothing; valid for the call that received it.
/// Shape: at most batch_rows_max rows of which `selection` count; row arguments of the accessors
/// are positions in the selection, 0 … size()-1.
class Batch {
 public:
  std::span<const Column> columns;
  Selection selection;
  std::uint32_t rows = 0;                 ///< Rows that the columns hold, selected or not.
  const std::int64_t* time = nullptr;     ///< Microseconds per row: event time, or arrival.
  const std::int64_t* arrived = nullptr;  ///< Arrival stamp per row; null pointer: equal to time.
  const std::uint32_t* origin = nullptr;  ///< Input row that caused it; null pointer: itself.
  std::uint64_t first_sequence = 0;       ///< Sequence number of input row 0.
  std::uint32_t partition = 0;            ///< Of the source that sent the rows; 0: not told apart.
  const RowKind* kinds = nullptr;         ///< Per row; null pointer: all are inserted.
  bool time_rises = false;  ///< No time is before that of the row before it; false: not known.

  std::uint32_t size() const { return selection.count; }

  /// Returns the kind of a row of the columns, which is no position in the selection.
  RowKind kind_of(std::uint32_t row) const {
    return kinds == nullptr ? RowKind::insert : kinds[row];
  }

  bool is_null(std::uint32_t row, std::size_t column) const {
    return columns[column].is_null(selection[row]);
  }

  bool boolean(std::uint32_t row, std::size_t column) const;
  /// INT, BIGINT, TIMESTAMP or DURATION.
  std::int64_t integer(std::uint32_t row, std::size_t column) const;
  /// Any number.
  double real(std::uint32_t row, std::size_t column) const;
  Decimal decimal(std::uint32_t row, std::size_t column) const;
  /// STRING or JSON.
  std::string_view text(std::uint32_t row, std::size_t column) const;
  /// Octets of BYTES.
  std::string_view bytes(std::uint32_t row, std::size_t column) const;
  Value value(std::uint32_t row, std::size_t column) const;
};

/// Takes rows that failed; they leave the selection and go to the error policy.
class ErrorLane {
 public:
  virtual ~ErrorLane() = default;
  /// Marks a row. The first error of a row counts.
  virtual void fail(std::uint32_t row, Error error) = 0;
};

/// A column that is being computed: place for batch_rows_max values, one of them per row.
/// `nulls` says whether any bit of `valid` is clear; all bits are set before a kernel runs.
struct ColumnWriter {
  Type type = Type::int64;
  void* values = nullptr;
  std::uint64_t* valid = nullptr;
  bool nulls = false;
  Arena* arena = nullptr;
  ErrorLane* errors = nullptr;

  template <class T>
  T* data() const {
    return static_cast<T*>(values);
  }

  void set_null(std::uint32_t row) {
    valid[row / 64] &= ~(std::uint64_t{1} << (row % 64));
    nulls = true;
  }

  void set_text(std::uint32_t row, std::string_view text) {
    data<Text>()[row] = arena->store(text);
  }
};

}  // namespace eventflux
