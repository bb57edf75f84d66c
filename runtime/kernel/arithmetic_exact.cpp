#include <cmath>
#include <limits>
#include <optional>

#include "model/decimal_math.hpp"
#include "runtime/kernel/kernel.hpp"

// Arithmetic of DECIMAL and of DURATION: a result that does not fit is a row error, never a wrong
// value. What is divided by zero is NULL.

namespace eventflux::runtime {
namespace {

using Exact = std::optional<Int128>;

Error too_large(const KernelCall& call, const char* what) {
  return {Code::out_of_range,
          std::string(what) + " does not fit " + std::string(type_name(call.out.type)),
          call.out.type == Type::decimal ? "CAST an operand to fewer digits, or to DOUBLE" : ""};
}

template <class Compute>
void each_pair(KernelCall& call, const char* what, Compute compute) {
  merge_validity(call);
  auto* out = call.out.data<Int128>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    out[row] = 0;
    if (!is_valid(call.out, row)) return;
    const Exact value = compute(decimal_at(call.left, row), decimal_at(call.right, row));
    if (!value) return call.errors.fail(row, too_large(call, what));
    out[row] = *value;
  });
}

void null_where_zero(KernelCall& call) {
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!call.right.is_null(row) && call.right.at<Int128>(row) == 0) call.out.set_null(row);
  });
}

void add(KernelCall& call) {
  each_pair(call, "the sum", [scale = call.out.type.scale](Decimal a, Decimal b) {
    return model::add(a, b, scale);
  });
}

void subtract(KernelCall& call) {
  each_pair(call, "the difference", [scale = call.out.type.scale](Decimal a, Decimal b) {
    return model::subtract(a, b, scale);
  });
}

void multiply(KernelCall& call) {
  each_pair(call, "the product", [](Decimal a, Decimal b) { return model::multiply(a, b); });
}

void divide(KernelCall& call) {
  each_pair(call, "the quotient", [scale = call.out.type.scale](Decimal a, Decimal b) {
    return b.unscaled == 0 ? Exact(0) : model::divide(a, b, scale);
  });
  null_where_zero(call);
}

void modulo(KernelCall& call) {
  each_pair(call, "the rest", [scale = call.out.type.scale](Decimal a, Decimal b) {
    return b.unscaled == 0 ? Exact(0) : model::modulo(a, b, scale);
  });
  null_where_zero(call);
}

void negate(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  auto* out = call.out.data<Int128>();
  for_each_row(call.rows, [&](std::uint32_t row) { out[row] = -call.left.at<Int128>(row); });
}

using Whole = std::optional<std::int64_t>;

/// What is below a microsecond is cut.
Whole to_us(double us) {
  if (!(us > -0x1p63 && us < 0x1p63)) return std::nullopt;
  return static_cast<std::int64_t>(us);
}

Whole multiply_us(std::int64_t us, double factor) {
  return to_us(static_cast<double>(us) * factor);
}

Whole multiply_us(std::int64_t us, std::int64_t factor) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(us, factor, &result)) return std::nullopt;
  return result;
}

Whole divide_us(std::int64_t us, double divisor) {
  return to_us(static_cast<double>(us) / divisor);
}

Whole divide_us(std::int64_t us, std::int64_t divisor) {
  if (divisor == -1) return multiply_us(us, divisor);
  return us / divisor;
}

template <Operation operation, class Number>
void scale_duration(KernelCall& call) {
  merge_validity(call);
  auto* out = call.out.data<std::int64_t>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!is_valid(call.out, row)) return;
    const std::int64_t us = call.left.at<std::int64_t>(row);
    const Number number = call.right.at<Number>(row);
    constexpr bool multiplies = operation == Operation::multiply;
    if (!multiplies && number == Number{0}) return call.out.set_null(row);
    const Whole result = multiplies ? multiply_us(us, number) : divide_us(us, number);
    if (!result) return call.errors.fail(row, too_large(call, "the result"));
    out[row] = *result;
  });
}

void ratio(KernelCall& call) {
  merge_validity(call);
  auto* out = call.out.data<double>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    if (!is_valid(call.out, row)) return;
    const std::int64_t divisor = call.right.at<std::int64_t>(row);
    if (divisor == 0) return call.out.set_null(row);
    out[row] = static_cast<double>(call.left.at<std::int64_t>(row)) / static_cast<double>(divisor);
  });
}

template <Operation operation>
void scale_by_number(KernelCall& call) {
  if (call.right.type == Type::float64) return scale_duration<operation, double>(call);
  scale_duration<operation, std::int64_t>(call);
}

void divide_duration(KernelCall& call) {
  if (call.right.type == Type::duration) return ratio(call);
  scale_by_number<Operation::divide>(call);
}

}  // namespace

Kernel find_decimal_arithmetic(Operation operation) {
  switch (operation) {
    case Operation::add:
      return add;
    case Operation::subtract:
      return subtract;
    case Operation::multiply:
      return multiply;
    case Operation::divide:
      return divide;
    case Operation::modulo:
      return modulo;
    case Operation::negate:
      return negate;
    default:
      return nullptr;
  }
}

Kernel find_duration_arithmetic(Operation operation) {
  if (operation == Operation::multiply) return scale_by_number<Operation::multiply>;
  return operation == Operation::divide ? Kernel(divide_duration) : nullptr;
}

}  // namespace eventflux::runtime
