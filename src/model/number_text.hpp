#pragma once

#include <cstdint>
#include <string_view>

/// Numbers in text that people and programs write. Every reader is exact: nothing passes through a
/// double on its way to an integer, and a float is rounded once.
namespace eventflux::model {

enum class NumberFault : std::uint8_t { none, not_a_number, has_fraction, out_of_range };

template <class T>
struct NumberInText {
  T value{};
  NumberFault fault = NumberFault::none;

  bool ok() const { return fault == NumberFault::none; }
};

/// Reads `-12`, `+12`, `12.0`, `1.5e3`.
NumberInText<std::int64_t> read_integer(std::string_view text);
/// Reads a number and returns it × 10^power; what is then left of a fraction is cut.
NumberInText<std::int64_t> read_scaled(std::string_view text, std::int64_t power);
/// Reads decimal numbers, and NaN, inf and Infinity in any case, with a sign. A number too small
/// for the type is zero.
NumberInText<double> read_double(std::string_view text);
NumberInText<float> read_float(std::string_view text);

}  // namespace eventflux::model
