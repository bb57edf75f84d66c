#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "number_set.hpp"
#include "text_set.hpp"

namespace eventflux::aggregates::distinct_count {
namespace {

/// Numbers as they are counted: given out one after another, spread over all, and reals as bits.
std::int64_t draw(Rng& rng, int kind, std::uint64_t range) {
  const auto number = static_cast<std::int64_t>(rng.below(range));
  if (kind == 0) return number - static_cast<std::int64_t>(range / 2);
  if (kind == 1) return static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << 40U);
  const auto real = static_cast<double>(number);
  std::int64_t bits = 0;
  std::memcpy(&bits, &real, sizeof bits);
  return bits;
}

template <class Set>
Set stored_and_loaded(const Set& set) {
  SnapshotWriter writer;
  set.save(writer);
  const std::string bytes = writer.take();
  SnapshotReader reader(bytes);
  Set loaded;
  REQUIRE(loaded.load(reader).ok());
  CHECK(reader.at_end());
  return loaded;
}

/// A set of numbers beside an ordered one.
struct NumberSets {
  NumberSet set{};
  std::set<std::int64_t> expected{};

  void insert(std::int64_t value) {
    set.insert(value);
    expected.insert(value);
    REQUIRE(set.size() == expected.size());
  }

  void check_stored() const {
    NumberSet loaded = stored_and_loaded(set);
    CHECK(loaded.size() == expected.size());
    for (const std::int64_t value : expected)
      loaded.insert(value);
    CHECK(loaded.size() == expected.size());
  }
};

/// A table of counts beside an ordered one, and the numbers that are in both.
struct CountedWindow {
  WordTable table{};
  std::map<std::int64_t, std::uint64_t> expected{};
  std::vector<std::int64_t> numbers{};

  void slide(Rng& rng, int kind) {
    if (numbers.size() > 500 || (!numbers.empty() && rng.below(3) == 0)) {
      remove(rng.below(numbers.size()));
    } else {
      add(draw(rng, kind, 300));
    }
    REQUIRE(table.size() == expected.size());
  }

  void add(std::int64_t value) {
    numbers.push_back(value);
    ++table.word(value);
    ++expected[value];
  }

  void remove(std::size_t place) {
    std::swap(numbers[place], numbers.back());
    const std::int64_t value = numbers.back();
    numbers.pop_back();
    if (--table.word(value) == 0) table.erase(value);
    if (--expected[value] == 0) expected.erase(value);
  }

  void check_stored() const {
    WordTable loaded = stored_and_loaded(table);
    for (const auto& [value, count] : expected)
      CHECK(loaded.word(value) == count);
    CHECK(loaded.size() == expected.size());
  }
};

}  // namespace

TEST_CASE("a set of numbers counts what an ordered set counts") {
  Rng rng(3);
  for (int kind = 0; kind < 3; ++kind) {
    for (const std::uint64_t range : {3U, 4U, 5U, 40U, 20'000U}) {
      NumberSets sets;
      for (int i = 0; i < 5000; ++i)
        sets.insert(draw(rng, kind, range));
      sets.check_stored();
    }
  }
}

TEST_CASE("a table of counts forgets a number with its last occurrence") {
  Rng rng(4);
  for (int kind = 0; kind < 3; ++kind) {
    CountedWindow window;
    for (int i = 0; i < 20'000; ++i)
      window.slide(rng, kind);
    window.check_stored();
  }
}

TEST_CASE("a set of texts counts what an ordered set counts") {
  Rng rng(5);
  TextSet set;
  std::set<std::string> expected;
  constexpr std::array<const char*, 4> pieces{"a", "é", "", "long enough to be on the heap"};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (std::uint64_t n = rng.below(5); n > 0; --n)
      text += pieces[rng.below(pieces.size())];
    set.insert(text);
    expected.insert(text);
    REQUIRE(set.size() == expected.size());
  }
  TextSet copy = stored_and_loaded(set);
  copy = set;
  for (const std::string& text : expected)
    copy.insert(text);
  CHECK(copy.size() == expected.size());
}

}  // namespace eventflux::aggregates::distinct_count
