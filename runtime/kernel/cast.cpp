#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

#include "eventflux/text.hpp"

#include "runtime/kernel/kernel.hpp"

namespace eventflux::runtime {
namespace {

template <Type::Kind type>
struct Stored;

template <>
struct Stored<Type::boolean> {
  using T = std::uint8_t;
};

template <>
struct Stored<Type::int32> {
  using T = std::int32_t;
};

template <>
struct Stored<Type::int64> {
  using T = std::int64_t;
};

template <>
struct Stored<Type::float32> {
  using T = float;
};

template <>
struct Stored<Type::float64> {
  using T = double;
};

template <>
struct Stored<Type::timestamp> {
  using T = std::int64_t;
};

template <>
struct Stored<Type::duration> {
  using T = std::int64_t;
};

constexpr std::int64_t us_per_ms = 1000;

/// Nothing when it does not fit. Reals are cut toward zero.
template <class To, class From>
std::optional<To> to_integer(From value) {
  if constexpr (std::is_floating_point_v<From>) {
    const double cut = std::trunc(static_cast<double>(value));
    constexpr double limit = sizeof(To) == 8 ? 0x1p63 : 0x1p31;
    if (!(cut >= -limit && cut < limit)) return std::nullopt;
    return static_cast<To>(cut);
  } else {
    if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max())
      return std::nullopt;
    return static_cast<To>(value);
  }
}

/// Nothing when a finite number becomes infinite.
template <class To, class From>
std::optional<To> to_real(From value) {
  const auto result = static_cast<To>(value);
  if constexpr (std::is_floating_point_v<From>)
    if (std::isinf(result) && !std::isinf(value)) return std::nullopt;
  return result;
}

/// Converts one number; nothing when it does not fit.
template <Type::Kind from, Type::Kind to>
std::optional<typename Stored<to>::T> convert_number(typename Stored<from>::T value) {
  using From = typename Stored<from>::T;
  using To = typename Stored<to>::T;
  if constexpr (to == Type::boolean) {
    return static_cast<To>(value != From{0} ? 1 : 0);
  } else if constexpr (from == Type::timestamp && to == Type::int64) {
    return value >= 0 ? value / us_per_ms : -((-value + us_per_ms - 1) / us_per_ms);
  } else if constexpr (from == Type::int64 && to == Type::timestamp) {
    std::int64_t us = 0;
    if (__builtin_mul_overflow(value, us_per_ms, &us)) return std::nullopt;
    return us;
  } else if constexpr (std::is_integral_v<To>) {
    return to_integer<To>(value);
  } else {
    return to_real<To>(value);
  }
}

template <bool lenient>
void refuse(KernelCall& call, std::uint32_t row, Error error) {
  if constexpr (lenient) {
    call.out.set_null(row);
  } else {
    call.errors.fail(row, std::move(error));
  }
}

template <Type::Kind from, Type::Kind to, bool lenient>
void numbers(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  auto* out = call.out.data<typename Stored<to>::T>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!is_valid(call.out, row)) return;
    const auto value = convert_number<from, to>(call.left.at<typename Stored<from>::T>(row));
    if (value) {
      out[row] = *value;
    } else {
      refuse<lenient>(
          call, row,
          {Code::out_of_range, "number is out of range for " + std::string(type_name(to))});
    }
  });
}

template <Type::Kind from, Type::Kind to>
void widen(KernelCall& call) {
  using From = typename Stored<from>::T;
  using To = typename Stored<to>::T;
  copy_validity(call.left, call.rows, call.out);
  To* out = call.out.data<To>();
  if (call.left.shape == Shape::constant) {
    const To value = static_cast<To>(*call.left.data<From>());
    for_each_row(call.rows, [&](std::uint32_t row) { out[row] = value; });
  } else {
    const From* in = call.left.data<From>();
    for_each_row(call.rows, [&](std::uint32_t row) { out[row] = static_cast<To>(in[row]); });
  }
}

template <Type::Kind to, bool lenient>
void from_text(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  using T = typename Stored<to>::T;
  T* out = call.out.data<T>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!is_valid(call.out, row)) return;
    auto value = parse_value(call.left.at<Text>(row).view(), to);
    if (!value.ok()) return refuse<lenient>(call, row, std::move(value).error());
    if constexpr (to == Type::boolean) {
      out[row] = *value->boolean() ? 1 : 0;
    } else if constexpr (to == Type::float32 || to == Type::float64) {
      out[row] = static_cast<T>(*value->real());
    } else {
      out[row] = static_cast<T>(*value->integer());
    }
  });
}

