#include <limits>
#include <string>

#include "math.hpp"

namespace eventflux::functions::math {
namespace {

template <class T>
Error too_large(const char* function, T x) {
  return {Code::out_of_range,
          std::string(function) + "(" + std::to_string(x) + ") does not fit its type"};
}

// Rounds away from zero at half a unit of 10^-digits. Fails: EF0603.
template <class T>
Result<T> round_whole(T x, std::int64_t digits) {
  if (digits >= 0) return x;
  T unit = 1;
  for (; digits < 0; ++digits)
    if (__builtin_mul_overflow(unit, T{10}, &unit)) return T{0};
  const T rest = static_cast<T>(x % unit);
  T result = static_cast<T>(x - rest);
  const T magnitude = rest < 0 ? static_cast<T>(-rest) : rest;
  if (magnitude < unit - magnitude) return result;
  const T step = x < 0 ? static_cast<T>(-unit) : unit;
  if (__builtin_add_overflow(result, step, &result)) return too_large("round", x);
  return result;
}

template <class T>
T cut_whole(T x, std::int64_t digits) {
  T unit = 1;
  for (; digits < 0; ++digits)
    if (__builtin_mul_overflow(unit, T{10}, &unit)) return 0;
  return static_cast<T>(x - x % unit);
}

constexpr std::int64_t bits_of(std::int32_t) {
  return 32;
}

constexpr std::int64_t bits_of(std::int64_t) {
  return 64;
}

template <class T>
T shift_left(T x, std::int64_t count) {
  if (count < 0 || count >= bits_of(x)) return 0;
  return static_cast<T>(static_cast<std::make_unsigned_t<T>>(x) << count);
}

// The sign fills what becomes free.
template <class T>
T shift_right(T x, std::int64_t count) {
  if (count < 0 || count >= bits_of(x)) return x < 0 ? T{-1} : T{0};
  return static_cast<T>(x >> count);
}

template <class T>
void register_arithmetic(Registry& registry) {
  registry.function("abs", "Magnitude.", [](T x) -> Result<T> {
    if (x == std::numeric_limits<T>::min()) return too_large("abs", x);
    return x < 0 ? static_cast<T>(-x) : x;
  });
  registry.function("sign", "-1, 0 or 1.",
                    [](T x) -> std::int32_t { return x > 0 ? 1 : (x < 0 ? -1 : 0); });
  for (const char* name : {"round", "trunc", "ceil", "floor"})
    registry.function(name, "A whole number stays as it is.", [](T x) { return x; });
  registry.function("round", "Rounds to n digits; below zero, to tens, hundreds …",
                    [](T x, std::int64_t digits) { return round_whole(x, digits); });
  registry.function("trunc", "Cuts to n digits; below zero, to tens, hundreds …",
                    [](T x, std::int64_t digits) { return cut_whole(x, digits); });
  registry.function("mod", "Rest of a division, with the sign of x; NULL for y = 0.",
                    [](T x, T y) -> std::optional<T> {
                      if (y == 0) return std::nullopt;
                      return y == -1 ? T{0} : static_cast<T>(x % y);
                    });
}

template <class T>
void register_bits(Registry& registry) {
  registry.function("bit_and", "Bits that are set in both.",
                    [](T x, T y) { return static_cast<T>(x & y); });
  registry.function("bit_or", "Bits that are set in one of them.",
                    [](T x, T y) { return static_cast<T>(x | y); });
  registry.function("bit_xor", "Bits that are set in exactly one of them.",
                    [](T x, T y) { return static_cast<T>(x ^ y); });
  registry.function("shift_left", "Moves bits up; those at the top are lost.",
                    [](T x, std::int64_t count) { return shift_left(x, count); });
  registry.function("shift_right", "Moves bits down; the sign stays.",
                    [](T x, std::int64_t count) { return shift_right(x, count); });
}

}  // namespace

void register_whole(Registry& registry) {
  register_arithmetic<std::int32_t>(registry);
  register_arithmetic<std::int64_t>(registry);
  register_bits<std::int32_t>(registry);
  register_bits<std::int64_t>(registry);
}

}  // namespace eventflux::functions::math
