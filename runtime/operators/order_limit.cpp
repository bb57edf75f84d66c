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

int compare_rows(const Column& column, std::uint32_t a, std::uint32_t b) {
  switch (column.type) {
    case Type::boolean:
      return compare_values(column.at<std::uint8_t>(a), column.at<std::uint8_t>(b));
    case Type::int32:
      return compare_values(column.at<std::int32_t>(a), column.at<std::int32_t>(b));
    case Type::float32:
      return compare_reals(static_cast<double>(column.at<float>(a)),
                           static_cast<double>(column.at<float>(b)));
    case Type::float64:
      return compare_reals(column.at<double>(a), column.at<double>(b));
    case Type::string:
    case Type::json:
      return column.at<Text>(a).view().compare(column.at<Text>(b).view());
    default:
      return compare_values(column.at<std::int64_t>(a), column.at<std::int64_t>(b));
  }
}

}  // namespace

std::vector<std::uint32_t> OrderLimit::select() const {
  std::vector<std::uint32_t> order(rows->rows());
  std::iota(order.begin(), order.end(), 0U);
  std::vector<Column> columns;
  for (const OrderKey& key : keys)
    columns.push_back(rows->column(key.column).column());
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool null_a = columns[i].is_null(a);
      const bool null_b = columns[i].is_null(b);
      if (null_a != null_b) return null_a == keys[i].nulls_first;
      if (null_a) continue;
      const int order_of = compare_rows(columns[i], a, b);
      if (order_of != 0) return (order_of < 0) != keys[i].descending;
    }
    return false;
  };
  std::stable_sort(order.begin(), order.end(), before);
  const std::size_t first = std::min<std::size_t>(offset, order.size());
  order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(first));
  if (limit && *limit < order.size()) order.resize(*limit);
  return order;
}

}  // namespace eventflux::runtime
