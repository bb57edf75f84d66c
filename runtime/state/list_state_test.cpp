#include "runtime/state/list_state.hpp"

#include <deque>
#include <map>
#include <optional>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "runtime/state/keyed_state.hpp"

namespace eventflux::runtime {
namespace {

/// Lists of numbers by key, as one side of a join keeps its rows.
struct Side {
  OperatorState state;
  KeyedState& keys = state.make<KeyedState>({"keys"}, std::vector<Type>{Type::int64},
                                            std::vector{detail::state_ops<ListHead>()});
  ListState<std::uint64_t>& rows = state.make<ListState<std::uint64_t>>({"rows"});

  std::uint32_t entry(std::int64_t key) {
    const Column column{Type::int64, Shape::constant, &key, nullptr};
    std::uint32_t entry = 0;
    keys.resolve({&column, 1}, {nullptr, 1}, &entry);
    keys.mark(entry);
    return entry;
  }

  ListHead& list(std::uint32_t entry) const { return keys.lane(0).at<ListHead>(entry); }
};

using Expected = std::map<std::int64_t, std::deque<std::uint64_t>>;

void change(Side& side, Expected& expected, Rng& rng) {
  const auto key = static_cast<std::int64_t>(rng.below(300));
  const std::uint32_t entry = side.entry(key);
  ListHead& list = side.list(entry);
  std::deque<std::uint64_t>& values = expected[key];
  if (rng.below(3) != 0 || values.empty()) {
    side.rows.push(list, rng.next());
    side.rows.for_each(list, [&, i = std::size_t{0}](std::uint64_t value) mutable {
      if (i++ == values.size()) values.push_back(value);
    });
  } else if (rng.below(4) != 0) {
    REQUIRE(side.rows.front(list) == values.front());
    side.rows.pop(list);
    values.pop_front();
  } else {
    side.rows.clear(list);
    side.keys.erase(entry);
    expected.erase(key);
  }
}

void check_equal(Side& side, const Expected& expected) {
  std::size_t total = 0;
  for (const auto& [key, values] : expected) {
    const ListHead& list = side.list(side.entry(key));
    REQUIRE(list.size == values.size());
    REQUIRE(side.rows.is_whole(list));
    std::deque<std::uint64_t> found;
    side.rows.for_each(list, [&](std::uint64_t value) { found.push_back(value); });
    REQUIRE(found == values);
    total += values.size();
  }
  CHECK(side.keys.size() == expected.size());
  CHECK(side.rows.size() == total);
}

TEST_CASE("lists by key are those of a map, across checkpoints and crashes") {
  Rng rng(3);
  auto side = std::make_unique<Side>();
  Expected expected;
  std::deque<std::string> deltas;
  for (int epoch = 0; epoch < 200; ++epoch) {
    for (int i = 0; i < 100; ++i)
      change(*side, expected, rng);
    DeltaWriter writer;
    const std::uint32_t required = side->state.snapshot(writer);
    deltas.push_back(writer.take());
    while (required != 0 && deltas.size() > required)
      deltas.pop_front();
    if (epoch % 10 != 9) continue;
    side = std::make_unique<Side>();
    const std::vector<std::string_view> views(deltas.begin(), deltas.end());
    REQUIRE(side->state.restore(MergedState::read(views).value()).ok());
    check_equal(*side, expected);
  }
}

}  // namespace
}  // namespace eventflux::runtime
