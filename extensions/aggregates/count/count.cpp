#include "eventflux/extension.hpp"

namespace eventflux::aggregates::count {
namespace {

struct RowCount {
  using Input = void;
  using Output = std::int64_t;

  struct State {
    std::int64_t rows = 0;
  };

  static void add(State& state) { ++state.rows; }

  static void remove(State& state) { --state.rows; }

  static void merge(State& state, const State& newer) { state.rows += newer.rows; }

  static std::optional<Output> result(const State& state) { return state.rows; }
};

template <class T>
struct ValueCount {
  using Input = T;
  using Output = std::int64_t;

  struct State {
    std::int64_t values = 0;
  };

  static void add(State& state, Input) { ++state.values; }

  static void merge(State& state, const State& newer) { state.values += newer.values; }

  static std::optional<Output> result(const State& state) { return state.values; }
};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  constexpr auto text = "Counts rows, or values that are not NULL.";
  registry.aggregate<RowCount>("count", text);
  registry.aggregate<ValueCount<bool>>("count", text);
  registry.aggregate<ValueCount<std::int32_t>>("count", text);
  registry.aggregate<ValueCount<std::int64_t>>("count", text);
  registry.aggregate<ValueCount<float>>("count", text);
  registry.aggregate<ValueCount<double>>("count", text);
  registry.aggregate<ValueCount<Timestamp>>("count", text);
  registry.aggregate<ValueCount<Duration>>("count", text);
  registry.aggregate<ValueCount<std::string_view>>("count", text);
}

}  // namespace eventflux::aggregates::count
