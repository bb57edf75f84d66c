#include "runtime/operators/top_n.hpp"

#include <array>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

namespace eventflux::runtime {
namespace {

Value draw(Rng& rng, Type type) {
  constexpr std::array<const char*, 4> texts{"a", "é", "a text beyond twelve bytes", ""};
  if (rng.below(8) == 0) return {};
  if (type == Type::string) return texts[rng.below(texts.size())];
  const auto number = static_cast<std::int64_t>(rng.below(40));
  if (type == Type::float64) return static_cast<double>(number);
  return number;
}

/// Returns the numbers, in column 0, of the rows that a close would emit.
std::vector<std::int64_t> emitted(const OrderLimit& order) {
  std::vector<std::int64_t> numbers;
  const Column column = order.rows->column(0).column();
  for (const std::uint32_t row : order.select())
    numbers.push_back(column.at<std::int64_t>(row));
  return numbers;
}

void append_row(Rng& rng, std::int64_t n, BatchBuilder& batch, BatchBuilder& all) {
  const std::array<Value, 4> row{n, draw(rng, Type::int64), draw(rng, Type::string),
                                 draw(rng, Type::float64)};
  REQUIRE(batch.append(row, Timestamp{1}).ok());
  REQUIRE(all.append(row, Timestamp{1}).ok());
}

}  // namespace

TEST_CASE("the best of the rows that were kept are the best of all rows") {
  Rng rng(8);
  const Schema schema{
      {{"n", Type::int64}, {"i", Type::int64}, {"s", Type::string}, {"d", Type::float64}}};
  for (int round = 0; round < 200; ++round) {
    TopNSpec spec{{}, rng.below(30)};
    for (std::uint64_t keys = 1 + rng.below(2); keys > 0; --keys)
      spec.keys.push_back({1 + rng.below(3), rng.below(2) == 0, rng.below(2) == 0});
    const auto order_of = [&] {
      return OrderLimit{spec.keys, spec.count, 0, 4, std::make_shared<BatchBuilder>(schema)};
    };
    const OrderLimit all = order_of();
    const OrderLimit kept = order_of();
    TopN best(spec, schema);
    for (std::int64_t n = 0; n < 300;) {
      BatchBuilder batch(schema);
      for (std::uint64_t rows = 1 + rng.below(60); rows > 0; --rows)
        append_row(rng, n++, batch, *all.rows);
      std::vector<Column> columns;
      const Batch view = batch.view(0, batch.rows(), columns);
      best.add(view, view.selection, *kept.rows);
      if (rng.below(4) == 0) best.rebuild(*kept.rows);
      CHECK(emitted(kept) == emitted(all));
      CHECK(kept.rows->rows() < 2 * spec.count + 60);
    }
  }
}

}  // namespace eventflux::runtime
