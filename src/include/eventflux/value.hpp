#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "eventflux/error.hpp"
#include "eventflux/time.hpp"

namespace eventflux {

/// The types of the language.
enum class Type : std::uint8_t {
  boolean,    ///< one byte per value, 0 or 1
  int32,      ///< INT
  int64,      ///< BIGINT
  float32,    ///< FLOAT
  float64,    ///< DOUBLE
  timestamp,  ///< int64, microseconds since 1970 UTC
  duration,   ///< int64, microseconds
  string,     ///< UTF-8
  json,       ///< a JSON document as text
};

inline constexpr int type_count = 9;

/// Returns the name in the language, for example "BIGINT".
std::string_view type_name(Type type);
/// Returns the name behind its article: "an INT", "a DOUBLE".
std::string a_type(Type type);
/// Reads a type by any of its names, without regard to case; nothing when there is no such type.
std::optional<Type> parse_type(std::string_view name);
/// Returns the bytes that one value takes in a column: 1, 4, 8 or 16.
std::size_t type_width(Type type);

inline bool is_text(Type type) {
  return type == Type::string || type == Type::json;
}

inline bool is_integer(Type type) {
  return type == Type::int32 || type == Type::int64;
}

inline bool is_real(Type type) {
  return type == Type::float32 || type == Type::float64;
}

inline bool is_numeric(Type type) {
  return is_integer(type) || is_real(type);
}

/// Whole numbers as C++ writes them: a bool and a character are not numbers.
template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                      !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                      !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// One value of any type, or NULL. For borders of the engine, never for its inner loops.
/// Shape: booleans in bool; integers, TIMESTAMP and DURATION in int64; reals in double; text in
/// string. nullptr, also as text, is NULL.
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

  const std::string* text() const { return std::get_if<std::string>(&data_); }

  /// NULL equals NULL and NaN equals NaN, as in grouping.
  bool operator==(const Value& other) const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string> data_;
};

/// Returns the text of a value as `.efqlt` and CAST print it; NULL is "null".
std::string to_text(const Value& value, Type type);

/// Reads a value of a type from text: numbers trimmed, TIMESTAMP as RFC 3339 or milliseconds.
/// Fails: EF0604 wrong type, EF0603 out of range.
Result<Value> parse_value(std::string_view text, Type type);

/// Converts a value that a host or a script wrote to the type of a column, without loss.
/// Fails: EF0807 with what was found and what the column takes.
Result<Value> convert(const Value& value, Type type);

/// Returns the shortest text that reads back to the same bits, with a point or an exponent.
std::string real_text(double value);
std::string real_text(float value);

}  // namespace eventflux
