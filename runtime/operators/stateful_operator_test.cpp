#include "runtime/operators/stateful_operator.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "runtime/state/keyed_state.hpp"

namespace eventflux::runtime {
namespace {

/// Counts rows per key.
class CountOperator final : public StatefulOperator {
 public:
  explicit CountOperator(std::vector<Type> types)
      : counts_(state_.make<KeyedState>({"counts"}, std::move(types),
                                        std::vector{detail::state_ops<std::uint64_t>()})),
        keys_(batch_rows_max) {}

  void on_batch(Port, const Batch& batch) override {
    counts_.resolve(batch.columns, batch.selection, keys_.data());
    if (durable) counts_.mark(keys_.data(), batch.selection);
    const StateLane lane = counts_.lane(0);
    for_each_row(batch.selection, [&](std::uint32_t row) { ++lane.at<std::uint64_t>(keys_[row]); });
  }

  std::uint64_t count(std::uint32_t key) const { return counts_.lane(0).at<std::uint64_t>(key); }

 private:
  KeyedState& counts_;
  std::vector<std::uint32_t> keys_;
};

TEST_CASE("an operator that declares its state goes on where the last delta ends") {
  const std::vector<std::int64_t> numbers{7, 8, 7};
  const Column column{Type::int64, Shape::flat, numbers.data(), nullptr};
  Batch batch;
  batch.columns = {&column, 1};
  batch.rows = 3;
  batch.selection = {nullptr, 3};
  CountOperator first({Type::int64});
  first.durable = true;
  first.on_batch(0, batch);
  DeltaWriter writer;
  CHECK(first.snapshot(writer) == 1);
  const std::string delta = writer.take();
  const std::string_view stored(delta);
  CountOperator second({Type::int64});
  REQUIRE(second.restore(MergedState::read({&stored, 1}).value()).ok());
  second.on_batch(0, batch);
  CHECK(second.count(0) == 4);
  CHECK(second.count(1) == 2);
}

}  // namespace
}  // namespace eventflux::runtime
