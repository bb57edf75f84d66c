#include <algorithm>
#include <cmath>
#include <concepts>

#include "eventflux/extension.hpp"

#include "number_set.hpp"
#include "text_set.hpp"

namespace eventflux::aggregates::distinct_count {
namespace {

// 0.0 and -0.0 are one value, and so are all NaN.
template <class T>
std::int64_t number_of(const T& value) {
  if constexpr (std::floating_point<T>) {
    const double plain = std::isnan(value) ? std::nan("") : static_cast<double>(value) + 0.0;
    std::int64_t bits = 0;
    static_assert(sizeof bits == sizeof plain);
    std::memcpy(&bits, &plain, sizeof bits);
    return bits;
  } else if constexpr (std::same_as<T, Timestamp>) {
    return value.us;
  } else if constexpr (std::same_as<T, Duration>) {
    return static_cast<std::int64_t>(value.count());
  } else {
    return static_cast<std::int64_t>(value);
  }
}

/// Where values leave, how often each is in the window.
template <class T>
struct SlidingCount {
  using Input = T;
  using Output = std::int64_t;
  using State = WordTable;

  static void add(State& state, Input value) { ++state.word(number_of(value)); }

  static void remove(State& state, Input value) {
    const std::int64_t number = number_of(value);
    if (--state.word(number) == 0) state.erase(number);
  }

  static std::optional<Output> result(const State& state) {
    return static_cast<Output>(state.size());
  }
};

/// Of rows that are scattered over more groups than the cache holds, first the states are fetched
/// and then what they point at: many loads at once instead of one after another.
// Inlined all the way: g++ takes a function that only fetches for one without effects, and drops
// the call.
template <class T>
[[gnu::always_inline]] inline void fetch_sets(const AggregateBatch& batch) {
  constexpr std::size_t cached_bytes = 1U << 18U;
  std::uint32_t largest = 0;
  for (std::uint32_t i = 0; i < batch.rows.count; ++i)
    largest = std::max(largest, batch.groups[batch.rows[i]]);
  if (largest * batch.lane.stride < cached_bytes) return;
  for (std::uint32_t i = 0; i < batch.rows.count; ++i) {
    const std::uint32_t row = batch.rows[i];
    if (batch.input.is_null(row)) continue;
    __builtin_prefetch(batch.lane.place(batch.groups[row]), 1);
  }
  for (std::uint32_t i = 0; i < batch.rows.count; ++i) {
    const std::uint32_t row = batch.rows[i];
    if (batch.input.is_null(row)) continue;
    batch.lane.at<NumberSet>(batch.groups[row]).fetch(number_of(detail::read<T>(batch.input, row)));
  }
}

template <class T>
struct DistinctCount {
  using Input = T;
  using Output = std::int64_t;
  using State = NumberSet;
  using Sliding = SlidingCount<T>;

  [[gnu::always_inline]] static void fetch(const AggregateBatch& batch) { fetch_sets<T>(batch); }

  static void add(State& state, Input value) { state.insert(number_of(value)); }

  static void merge(State& state, const State& newer) {
    newer.for_each([&](std::int64_t number) { state.insert(number); });
  }

  static std::optional<Output> result(const State& state) {
    return static_cast<Output>(state.size());
  }
};

/// In a sliding window sets of texts are merged.
struct DistinctText {
  using Input = std::string_view;
  using Output = std::int64_t;
  using State = TextSet;

  static void add(State& state, Input value) { state.insert(value); }

  static void merge(State& state, const State& newer) {
    newer.for_each([&](std::string_view text) { state.insert(text); });
  }

  static std::optional<Output> result(const State& state) {
    return static_cast<Output>(state.size());
  }
};

/// A DECIMAL by its octets: within a column equal numbers have equal ones.
struct DistinctDecimal {
  using Input = Int128;
  using Output = std::int64_t;
  using State = TextSet;

  static void add(State& state, Input value) {
    std::array<char, sizeof value> octets;
    std::memcpy(octets.data(), &value, sizeof value);
    state.insert({octets.data(), octets.size()});
  }

  static void merge(State& state, const State& newer) { DistinctText::merge(state, newer); }

  static std::optional<Output> result(const State& state) {
    return static_cast<Output>(state.size());
  }
};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  constexpr auto text = "Counts values that differ from each other.";
  registry.aggregate<DistinctCount<bool>>("distinct_count", text);
  registry.aggregate<DistinctCount<std::int32_t>>("distinct_count", text);
  registry.aggregate<DistinctCount<std::int64_t>>("distinct_count", text);
  registry.aggregate<DistinctCount<float>>("distinct_count", text);
  registry.aggregate<DistinctCount<double>>("distinct_count", text);
  registry.aggregate<DistinctCount<Timestamp>>("distinct_count", text);
  registry.aggregate<DistinctCount<Duration>>("distinct_count", text);
  registry.aggregate<DistinctDecimal>("distinct_count", text);
  registry.aggregate<DistinctText>("distinct_count", text);
  registry.aggregate_octets("distinct_count");
}

}  // namespace eventflux::aggregates::distinct_count
