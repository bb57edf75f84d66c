#include "runtime/expression/arithmetic_program.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

namespace eventflux::runtime {
namespace {

constexpr std::uint32_t row_count = 1000;
constexpr std::size_t column_count = 3;

/// Columns of small numbers, zeros among them; the last one has NULLs.
struct Input {
  explicit Input(Rng& rng) : valid(row_count / 64 + 1, ~std::uint64_t{0}) {
    for (std::vector<double>& column : values) {
      for (std::uint32_t row = 0; row < row_count; ++row)
        column.push_back((static_cast<double>(rng.below(9)) - 4) / 2);
    }
    for (std::uint32_t row = 0; row < row_count; ++row)
      if (rng.below(5) == 0) valid[row / 64] &= ~(std::uint64_t{1} << (row % 64));
    for (std::size_t i = 0; i < column_count; ++i) {
      columns[i] = {Type::float64, Shape::flat, values[i].data(),
                    i + 1 == column_count ? valid.data() : nullptr};
    }
  }

  std::array<std::vector<double>, column_count> values;
  std::vector<std::uint64_t> valid;
  std::array<Column, column_count> columns;
};

using Reference = std::function<std::optional<double>(std::uint32_t row)>;

struct Tree {
  EvaluatorPtr evaluator;
  Reference reference;
};

std::optional<double> computed(Operation operation, std::optional<double> a,
                               std::optional<double> b) {
  if (!a || !b || (operation == Operation::divide && *b == 0)) return std::nullopt;
  if (operation == Operation::add) return *a + *b;
  if (operation == Operation::subtract) return *a - *b;
  return operation == Operation::multiply ? *a * *b : *a / *b;
}

Tree random_leaf(Rng& rng, const Input& input) {
  const std::size_t pick = rng.below(column_count + 1);
  if (pick == column_count) {
    const double constant = static_cast<double>(rng.below(4)) - 1;
    return {make_constant(Type::float64, Value(constant)), [=](std::uint32_t) { return constant; }};
  }
  return {make_column(Type::float64, pick), [&input, pick](std::uint32_t row) {
            const Column& column = input.columns[pick];
            return column.is_null(row) ? std::nullopt : std::optional(column.at<double>(row));
          }};
}

Tree random_tree(Rng& rng, const Input& input, std::uint64_t depth) {
  if (depth == 0 || rng.below(5) == 0) return random_leaf(rng, input);
  constexpr std::array operations{Operation::add, Operation::subtract, Operation::multiply,
                                  Operation::divide};
  const Operation operation = operations[rng.below(operations.size())];
  Tree left = random_tree(rng, input, depth - 1);
  Tree right = random_tree(rng, input, depth - 1);
  return {make_real(operation, std::move(left.evaluator), std::move(right.evaluator)),
          [operation, a = std::move(left.reference), b = std::move(right.reference)](
              std::uint32_t row) { return computed(operation, a(row), b(row)); }};
}

/// All rows, most of them, or few.
std::vector<std::uint16_t> random_rows(Rng& rng) {
  const std::uint64_t one_in = 1 + rng.below(3) * rng.below(8);
  std::vector<std::uint16_t> rows;
  for (std::uint16_t row = 0; row < row_count; ++row)
    if (rng.below(one_in) == 0) rows.push_back(row);
  return rows;
}

void check_row(const Column& found, std::uint32_t row, std::optional<double> expected) {
  REQUIRE(found.is_null(row) == !expected.has_value());
  if (!expected) return;
  const auto value = found.at<double>(row);
  const bool both_nan = std::isnan(value) && std::isnan(*expected);
  REQUIRE(
      (both_nan || std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(*expected)));
}

void check_tree(const Tree& tree, const EvalContext& context, Rng& rng) {
  const std::vector<std::uint16_t> rows = random_rows(rng);
  const Selection selection = rng.below(3) == 0
                                  ? Selection{nullptr, row_count}
                                  : Selection{rows.data(), static_cast<std::uint32_t>(rows.size())};
  const Column found = tree.evaluator->evaluate(context, selection);
  for_each_row(selection, [&](std::uint32_t row) { check_row(found, row, tree.reference(row)); });
}

}  // namespace

TEST_CASE("programs of reals agree with a reference of one row at a time, NULLs included") {
  Rng rng(12);
  const Input input(rng);
  Arena arena;
  RowErrors errors;
  EvalContext context;
  context.columns = input.columns;
  context.arena = &arena;
  context.errors = &errors;
  for (int round = 0; round < 300; ++round) {
    const Tree tree = random_tree(rng, input, 1 + rng.below(5));
    check_tree(tree, context, rng);
    check_tree(tree, context, rng);
  }
  CHECK(errors.empty());
}

}  // namespace eventflux::runtime
