#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "eventflux/decimal.hpp"
#include "eventflux/error.hpp"
#include "eventflux/time.hpp"
#include "eventflux/type.hpp"

namespace eventflux {

/// Whole numbers as C++ writes them: a bool and a character are not numbers.
template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                      !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                      !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// One value of any type, or NULL. For borders of the engine, never for its inner loops.
/// Shape: booleans in bool; integers, TIMESTAMP and DURATION in int64; reals in double; DECIMAL in
/// Decimal; text and the octets of BYTES in string. nullptr, also as text, is NULL.
class Value {
 public:
  Value() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", nullptr}
  Value(std::nullptr_t) {}

  // Not a plain bool, which pointers would become.
  template <std::same_as<bool> B>
  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(B value) : data_(value) {}

  /// A number above the largest BIGINT is kept as a real, which no integer column takes.
  template <WholeNumber I>
  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(I value) {
    if (std::in_range<std::int64_t>(value)) {
      data_ = static_cast<std::int64_t>(value);
    } else {
      data_ = static_cast<double>(value);
    }
  }

  template <std::floating_point F>
  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(F value) : data_(static_cast<double>(value)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(Timestamp value) : data_(value.us) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(Duration value) : data_(static_cast<std::int64_t>(value.count())) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(Decimal value) : data_(value) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(std::string value) : data_(std::move(value)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(std::string_view value) : data_(std::string(value)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a row is written {"IBM", 10.0}
  Value(const char* value) {
    if (value != nullptr) data_ = std::string(value);
  }

  bool is_null() const { return data_.index() == 0; }

  const bool* boolean() const { return std::get_if<bool>(&data_); }

  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data_); }

  const double* real() const { return std::get_if<double>(&data_); }

  const Decimal* decimal() const { return std::get_if<Decimal>(&data_); }

  /// Text, or octets.
  const std::string* text() const { return std::get_if<std::string>(&data_); }

  /// NULL equals NULL and NaN equals NaN, as in grouping.
  bool operator==(const Value& other) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Decimal> data_;
};

/// Returns the text of a value as `.efqlt` and CAST print it; NULL is "null", BYTES "\x00ff".
std::string to_text(const Value& value, Type type);

/// Reads a value of a type from text: numbers trimmed, TIMESTAMP as RFC 3339 or milliseconds; BYTES
/// behind `\x` as hexadecimal digits, and any other text as its own octets.
/// Fails: EF0604 wrong type, EF0603 out of range.
Result<Value> parse_value(std::string_view text, Type type);

/// Converts a value that a host or a script wrote to the type of a column, without loss. A double
/// becomes the DECIMAL that its shortest text shows; text becomes BYTES as its octets.
/// Fails: EF0807 with what was found and what the column takes.
Result<Value> convert(const Value& value, Type type);

/// Returns the shortest text that reads back to the same bits, with a point or an exponent.
std::string real_text(double value);
std::string real_text(float value);

}  // namespace eventflux
