#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eventflux {

/// A type of the language: a kind, and for DECIMAL how many digits it has.
/// A `switch` over a Type names every kind and has no `default`: a kind that is not handled does
/// not compile.
struct Type {
  enum Kind : std::uint8_t {
    boolean,    ///< one byte per value, 0 or 1
    int32,      ///< INT
    int64,      ///< BIGINT
    float32,    ///< FLOAT
    float64,    ///< DOUBLE
    decimal,    ///< DECIMAL(p,s): Int128, the value times 10^s
    timestamp,  ///< int64, microseconds since 1970 UTC
    duration,   ///< int64, microseconds
    string,     ///< UTF-8
    bytes,      ///< octets
    json,       ///< a JSON document as text
  };

  Kind kind = boolean;
  std::uint8_t precision = 0;  ///< DECIMAL: digits, 1 … 38; 0: any DECIMAL, in signatures only.
  std::uint8_t scale = 0;      ///< DECIMAL: how many of them are fraction.

  constexpr Type() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): a column is written {"price", Type::float64}
  constexpr Type(Kind of) : kind(of) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a type is what `switch` looks at
  constexpr operator Kind() const { return kind; }

  /// Shape: 1 ≤ precision ≤ 38, scale ≤ precision.
  static constexpr Type decimal_of(int precision, int scale) {
    Type type(decimal);
    type.precision = static_cast<std::uint8_t>(precision);
    type.scale = static_cast<std::uint8_t>(scale);
    return type;
  }

  /// Types are equal when their digits are, too; compared with a kind, only that counts.
  friend constexpr bool operator==(Type a, Type b) {
    return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale;
  }

  friend constexpr bool operator==(Type a, Kind b) { return a.kind == b; }
};

inline constexpr int type_count = 11;

/// Returns the name in the language: "BIGINT", "DECIMAL(18,3)".
std::string_view type_name(Type type);
/// Returns the name behind its article: "an INT", "a DOUBLE".
std::string a_type(Type type);
/// Reads a type by any of its names, without regard to case; nothing when there is no such type.
/// DECIMAL without digits is any DECIMAL.
std::optional<Type> parse_type(std::string_view name);
/// Returns the bytes that one value takes in a column: 1, 4, 8 or 16.
std::size_t type_width(Type type);

/// Text that people read: STRING or JSON.
inline bool is_text(Type type) {
  return type == Type::string || type == Type::json;
}

/// Kept as a Text in a column: STRING, JSON or BYTES.
inline bool is_stored_as_text(Type type) {
  switch (type) {
    case Type::string:
    case Type::bytes:
    case Type::json:
      return true;
    case Type::boolean:
    case Type::int32:
    case Type::int64:
    case Type::float32:
    case Type::float64:
    case Type::decimal:
    case Type::timestamp:
    case Type::duration:
      return false;
  }
  return false;
}

inline bool is_integer(Type type) {
  return type == Type::int32 || type == Type::int64;
}

inline bool is_real(Type type) {
  return type == Type::float32 || type == Type::float64;
}

inline bool is_numeric(Type type) {
  return is_integer(type) || is_real(type) || type == Type::decimal;
}

}  // namespace eventflux
