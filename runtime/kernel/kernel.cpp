#include "runtime/kernel/kernel.hpp"

namespace eventflux::runtime {

void copy_validity(const Column& column, Selection rows, ColumnWriter& out) {
  if (column.valid == nullptr || rows.count == 0) return;
  if (column.shape == Shape::constant && !column.is_null(0)) return;
  const std::uint32_t words = rows[rows.count - 1] / 64 + 1;
  for (std::uint32_t i = 0; i < words; ++i)
    out.valid[i] = column.shape == Shape::constant ? 0 : out.valid[i] & column.valid[i];
  out.nulls = true;
}

void merge_validity(KernelCall& call) {
  copy_validity(call.left, call.rows, call.out);
  copy_validity(call.right, call.rows, call.out);
}

namespace {

void null_test(KernelCall& call, bool wanted) {
  auto* out = call.out.data<std::uint8_t>();
  for_each_row(call.rows,
               [&](std::uint32_t row) { out[row] = call.left.is_null(row) == wanted ? 1 : 0; });
}

bool equal_values(const Column& a, const Column& b, std::uint32_t row) {
  switch (a.type) {
    case Type::boolean:
      return a.at<std::uint8_t>(row) == b.at<std::uint8_t>(row);
    case Type::int32:
      return a.at<std::int32_t>(row) == b.at<std::int32_t>(row);
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return a.at<std::int64_t>(row) == b.at<std::int64_t>(row);
    case Type::float32:
      return a.at<float>(row) == b.at<float>(row);
    case Type::float64:
      return a.at<double>(row) == b.at<double>(row);
    case Type::decimal:
      return decimal_at(a, row) == decimal_at(b, row);
    case Type::string:
    case Type::bytes:
    case Type::json:
      return a.at<Text>(row) == b.at<Text>(row);
  }
  return false;
}

void distinct_test(KernelCall& call, bool wanted) {
  auto* out = call.out.data<std::uint8_t>();
  for_each_row(call.rows, [&](std::uint32_t row) {
    const bool a = call.left.is_null(row);
    const bool b = call.right.is_null(row);
    const bool distinct = a || b ? a != b : !equal_values(call.left, call.right, row);
    out[row] = distinct == wanted ? 1 : 0;
  });
}

}  // namespace

Kernel find_null_test(Operation operation, Type) {
  switch (operation) {
    case Operation::is_null:
      return [](KernelCall& call) { null_test(call, true); };
    case Operation::is_not_null:
      return [](KernelCall& call) { null_test(call, false); };
    case Operation::is_distinct:
      return [](KernelCall& call) { distinct_test(call, true); };
    case Operation::is_not_distinct:
      return [](KernelCall& call) { distinct_test(call, false); };
    default:
      return nullptr;
  }
}

Kernel find_kernel(Operation operation, Type operands) {
  if (const Kernel kernel = find_arithmetic(operation, operands)) return kernel;
  if (const Kernel kernel = find_comparison(operation, operands)) return kernel;
  return find_null_test(operation, operands);
}

}  // namespace eventflux::runtime
