#pragma once

#include <cstdint>
#include <optional>

#include "eventflux/batch.hpp"
#include "eventflux/function.hpp"

#include "runtime/kernel/cpu.hpp"

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

/// Returns the kernel for operands of a type; comparisons give BOOLEAN. Null pointer: there is
/// none. Shape: operands of DECIMAL may have different scales, and that of the result is the
/// column's. `divide` is for DOUBLE, FLOAT, DECIMAL and DURATION only. A DURATION is multiplied and
/// divided by a BIGINT or DOUBLE; divided by another it gives DOUBLE.
Kernel find_kernel(Operation operation, Type operands);

/// Returns the conversion; `lenient` gives NULL instead of a row error. Null pointer: there is
/// none.
Kernel find_cast(Type from, Type to, bool lenient);

Kernel find_arithmetic(Operation operation, Type operands);
Kernel find_decimal_arithmetic(Operation operation);
Kernel find_duration_arithmetic(Operation operation);
Kernel find_decimal_cast(Type from, Type to, bool lenient);
Kernel find_comparison(Operation operation, Type operands);
Kernel find_null_test(Operation operation, Type operands);

/// Writes the selected rows for which a comparison is TRUE, in order, and returns how many; `out`
/// may be the memory of the selection itself.
using SelectKernel = std::uint32_t (*)(const Column& left, const Column& right, Selection rows,
                                       std::uint16_t* out);

/// Returns the loop that selects by a comparison; null pointer: there is none, and the comparison
/// makes a column.
SelectKernel find_selection(Operation operation, Type operands);

/// Makes NULL of every row where an operand is NULL.
void merge_validity(KernelCall& call);
/// Makes NULL of the rows of `out` that are NULL in `column`; reads no further than the last
/// selected row, because a column may have no bits behind it.
void copy_validity(const Column& column, Selection rows, ColumnWriter& out);

inline Decimal decimal_at(const Column& column, std::uint32_t row) {
  return {column.at<Int128>(row), column.type.scale};
}

inline bool is_valid(const ColumnWriter& out, std::uint32_t row) {
  return ((out.valid[row / 64] >> (row % 64)) & 1U) != 0;
}

/// Rows that a loop without a list visits. Shape: first … last - 1.
struct RowRange {
  std::uint32_t first;
  std::uint32_t last;
};

/// Returns the range of a selection whose rows are all, or dense enough that computing those in
/// between too is cheaper than a list; for operations that cannot fail. Benchmark: `micro/filter`.
inline std::optional<RowRange> dense_range(Selection rows) {
  if (rows.rows == nullptr) return RowRange{0, rows.count};
  if (rows.count == 0) return std::nullopt;
  const RowRange range{rows[0], rows[rows.count - 1] + 1U};
  if (range.last - range.first > rows.count * 4) return std::nullopt;
  return range;
}

/// Stores f(row) to out[row]. `Spread` says whether rows between the selected ones may be computed.
/// Inlined so that the clones of EF_CLONES functions hold it.
template <bool spread, class Out, class F>
[[gnu::always_inline]] inline void store_loop(Selection rows, Out* out, F f) {
  const bool all = rows.rows == nullptr;
  if (const auto range = spread || all ? dense_range(rows) : std::nullopt) {
    for (std::uint32_t row = range->first; row < range->last; ++row)
      out[row] = f(row);
    return;
  }
  for (std::uint32_t i = 0; i < rows.count; ++i)
    out[rows.rows[i]] = f(rows.rows[i]);
}

/// Calls `f(left value, right value)` per row and stores what it returns, one loop per shape.
template <class T, class Out, bool spread = false, class F>
[[gnu::always_inline]] inline void binary_loop(KernelCall& call, F f) {
  const T* a = call.left.data<T>();
  const T* b = call.right.data<T>();
  Out* out = call.out.data<Out>();
  const bool left_varies = call.left.shape != Shape::constant;
  const bool right_varies = call.right.shape != Shape::constant;
  if (left_varies && right_varies)
    return store_loop<spread>(call.rows, out, [&](std::uint32_t row) { return f(a[row], b[row]); });
  if (left_varies) {
    const T y = *b;
    return store_loop<spread>(call.rows, out, [&](std::uint32_t row) { return f(a[row], y); });
  }
  const T x = *a;
  if (right_varies)
    return store_loop<spread>(call.rows, out, [&](std::uint32_t row) { return f(x, b[row]); });
  const T y = *b;
  store_loop<spread>(call.rows, out, [&](std::uint32_t) { return f(x, y); });
}

}  // namespace eventflux::runtime
