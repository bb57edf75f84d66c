#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "runtime/expression/evaluator.hpp"
#include "runtime/kernel/kernel.hpp"

// Every kernel against a reference that looks at one row at a time, over random columns with NULLs,
// constants, selections of every density, and the values at which arithmetic breaks.

namespace eventflux::runtime {
namespace {

constexpr std::uint32_t row_count = 300;

template <class T>
T random_value(Rng& rng) {
  using Limits = std::numeric_limits<T>;
  switch (rng.below(12)) {
    case 0:
      return Limits::max();
    case 1:
      return Limits::lowest();
    case 2:
      return T{0};
    case 3:
      if constexpr (std::is_floating_point_v<T>) return Limits::quiet_NaN();
      return T{1};
    case 4:
      if constexpr (std::is_floating_point_v<T>) return -Limits::infinity();
      return static_cast<T>(-1);
    default:
      return static_cast<T>(static_cast<std::int64_t>(rng.below(2000)) - 1000);
  }
}

template <class T>
struct RandomColumn {
  std::vector<T> values;
  std::vector<std::uint64_t> valid;
  Column column;

  RandomColumn(Type type, Rng& rng)
      : values(row_count), valid(row_count / 64 + 1, ~std::uint64_t{0}) {
    const bool constant = rng.below(4) == 0;
    const bool nulls = rng.below(2) == 0;
    for (std::uint32_t row = 0; row < row_count; ++row) {
      values[row] = random_value<T>(rng);
      if (nulls && rng.below(5) == 0) valid[row / 64] &= ~(std::uint64_t{1} << (row % 64));
    }
    column = {type, constant ? Shape::constant : Shape::flat, values.data(),
              nulls ? valid.data() : nullptr};
  }

  std::optional<T> at(std::uint32_t row) const {
    if (column.is_null(row)) return std::nullopt;
    return column.at<T>(row);
  }
};

/// What one row gives: a value, NULL, or an error.
template <class T>
struct Expected {
  std::optional<T> value;
  bool fails = false;
};

template <class T>
T real(Operation operation, T a, T b) {
  switch (operation) {
    case Operation::add:
      return a + b;
    case Operation::subtract:
      return a - b;
    case Operation::multiply:
      return a * b;
    case Operation::divide:
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

template <class T>
Expected<T> whole(Operation operation, T a, T b) {
  if (operation == Operation::modulo) return {b == -1 ? T{0} : static_cast<T>(a % b)};
  __extension__ using Wide = __int128;
  const Wide exact = operation == Operation::add        ? Wide{a} + b
                     : operation == Operation::subtract ? Wide{a} - b
                                                        : Wide{a} * b;
  if (exact > std::numeric_limits<T>::max() || exact < std::numeric_limits<T>::min())
    return {std::nullopt, true};
  return {static_cast<T>(exact)};
}

template <class T>
Expected<T> arithmetic(Operation operation, T a, T b) {
  if ((operation == Operation::divide || operation == Operation::modulo) && b == T{0}) return {};
  if constexpr (std::is_floating_point_v<T>) {
    return {real(operation, a, b)};
  } else {
    return whole(operation, a, b);
  }
}

template <class T>
bool comparison(Operation operation, T a, T b) {
  switch (operation) {
    case Operation::equal:
      return a == b;
    case Operation::not_equal:
      return !(a == b);
    case Operation::less:
      return a < b;
    case Operation::less_equal:
      return a <= b;
    case Operation::greater:
      return a > b;
    default:
      return a >= b;
  }
}

template <class T>
bool same(T a, T b) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b;
}

template <class Out>
void check_row(const Column& found, const RowErrors& errors, std::uint32_t row,
               const Expected<Out>& expected) {
  REQUIRE(errors.failed(row) == expected.fails);
  if (expected.fails) return;
  REQUIRE(found.is_null(row) == !expected.value.has_value());
  if (expected.value) REQUIRE(same(found.at<Out>(row), *expected.value));
}

/// Random rows in order; sometimes all, sometimes few.
std::vector<std::uint16_t> random_rows(Rng& rng) {
  const std::uint64_t one_in = 1 + rng.below(12);
  std::vector<std::uint16_t> rows;
  for (std::uint16_t row = 0; row < row_count; ++row)
    if (rng.below(one_in) == 0) rows.push_back(row);
  return rows;
}

template <class T, class Out, class Reference>
void compare_with(Operation operation, Type type, Type result_type, Rng& rng, Reference reference) {
  const RandomColumn<T> left(type, rng);
  const RandomColumn<T> right(type, rng);
  const std::vector<std::uint16_t> rows = random_rows(rng);
  const Selection selection = rng.below(3) == 0
                                  ? Selection{nullptr, row_count}
                                  : Selection{rows.data(), static_cast<std::uint32_t>(rows.size())};
  ColumnVector result(result_type);
  Arena arena;
  RowErrors errors;
  ColumnWriter out = result.writer(&arena);
  KernelCall call{left.column, right.column, selection, out, errors};
  find_kernel(operation, type)(call);
  const Column found = result.column(out);
  for_each_row(selection, [&](std::uint32_t row) {
    const auto a = left.at(row);
    const auto b = right.at(row);
    CAPTURE(static_cast<int>(operation));
    CAPTURE(row);
    check_row(found, errors, row, a && b ? reference(*a, *b) : Expected<Out>{});
  });
}

template <class T>
void compare_kernels(Type type, Rng& rng) {
  for (const Operation operation : {Operation::add, Operation::subtract, Operation::multiply,
                                    Operation::divide, Operation::modulo}) {
    if (find_kernel(operation, type) == nullptr) continue;
    compare_with<T, T>(operation, type, type, rng,
                       [&](T a, T b) { return arithmetic<T>(operation, a, b); });
  }
  for (const Operation operation :
       {Operation::equal, Operation::not_equal, Operation::less, Operation::less_equal,
        Operation::greater, Operation::greater_equal}) {
    compare_with<T, std::uint8_t>(operation, type, Type::boolean, rng, [&](T a, T b) {
      return Expected<std::uint8_t>{comparison(operation, a, b) ? std::uint8_t{1}
                                                                : std::uint8_t{0}};
    });
  }
}

}  // namespace

TEST_CASE("kernels agree with a reference of one row at a time, NULLs and errors included") {
  Rng rng(11);
  for (int round = 0; round < 20; ++round) {
    compare_kernels<std::int32_t>(Type::int32, rng);
    compare_kernels<std::int64_t>(Type::int64, rng);
    compare_kernels<float>(Type::float32, rng);
    compare_kernels<double>(Type::float64, rng);
  }
}

}  // namespace eventflux::runtime
