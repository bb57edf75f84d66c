#include <cmath>
#include <limits>
#include <type_traits>

#include "runtime/kernel/kernel.hpp"

// Integer kernels compute wrapped results in a loop without branches that remembers whether any row
// overflowed; only then a second loop finds the rows. Rows whose operands are NULL never fail.

namespace eventflux::runtime {
namespace {

Error overflow(Operation operation) {
  const char* what = operation == Operation::multiply ? "multiplication"
                     : operation == Operation::add    ? "addition"
                     : operation == Operation::negate ? "negation"
                                                      : "subtraction";
  return {Code::out_of_range, std::string("integer ") + what + " overflows",
          "CAST an operand to BIGINT or DOUBLE"};
}

template <Operation operation, class T>
bool overflows(T a, T b, T* result) {
  if constexpr (operation == Operation::add) {
    return __builtin_add_overflow(a, b, result);
  } else if constexpr (operation == Operation::subtract) {
    return __builtin_sub_overflow(a, b, result);
  } else {
    return __builtin_mul_overflow(a, b, result);
  }
}

/// Returns the wrapped result; the sign bit of `overflow` becomes 1 when it does not fit.
/// Source: Warren, Hacker's Delight, 2nd edition, section 2-13.
template <Operation operation, class T>
[[gnu::always_inline]] inline T wrapped(T a, T b, T& overflow) {
  using Unsigned = std::make_unsigned_t<T>;
  if constexpr (operation == Operation::multiply) {
    T result;
    if (__builtin_mul_overflow(a, b, &result)) overflow = std::numeric_limits<T>::min();
    return result;
  } else {
    const auto x = static_cast<Unsigned>(a);
    const auto y = static_cast<Unsigned>(b);
    constexpr bool adds = operation == Operation::add;
    const auto result = static_cast<T>(adds ? x + y : x - y);
    overflow |= adds ? (a ^ result) & (b ^ result) : (a ^ b) & (a ^ result);
    return result;
  }
}

template <Operation operation, class T>
EF_CLONES void checked(KernelCall& call) {
  merge_validity(call);
  T overflowed = 0;
  binary_loop<T, T>(call, [&](T a, T b) { return wrapped<operation, T>(a, b, overflowed); });
  if (overflowed >= 0) return;
  for_each_row(call.rows, [&](std::uint32_t row) {
    T ignored;
    if (is_valid(call.out, row) &&
        overflows<operation, T>(call.left.at<T>(row), call.right.at<T>(row), &ignored))
      call.errors.fail(row, overflow(operation));
  });
}

template <Operation operation, class T>
EF_CLONES void real(KernelCall& call) {
  merge_validity(call);
  binary_loop<T, T, true>(call, [](T a, T b) {
    if constexpr (operation == Operation::add) {
      return a + b;
    } else if constexpr (operation == Operation::subtract) {
      return a - b;
    } else if constexpr (operation == Operation::multiply) {
      return a * b;
    } else {
      return a / b;
    }
  });
}

/// Makes NULL of the rows whose divisor is zero.
template <class T>
EF_CLONES void null_where_zero(KernelCall& call) {
  const T* divisor = call.right.data<T>();
  if (call.right.shape == Shape::constant) {
    if (*divisor == T{0})
      for_each_row(call.rows, [&](std::uint32_t row) { call.out.set_null(row); });
    return;
  }
  // As wide as the values, so that the loop is one of vectors.
  using Mask = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  Mask zero = 0;
  for_each_row(call.rows,
               [&](std::uint32_t row) { zero |= divisor[row] == T{0} ? ~Mask{0} : Mask{0}; });
  if (zero == 0) return;
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (divisor[row] == T{0}) call.out.set_null(row);
  });
}

template <class T>
void divide(KernelCall& call) {
  real<Operation::divide, T>(call);
  null_where_zero<T>(call);
}

template <class T>
void modulo(KernelCall& call) {
  merge_validity(call);
  if constexpr (std::is_integral_v<T>) {
    binary_loop<T, T>(call,
                      [](T a, T b) { return b == 0 || b == -1 ? T{0} : static_cast<T>(a % b); });
  } else {
    binary_loop<T, T>(call, [](T a, T b) { return std::fmod(a, b); });
  }
  null_where_zero<T>(call);
}

template <class T>
void negate(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  T* out = call.out.data<T>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    const T value = call.left.at<T>(row);
    if (std::is_floating_point_v<T> || value != std::numeric_limits<T>::min()) {
      out[row] = static_cast<T>(-value);
    } else if (is_valid(call.out, row)) {
      call.errors.fail(row, overflow(Operation::negate));
    }
  });
}

template <class T>
Kernel integers(Operation operation) {
  switch (operation) {
    case Operation::add:
      return checked<Operation::add, T>;
    case Operation::subtract:
      return checked<Operation::subtract, T>;
    case Operation::multiply:
      return checked<Operation::multiply, T>;
    case Operation::modulo:
      return modulo<T>;
    case Operation::negate:
      return negate<T>;
    default:
      return nullptr;
  }
}

template <class T>
Kernel reals(Operation operation) {
  switch (operation) {
    case Operation::add:
      return real<Operation::add, T>;
    case Operation::subtract:
      return real<Operation::subtract, T>;
    case Operation::multiply:
      return real<Operation::multiply, T>;
    case Operation::divide:
      return divide<T>;
    case Operation::modulo:
      return modulo<T>;
    case Operation::negate:
      return negate<T>;
    default:
      return nullptr;
  }
}

void concat(KernelCall& call) {
  merge_validity(call);
  for_each_row(call.rows, [&](std::uint32_t row) {
    Text* out = call.out.data<Text>() + row;
    if (!is_valid(call.out, row)) {
      *out = Text();
      return;
    }
    const std::string_view a = call.left.at<Text>(row).view();
    const std::string_view b = call.right.at<Text>(row).view();
    char* place = call.out.arena->allocate(a.size() + b.size());
    std::memcpy(place, a.data(), a.size());
    std::memcpy(place + a.size(), b.data(), b.size());
    *out = Text({place, a.size() + b.size()});
  });
}

}  // namespace

Kernel find_arithmetic(Operation operation, Type operands) {
  switch (operands) {
    case Type::int32:
      return integers<std::int32_t>(operation);
    case Type::int64:
    case Type::timestamp:
      return integers<std::int64_t>(operation);
    case Type::duration:
      if (const Kernel kernel = find_duration_arithmetic(operation)) return kernel;
      return integers<std::int64_t>(operation);
    case Type::decimal:
      return find_decimal_arithmetic(operation);
    case Type::float32:
      return reals<float>(operation);
    case Type::float64:
      return reals<double>(operation);
    case Type::string:
    case Type::bytes:
      return operation == Operation::concat ? Kernel(concat) : nullptr;
    case Type::boolean:
    case Type::json:
      return nullptr;
  }
  return nullptr;
}

}  // namespace eventflux::runtime
