#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <simdjson.h>
#include <string_view>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/time.hpp"

#include "options.hpp"

namespace eventflux::mappers::json {

/// Whole numbers up to here are exact as DOUBLE.
inline constexpr std::uint64_t exact_mantissa_max = std::uint64_t{1} << 53U;

inline constexpr std::array<double, 23> exact_powers_of_ten{
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Returns the double nearest to mantissa / 10^fraction.
/// Shape: mantissa ≤ exact_mantissa_max, fraction ≤ 22; then both are exact and rounded once.
/// Source: Clinger, How to read floating point numbers accurately, PLDI 1990.
inline double exact_real(std::uint64_t mantissa, unsigned fraction, bool negative) {
  const double value = static_cast<double>(mantissa) / exact_powers_of_ten[fraction];
  return negative ? -value : value;
}

/// Makes a code and text into the error of a payload, with a sample of at most 32 bytes.
Error value_error(Code code, std::string_view sample, std::string_view what);

/// Returns whether the bytes are a JSON number to their end.
bool is_number(std::string_view text);

/// Puts single JSON values into columns by the rules of exact conversion.
/// Shape: a value is its JSON text without blanks around it; containers have been checked by the
/// caller, everything else is checked here. `null` is never passed. 64 bytes behind it may be read.
class Scalars {
 public:
  explicit Scalars(TimeStyle times);

  TimeUnit unit() const { return times_.unit; }

  /// Fails: EF0601 broken text, EF0603 out of range, EF0604 another type; nothing is appended.
  Result<void> append(std::string_view json, ColumnBuilder& column);
  /// Checks a value that nobody takes: escapes, number, literal. Fails: EF0601.
  Result<void> check(std::string_view json);
  /// Returns a string without its quotes and escapes, valid until the next call. Fails: EF0601.
  Result<std::string_view> unquote(std::string_view json);

 private:
  Result<void> append_integer(std::string_view json, ColumnBuilder& column);
  Result<void> append_real(std::string_view json, ColumnBuilder& column);
  Result<void> append_timestamp(std::string_view json, ColumnBuilder& column);
  Result<void> append_duration(std::string_view json, ColumnBuilder& column);
  Result<void> append_decimal(std::string_view json, ColumnBuilder& column);
  /// BYTES are base64.
  Result<void> append_octets(std::string_view json, ColumnBuilder& column);
  Result<void> append_boolean(std::string_view json, ColumnBuilder& column);
  Result<std::string_view> number_in_text(std::string_view json, Type type);
  std::optional<std::int64_t> from_pattern(std::string_view text) const;
  Result<std::int64_t> to_us(std::string_view number) const;

  TimeStyle times_;
  std::vector<char> unescaped_{};
  simdjson::ondemand::parser unescaper_{};
};

}  // namespace eventflux::mappers::json
