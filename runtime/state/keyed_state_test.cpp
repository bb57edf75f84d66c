#include "runtime/state/keyed_state.hpp"

#include <cmath>
#include <deque>
#include <map>
#include <optional>

#include <doctest/doctest.h>

#include "eventflux/batch_builder.hpp"
#include "eventflux/context.hpp"

namespace eventflux::runtime {
namespace {

const std::vector<StateOps> one_number{detail::state_ops<std::uint64_t>()};

/// The deltas that a store would hold, and an operator with one state by key.
struct Stored {
  explicit Stored(std::vector<Type> key_types) : types(std::move(key_types)) { restart(); }

  void restart() {
    state.emplace();
    keys = &state->make<KeyedState>({"keys"}, types, one_number);
  }

  void checkpoint() {
    DeltaWriter writer;
    const std::uint32_t required = state->snapshot(writer);
    if (writer.empty()) return;
    deltas.push_back(writer.take());
    while (required != 0 && deltas.size() > required)
      deltas.pop_front();
  }

  void crash() {
    restart();
    const std::vector<std::string_view> views(deltas.begin(), deltas.end());
    REQUIRE(state->restore(MergedState::read(views).value()).ok());
  }

  std::vector<Type> types;
  std::optional<OperatorState> state;
  KeyedState* keys = nullptr;
  std::deque<std::string> deltas;
};

std::uint64_t& value_of(const KeyedState& keys, std::uint32_t entry) {
  return keys.lane(0).at<std::uint64_t>(entry);
}

/// Keys of a number and of text that is inline, long, or NULL.
struct Rows {
  BatchBuilder builder{Schema{{{"a", Type::int64}, {"b", Type::string}}}};
  std::vector<Column> columns;
  std::vector<std::string> names;

  void add(std::uint64_t number) {
    const bool null = number % 7 == 0;
    const std::string text = std::string(number % 5 == 0 ? 20 : 0, 'x') + std::to_string(number);
    builder.column(0).append(static_cast<std::int64_t>(number / 2));
    null ? builder.column(1).append_null() : builder.column(1).append(text);
    builder.end_row(Timestamp{});
    names.push_back(std::to_string(number / 2) + (null ? "null" : text));
  }

  std::span<const Column> view() { return builder.view(0, builder.rows(), columns).columns; }

