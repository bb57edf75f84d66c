#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventflux/batch.hpp"

namespace eventflux {

/// A value of BYTES, as an argument or a result of a function. Owns: nothing.
struct Octets {
  std::string_view view{};
};

namespace detail {

template <class T>
struct ArgumentType;

template <>
struct ArgumentType<bool> {
  static constexpr Type type = Type::boolean;
  using Stored = std::uint8_t;
};

template <>
struct ArgumentType<std::int32_t> {
  static constexpr Type type = Type::int32;
  using Stored = std::int32_t;
};

template <>
struct ArgumentType<std::int64_t> {
  static constexpr Type type = Type::int64;
  using Stored = std::int64_t;
};

template <>
struct ArgumentType<float> {
  static constexpr Type type = Type::float32;
  using Stored = float;
};

template <>
struct ArgumentType<double> {
  static constexpr Type type = Type::float64;
  using Stored = double;
};

template <>
struct ArgumentType<Timestamp> {
  static constexpr Type type = Type::timestamp;
  using Stored = std::int64_t;
};

template <>
struct ArgumentType<Duration> {
  static constexpr Type type = Type::duration;
  using Stored = std::int64_t;
};

template <>
struct ArgumentType<std::string_view> {
  static constexpr Type type = Type::string;
  using Stored = Text;
};

template <>
struct ArgumentType<Octets> {
  static constexpr Type type = Type::bytes;
  using Stored = Text;
};

/// Without its scale, which is that of the column.
template <>
struct ArgumentType<Int128> {
  static constexpr Type type = Type::decimal;
  using Stored = Int128;
};

template <>
struct ArgumentType<Decimal> : ArgumentType<Int128> {};

template <>
struct ArgumentType<std::string> : ArgumentType<std::string_view> {};

template <class T>
struct ArgumentType<std::optional<T>> : ArgumentType<T> {};

template <class T>
struct ArgumentType<Result<T>> : ArgumentType<T> {};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

}  // namespace detail
}  // namespace eventflux
