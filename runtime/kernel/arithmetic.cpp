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
  if constexpr (operation == Operation::add)
    return __builtin_add_overflow(a, b, result);
  else if constexpr (operation == Operation::subtract)
    return __builtin_sub_overflow(a, b, result);
  else
    return __builtin_mul_overflow(a, b, result);
}

template <Operation operation, class T>
void checked(KernelCall& call) {
  merge_validity(call);
  bool any = false;
  binary_loop<T, T>(call, [&any](T a, T b) {
    T result;
    any |= overflows<operation, T>(a, b, &result);
    return result;
  });
  if (!any) return;
  for_each_row(call.rows, [&](std::uint32_t row) {
    T ignored;
    if (is_valid(call.out, row) &&
        overflows<operation, T>(call.left.at<T>(row), call.right.at<T>(row), &ignored))
      call.errors.fail(row, overflow(operation));
  });
}

template <Operation operation, class T>
void real(KernelCall& call) {
  merge_validity(call);
  binary_loop<T, T>(call, [](T a, T b) {
    if constexpr (operation == Operation::add)
      return a + b;
    else if constexpr (operation == Operation::subtract)
      return a - b;
    else
      return a * b;
  });
}

template <class T, class F>
void by_divisor(KernelCall& call, F f) {
  merge_validity(call);
  bool zero = false;
  binary_loop<T, T>(call, [&](T a, T b) {
    zero |= b == T{0};
    return f(a, b);
  });
  if (!zero) return;
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (call.right.at<T>(row) == T{0}) call.out.set_null(row);
  });
}

template <class T>
void divide(KernelCall& call) {
  by_divisor<T>(call, [](T a, T b) { return a / b; });
}

template <class T>
void modulo(KernelCall& call) {
  if constexpr (std::is_integral_v<T>)
    by_divisor<T>(call, [](T a, T b) { return b == 0 || b == -1 ? T{0} : static_cast<T>(a % b); });
  else
    by_divisor<T>(call, [](T a, T b) { return std::fmod(a, b); });
}

template <class T>
void negate(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  T* out = call.out.data<T>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    const T value = call.left.at<T>(row);
    if constexpr (std::is_integral_v<T>) {
      if (value == std::numeric_limits<T>::min()) {
        if (is_valid(call.out, row)) call.errors.fail(row, overflow(Operation::negate));
        return;
      }
    }
    out[row] = static_cast<T>(-value);
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
    case Type::duration:
      return integers<std::int64_t>(operation);
    case Type::float32:
      return reals<float>(operation);
    case Type::float64:
      return reals<double>(operation);
    case Type::string:
      return operation == Operation::concat ? Kernel(concat) : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace eventflux::runtime