  Selection all() const { return {nullptr, builder.rows()}; }
};

using Expected = std::map<std::string, std::uint64_t>;

/// Adds to some keys and erases others, in the state and in the map.
void change(Stored& stored, Expected& expected, Rng& rng, bool many) {
  Rows rows;
  for (int i = 0; i < 200; ++i)
    rows.add(rng.below(many ? 40'000 : 400));
  std::vector<std::uint32_t> entries(batch_rows_max);
  const std::uint64_t added = rng.below(1000);
  stored.keys->resolve(rows.view(), rows.all(), entries.data());
  stored.keys->mark(entries.data(), rows.all());
  for (std::uint32_t row = 0; row < 200; ++row) {
    value_of(*stored.keys, entries[row]) += added;
    expected[rows.names[row]] += added;
  }
  for (std::uint32_t row = 0; row < 200; row += many ? 8 : 1) {
    if (expected.erase(rows.names[row]) == 0) continue;
    stored.keys->mark(entries[row]);
    stored.keys->erase(entries[row]);
  }
}

void check_equal(const Stored& stored, const Expected& expected, Rng& rng) {
  REQUIRE(stored.keys->size() == expected.size());
  Rows rows;
  for (int i = 0; i < 200; ++i)
    rows.add(rng.below(40'000));
  std::vector<std::uint32_t> entries(batch_rows_max);
  stored.keys->find(rows.view(), rows.all(), entries.data());
  for (std::uint32_t row = 0; row < 200; ++row) {
    const auto found = expected.find(rows.names[row]);
    REQUIRE((entries[row] != KeyedState::none) == (found != expected.end()));
    if (found != expected.end()) REQUIRE(value_of(*stored.keys, entries[row]) == found->second);
  }
}

TEST_CASE("states by key are those of a map, across removals, checkpoints and crashes") {
  Rng rng(11);
  Stored stored({Type::int64, Type::string});
  Expected expected;
  Expected committed;
  for (int round = 0; round < 800; ++round) {
    change(stored, expected, rng, round / 200 % 2 == 0);
    if (rng.below(3) == 0) {
      stored.checkpoint();
      committed = expected;
    }
    if (rng.below(20) == 0) {
      stored.crash();
      expected = committed;
    }
    check_equal(stored, expected, rng);
  }
  std::size_t bytes = 0;
  for (const std::string& delta : stored.deltas)
    bytes += delta.size();
  CHECK(bytes < stored.keys->end() * std::size_t{60} * 6);
}

/// Resolves `count` numbers from `first` on; returns their entries.
std::vector<std::uint32_t> resolve_numbers(KeyedState& keys, std::int64_t first,
                                           std::uint32_t count) {
  std::vector<std::uint32_t> all;
  std::vector<std::int64_t> numbers(batch_rows_max);
  std::vector<std::uint32_t> entries(batch_rows_max);
  for (std::uint32_t done = 0; done < count; done += batch_rows_max) {
    const std::uint32_t rows = std::min(batch_rows_max, count - done);
    for (std::uint32_t i = 0; i < rows; ++i)
      numbers[i] = first + done + i;
    const Column column{Type::int64, Shape::flat, numbers.data(), nullptr};
    keys.resolve({&column, 1}, {nullptr, rows}, entries.data());
    all.insert(all.end(), entries.begin(), entries.begin() + rows);
  }
  return all;
}

TEST_CASE("keys that were erased give their numbers and most of their memory back") {
  KeyedState keys({Type::int64}, one_number);
  const auto entries = resolve_numbers(keys, 0, 100'000);
  const std::size_t full = keys.bytes();
  for (const std::uint32_t entry : entries)
    keys.erase(entry);
  CHECK(keys.size() == 0);
  CHECK(keys.bytes() < full / 10);
  CHECK(resolve_numbers(keys, 1'000'000, 100'000).front() == 0);
  CHECK(keys.end() == 100'000);
}

TEST_CASE("what an epoch writes is what changed, however many keys there are") {
  Stored stored({Type::int64});
  const auto entries = resolve_numbers(*stored.keys, 0, 200'000);
  for (const std::uint32_t entry : entries)
    stored.keys->mark(entry);
  stored.checkpoint();
  stored.keys->mark(entries[123'456]);
  CHECK(stored.keys->changed() == 1);
  stored.checkpoint();
  CHECK(stored.deltas.back().size() < 300 * std::size_t{32});
}

TEST_CASE("numbers of other bits may be one key: NaN, and zero with either sign") {
  KeyedState keys({Type::float64});
  const std::vector<double> values{0.0, -0.0, std::nan("1"), std::nan("2"), 1.0};
  std::vector<std::uint32_t> entries(values.size());
  const Column column{Type::float64, Shape::flat, values.data(), nullptr};
  keys.resolve({&column, 1}, {nullptr, 5}, entries.data());
  CHECK(entries == std::vector<std::uint32_t>{0, 0, 1, 1, 2});
}

TEST_CASE("NULL is a key, also of a number alone, and comes back as one") {
  for (const Type type : {Type(Type::int64), Type(Type::string), Type::decimal_of(10, 2)}) {
    Stored stored({type});
    const std::vector<Int128> values(3);
    const std::uint64_t valid = 0b101;
    const Column column{type, Shape::flat, values.data(), &valid};
    std::vector<std::uint32_t> entries(3);
    stored.keys->resolve({&column, 1}, {nullptr, 3}, entries.data());
    CHECK(entries == std::vector<std::uint32_t>{0, 1, 0});
    stored.keys->mark(entries.data(), {nullptr, 3});
    stored.checkpoint();
    stored.crash();
    ColumnVector place(type);
    const Column keys = stored.keys->keys(0, 0, 2, place);
    CHECK(!keys.is_null(0));
    CHECK(keys.is_null(1));
    stored.keys->find({&column, 1}, {nullptr, 3}, entries.data());
    CHECK(entries == std::vector<std::uint32_t>{0, 1, 0});
  }
}

}  // namespace
}  // namespace eventflux::runtime
