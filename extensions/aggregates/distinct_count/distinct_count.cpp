#include <cmath>
#include <concepts>
#include <unordered_map>

#include "eventflux/extension.hpp"

namespace eventflux::aggregates::distinct_count {
namespace {

/// Values and how often each is in the window. 0.0 and -0.0 are one value, and so are all NaN.
template <class Key>
struct Occurrences {
  // Held by pointer: states are moved as bytes, which a hash map does not survive.
  std::unique_ptr<std::unordered_map<Key, std::int64_t>> counts;

  void save(SnapshotWriter& writer) const {
    writer.put(static_cast<std::uint64_t>(counts ? counts->size() : 0));
    if (!counts) return;
    for (const auto& [key, count] : *counts) {
      if constexpr (std::same_as<Key, std::string>)
        writer.put_text(key);
      else
        writer.put(key);
      writer.put(count);
    }
  }

  Result<void> load(SnapshotReader& reader) {
    EF_TRY(const auto size, reader.get<std::uint64_t>());
    for (std::uint64_t i = 0; i < size; ++i) {
      Key key;
      if constexpr (std::same_as<Key, std::string>) {
        EF_TRY(key, reader.get_text());
      } else {
        EF_TRY(key, reader.get<Key>());
      }
      EF_TRY(const auto count, reader.get<std::int64_t>());
      map()[std::move(key)] = count;
    }
    return {};
  }

  std::unordered_map<Key, std::int64_t>& map() {
    if (!counts) counts = std::make_unique<std::unordered_map<Key, std::int64_t>>();
    return *counts;
  }
};

template <class T>
auto key_of(const T& value) {
  if constexpr (std::same_as<T, std::string_view>) {
    return std::string(value);
  } else if constexpr (std::floating_point<T>) {
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

template <class T>
struct DistinctCount {
  using Input = T;
  using Output = std::int64_t;
  using State = Occurrences<decltype(key_of(T{}))>;

  static void add(State& state, Input value) { ++state.map()[key_of(value)]; }

  static void remove(State& state, Input value) {
    const auto found = state.map().find(key_of(value));
    if (--found->second == 0) state.map().erase(found);
  }

  static std::optional<Output> result(const State& state) {
    return state.counts ? static_cast<Output>(state.counts->size()) : 0;
  }
};

/// In a sliding window text values stay in the ring, so it owns them.
struct DistinctText : DistinctCount<std::string_view> {
  struct State : Occurrences<std::string> {
    State() = default;

    State(const State& other) : Occurrences<std::string>{} {
      if (other.counts)
        counts = std::make_unique<std::unordered_map<std::string, std::int64_t>>(*other.counts);
    }

    State& operator=(State other) {
      counts = std::move(other.counts);
      return *this;
    }

    State(State&&) noexcept = default;
    ~State() = default;
  };

  static void add(State& state, Input value) { ++state.map()[std::string(value)]; }

  static void merge(State& state, const State& newer) {
    if (!newer.counts) return;
    for (const auto& [key, count] : *newer.counts)
      state.map()[key] += count;
  }

  static std::optional<Output> result(const State& state) {
    return state.counts ? static_cast<Output>(state.counts->size()) : 0;
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
  registry.aggregate<DistinctText>("distinct_count", text);
}

}  // namespace eventflux::aggregates::distinct_count
