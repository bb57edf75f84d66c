#include "runtime/operators/order_limit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace eventflux::runtime {
namespace {

template <class T>
int compare_values(T a, T b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_reals(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return compare_values(std::isnan(a), std::isnan(b));
  return compare_values(a, b);
}

template <class T>
int compare_at(const Column& left, std::uint32_t a, const Column& right, std::uint32_t b) {
  if constexpr (std::is_floating_point_v<T>) {
    return compare_reals(static_cast<double>(left.at<T>(a)), static_cast<double>(right.at<T>(b)));
  } else if constexpr (std::is_same_v<T, Text>) {
    return left.at<Text>(a).view().compare(right.at<Text>(b).view());
  } else {
    return compare_values(left.at<T>(a), right.at<T>(b));
  }
}

int compare_cells(const Column& left, std::uint32_t a, const Column& right, std::uint32_t b) {
  switch (left.type) {
    case Type::boolean:
      return compare_at<std::uint8_t>(left, a, right, b);
    case Type::int32:
      return compare_at<std::int32_t>(left, a, right, b);
    case Type::float32:
      return compare_at<float>(left, a, right, b);
    case Type::float64:
      return compare_at<double>(left, a, right, b);
    case Type::string:
    case Type::bytes:
    case Type::json:
      return compare_at<Text>(left, a, right, b);
    case Type::decimal:
      return compare_at<Int128>(left, a, right, b);
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return compare_at<std::int64_t>(left, a, right, b);
  }
  return 0;
}

}  // namespace

bool comes_before(std::span<const OrderKey> keys, RowAt a, RowAt b) {
  for (const OrderKey& key : keys) {
    const Column& left = a.columns[key.column];
    const Column& right = b.columns[key.column];
    const bool null_a = left.is_null(a.row);
    const bool null_b = right.is_null(b.row);
    if (null_a != null_b) return null_a == key.nulls_first;
    if (null_a) continue;
    const int order = compare_cells(left, a.row, right, b.row);
    if (order != 0) return (order < 0) != key.descending;
  }
  return false;
}

std::vector<std::uint32_t> OrderLimit::select() const {
  std::vector<std::uint32_t> order(rows->rows());
  std::iota(order.begin(), order.end(), 0U);
  std::vector<Column> columns;
  rows->view(0, rows->rows(), columns);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return comes_before(keys, {columns, a}, {columns, b});
  };
  std::stable_sort(order.begin(), order.end(), before);
  const std::size_t first = std::min<std::size_t>(offset, order.size());
  order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(first));
  if (limit && *limit < order.size()) order.resize(*limit);
  return order;
}

BatchBuilder take_sorted(OrderLimit& order) {
  BatchBuilder& rows = *order.rows;
  Schema schema;
  for (std::size_t c = 0; c < order.output_columns; ++c)
    schema.fields.push_back({"", rows.column(c).type()});
  BatchBuilder sorted(schema);
  for (const std::uint32_t row : order.select()) {
    for (std::size_t c = 0; c < schema.size(); ++c)
      sorted.column(c).append_from(rows.column(c).column(), row);
    sorted.end_row(Timestamp{0});
  }
  rows.clear();
  return sorted;
}

}  // namespace eventflux::runtime
