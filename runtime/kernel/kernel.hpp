#pragma once

#include <cstdint>

#include "eventflux/batch.hpp"
#include "eventflux/function.hpp"

namespace eventflux::runtime {

/// What a kernel computes from one or two columns.
enum class Operation : std::uint8_t {
  negate,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  concat,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  is_null,
  is_not_null,
  is_distinct,
  is_not_distinct,
};

/// One evaluation over the selected rows of a batch.
/// Shape: `out` has all rows valid and no NULL when a kernel begins; rows outside the selection
/// keep whatever they held. Unary kernels ignore `right`.
struct KernelCall {
  const Column& left;
  const Column& right;
  Selection rows;
  ColumnWriter& out;
  ErrorLane& errors;
};

/// A loop over columns, compiled for one operation and one type.
using Kernel = void (*)(KernelCall&);

/// Returns the kernel for operands of a type: `divide` for DOUBLE and FLOAT only; comparisons give
/// BOOLEAN. Null pointer: there is none.
Kernel find_kernel(Operation operation, Type operands);

/// Returns the conversion; `lenient` gives NULL instead of a row error. Null pointer: there is
/// none.
Kernel find_cast(Type from, Type to, bool lenient);

Kernel find_arithmetic(Operation operation, Type operands);
Kernel find_comparison(Operation operation, Type operands);
Kernel find_null_test(Operation operation, Type operands);

/// Makes NULL of every row where an operand is NULL.
void merge_validity(KernelCall& call);
/// Makes NULL of the rows of `out` that are NULL in `column`; reads no further than the last
/// selected row, because a column may have no bits behind it.
void copy_validity(const Column& column, Selection rows, ColumnWriter& out);

inline bool is_valid(const ColumnWriter& out, std::uint32_t row) {
  return ((out.valid[row / 64] >> (row % 64)) & 1U) != 0;
}

/// Calls `f(left value, right value)` per row and stores what it returns, one loop per shape.
template <class T, class Out, class F>
void binary_loop(KernelCall& call, F f) {
  const T* a = call.left.data<T>();
  const T* b = call.right.data<T>();
  Out* out = call.out.data<Out>();
  if (call.right.shape == Shape::constant) {
    const T y = *b;
    if (call.left.shape == Shape::constant) {
      const T x = *a;
      for_each_row(call.rows, [&](std::uint32_t row) { out[row] = f(x, y); });
    } else {
      for_each_row(call.rows, [&](std::uint32_t row) { out[row] = f(a[row], y); });
    }
  } else if (call.left.shape == Shape::constant) {
    const T x = *a;
    for_each_row(call.rows, [&](std::uint32_t row) { out[row] = f(x, b[row]); });
  } else {
    for_each_row(call.rows, [&](std::uint32_t row) { out[row] = f(a[row], b[row]); });
  }
}

}  // namespace eventflux::runtime