template <Type::Kind from>
void to_string(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!is_valid(call.out, row)) return;
    const auto value = call.left.at<typename Stored<from>::T>(row);
    if constexpr (from == Type::boolean) {
      call.out.set_text(row, value != 0 ? "true" : "false");
    } else if constexpr (from == Type::timestamp) {
      call.out.set_text(row, to_text(Timestamp{value}));
    } else if constexpr (from == Type::duration) {
      call.out.set_text(row, to_text(Duration(value)));
    } else if constexpr (std::is_floating_point_v<decltype(value)>) {
      call.out.set_text(row, real_text(value));
    } else {
      call.out.set_text(row, std::to_string(value));
    }
  });
}

void same_text(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  auto* out = call.out.data<Text>();
  for_each_row(call.rows, [&](std::uint32_t row) { out[row] = call.left.at<Text>(row); });
}

void octets_to_string(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (is_valid(call.out, row))
      call.out.set_text(row, octets_text(call.left.at<Text>(row).view()));
  });
}

template <bool lenient>
void string_to_octets(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!is_valid(call.out, row)) return;
    auto octets = parse_octets(call.left.at<Text>(row).view());
    if (!octets.ok()) return refuse<lenient>(call, row, std::move(octets).error());
    call.out.set_text(row, *octets);
  });
}

template <Type::Kind from, bool lenient>
Kernel from_number(Type to) {
  switch (to) {
    case Type::boolean:
      return numbers<from, Type::boolean, lenient>;
    case Type::int32:
      return numbers<from, Type::int32, lenient>;
    case Type::int64:
      return numbers<from, Type::int64, lenient>;
    case Type::float32:
      return numbers<from, Type::float32, lenient>;
    case Type::float64:
      return numbers<from, Type::float64, lenient>;
    case Type::string:
      return to_string<from>;
    case Type::timestamp:
      return from == Type::int64 ? Kernel(numbers<Type::int64, Type::timestamp, lenient>) : nullptr;
    case Type::decimal:
      return find_decimal_cast(from, to, lenient);
    case Type::duration:
    case Type::bytes:
    case Type::json:
      return nullptr;
  }
  return nullptr;
}

template <bool lenient>
Kernel from_string(Type to) {
  switch (to) {
    case Type::boolean:
      return from_text<Type::boolean, lenient>;
    case Type::int32:
      return from_text<Type::int32, lenient>;
    case Type::int64:
      return from_text<Type::int64, lenient>;
    case Type::float32:
      return from_text<Type::float32, lenient>;
    case Type::float64:
      return from_text<Type::float64, lenient>;
    case Type::timestamp:
      return from_text<Type::timestamp, lenient>;
    case Type::duration:
      return from_text<Type::duration, lenient>;
    case Type::decimal:
      return find_decimal_cast(Type::string, to, lenient);
    case Type::bytes:
      return string_to_octets<lenient>;
    case Type::string:
    case Type::json:
      return same_text;
  }
  return nullptr;
}

Kernel find_widening(Type from, Type to) {
  if (from == Type::int32 && to == Type::int64) return widen<Type::int32, Type::int64>;
  if (from == Type::int32 && to == Type::float64) return widen<Type::int32, Type::float64>;
  if (from == Type::int32 && to == Type::float32) return widen<Type::int32, Type::float32>;
  if (from == Type::int64 && to == Type::float64) return widen<Type::int64, Type::float64>;
  if (from == Type::int64 && to == Type::float32) return widen<Type::int64, Type::float32>;
  if (from == Type::float32 && to == Type::float64) return widen<Type::float32, Type::float64>;
  return nullptr;
}

template <bool lenient>
Kernel find(Type from, Type to) {
  switch (from) {
    case Type::boolean:
      return to == Type::timestamp ? nullptr : from_number<Type::boolean, lenient>(to);
    case Type::int32:
      return from_number<Type::int32, lenient>(to);
    case Type::int64:
      return from_number<Type::int64, lenient>(to);
    case Type::float32:
      return from_number<Type::float32, lenient>(to);
    case Type::float64:
      return from_number<Type::float64, lenient>(to);
    case Type::timestamp:
      if (to == Type::int64) return numbers<Type::timestamp, Type::int64, lenient>;
      return to == Type::string ? Kernel(to_string<Type::timestamp>) : nullptr;
    case Type::duration:
      return to == Type::string ? Kernel(to_string<Type::duration>) : nullptr;
    case Type::decimal:
      return find_decimal_cast(from, to, lenient);
    case Type::bytes:
      return to == Type::string ? Kernel(octets_to_string) : nullptr;
    case Type::string:
    case Type::json:
      return from_string<lenient>(to);
  }
  return nullptr;
}

}  // namespace

Kernel find_cast(Type from, Type to, bool lenient) {
  if (const Kernel kernel = find_widening(from, to)) return kernel;
  return lenient ? find<true>(from, to) : find<false>(from, to);
}

}  // namespace eventflux::runtime
