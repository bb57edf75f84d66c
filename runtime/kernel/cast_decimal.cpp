#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <type_traits>

#include "base/text.hpp"
#include "runtime/kernel/kernel.hpp"

// To DECIMAL numbers are rounded half away from zero; to integers, as every CAST, cut.

namespace eventflux::runtime {
namespace {

Error out_of_range(std::string number, Type type) {
  return {Code::out_of_range,
          std::move(number) + " is out of range for " + std::string(type_name(type))};
}

/// Stores what `convert` makes of each value, a Result.
template <class From, class To, class Convert>
void each_value(KernelCall& call, bool lenient, Convert convert) {
  copy_validity(call.left, call.rows, call.out);
  To* out = call.out.data<To>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    out[row] = To();
    if (!is_valid(call.out, row)) return;
    auto value = convert(call.left.at<From>(row));
    if (value.ok()) {
      out[row] = *value;
    } else if (lenient) {
      call.out.set_null(row);
    } else {
      call.errors.fail(row, std::move(value).error());
    }
  });
}

Result<Int128> to_type(Decimal number, Type type) {
  const auto scaled = rescale(number, type, Rounding::half_away);
  if (scaled) return *scaled;
  return out_of_range(to_text(number), type);
}

template <class From, bool lenient>
void from_whole(KernelCall& call) {
  const Type type = call.out.type;
  each_value<From, Int128>(call, lenient, [type](From value) { return to_type({value, 0}, type); });
}

/// A real is the number that its shortest text shows.
template <class From, bool lenient>
void from_real(KernelCall& call) {
  const Type type = call.out.type;
  each_value<From, Int128>(call, lenient, [type](From value) -> Result<Int128> {
    const std::string text = real_text(value);
    auto number = parse_decimal(text, type, Rounding::half_away);
    if (!number.ok()) return out_of_range(text, type);
    return number;
  });
}

template <bool lenient>
void from_text(KernelCall& call) {
  const Type type = call.out.type;
  each_value<Text, Int128>(call, lenient, [type](const Text& text) {
    return parse_decimal(base::trim(text.view()), type, Rounding::half_away);
  });
}

template <bool lenient>
void from_decimal(KernelCall& call) {
  const Type type = call.out.type;
  const std::uint8_t scale = call.left.type.scale;
  each_value<Int128, Int128>(call, lenient, [=](Int128 value) {
    return to_type({value, scale}, type);
  });
}

template <class To, bool lenient>
void to_whole(KernelCall& call) {
  const Type type = call.out.type;
  const std::uint8_t scale = call.left.type.scale;
  each_value<Int128, To>(call, lenient, [=](Int128 value) -> Result<To> {
    const auto whole =
        rescale({value, scale}, Type::decimal_of(Decimal::digits_max, 0), Rounding::towards_zero);
    if (!whole || *whole > std::numeric_limits<To>::max() ||
        *whole < std::numeric_limits<To>::min())
      return out_of_range(to_text(Decimal{value, scale}), type);
    return static_cast<To>(*whole);
  });
}

/// By way of a DOUBLE it would be rounded twice.
float nearest_float(Decimal number) {
  std::array<char, Decimal::size_max> text{};
  const char* const end = write_decimal(number, text.data());
  float value = 0;
  std::from_chars(text.data(), end, value);
  return value;
}

template <class To>
void to_real_type(KernelCall& call) {
  const std::uint8_t scale = call.left.type.scale;
  each_value<Int128, To>(call, false, [=](Int128 value) -> Result<To> {
    const Decimal number{value, scale};
    if constexpr (std::is_same_v<To, float>) {
      return nearest_float(number);
    } else {
      return to_real(number);
    }
  });
}

void to_boolean(KernelCall& call) {
  each_value<Int128, std::uint8_t>(call, false, [](Int128 value) -> Result<std::uint8_t> {
    return static_cast<std::uint8_t>(value != 0 ? 1 : 0);
  });
}

void to_string(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (is_valid(call.out, row)) call.out.set_text(row, to_text(decimal_at(call.left, row)));
  });
}

template <bool lenient>
Kernel to_decimal(Type from) {
  switch (from) {
    case Type::boolean:
      return from_whole<std::uint8_t, lenient>;
    case Type::int32:
      return from_whole<std::int32_t, lenient>;
    case Type::int64:
      return from_whole<std::int64_t, lenient>;
    case Type::float32:
      return from_real<float, lenient>;
    case Type::float64:
      return from_real<double, lenient>;
    case Type::decimal:
      return from_decimal<lenient>;
    case Type::string:
    case Type::json:
      return from_text<lenient>;
    case Type::timestamp:
    case Type::duration:
    case Type::bytes:
      return nullptr;
  }
  return nullptr;
}

template <bool lenient>
Kernel decimal_to(Type to) {
  switch (to) {
    case Type::boolean:
      return to_boolean;
    case Type::int32:
      return to_whole<std::int32_t, lenient>;
    case Type::int64:
      return to_whole<std::int64_t, lenient>;
    case Type::float32:
      return to_real_type<float>;
    case Type::float64:
      return to_real_type<double>;
    case Type::decimal:
      return from_decimal<lenient>;
    case Type::string:
      return to_string;
    case Type::timestamp:
    case Type::duration:
    case Type::bytes:
    case Type::json:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

Kernel find_decimal_cast(Type from, Type to, bool lenient) {
  if (to == Type::decimal) return lenient ? to_decimal<true>(from) : to_decimal<false>(from);
  return lenient ? decimal_to<true>(to) : decimal_to<false>(to);
}

}  // namespace eventflux::runtime
