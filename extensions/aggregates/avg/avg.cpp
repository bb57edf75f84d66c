#include <algorithm>
#include <cmath>

#include "eventflux/extension.hpp"
#include "eventflux/wide_sum.hpp"

namespace eventflux::aggregates::avg {
namespace {

/// Whole numbers are summed exactly, so values can be taken out again.
struct IntegerAverage {
  using Input = std::int64_t;
  using Output = double;

  using State = WholeSum;

  static void add(State& state, Input value) { state.add(value); }

  static void remove(State& state, Input value) { state.remove(value); }

  static void merge(State& state, const State& newer) { state.merge(newer); }

  static std::optional<Output> result(const State& state) {
    if (state.values == 0) return std::nullopt;
    return static_cast<double>(state.total()) / static_cast<double>(state.values);
  }
};

/// The mean of a DURATION is cut at the microsecond.
struct DurationAverage {
  using Input = Duration;
  using Output = Duration;
  using State = WholeSum;

  static void add(State& state, Input value) { IntegerAverage::add(state, value.count()); }

  static void remove(State& state, Input value) { IntegerAverage::remove(state, value.count()); }

  static void merge(State& state, const State& newer) { IntegerAverage::merge(state, newer); }

  static std::optional<Output> result(const State& state) {
    if (state.values == 0) return std::nullopt;
    return Output(static_cast<std::int64_t>(state.total() / state.values));
  }
};

/// Digits are summed exactly, and divided once.
struct DecimalAverage {
  using Input = Int128;
  using Output = double;

  struct State {
    WideSum total{};
    std::int64_t values = 0;
    std::int64_t scale = 0;
  };

  static void note_type(State& state, Type type) { state.scale = type.scale; }

  static void add(State& state, Input value) {
    state.total.add(value);
    ++state.values;
  }

  static void remove(State& state, Input value) {
    state.total.add(-value);
    --state.values;
  }

  static void merge(State& state, const State& newer) {
    state.total.add(newer.total);
    state.values += newer.values;
    state.scale = std::max(state.scale, newer.scale);  // 0 where no row has come yet
  }

  static std::optional<Output> result(const State& state) {
    if (state.values == 0) return std::nullopt;
    const auto exact = state.total.number();
    const double sum = exact ? to_real(Decimal{*exact, 0}) : state.total.real();
    return sum / (static_cast<double>(state.values) * std::pow(10.0, state.scale));
  }
};

struct RealAverage {
  using Input = double;
  using Output = double;

  using State = RealSum;

  using Packed = double;
  static constexpr Packed neutral = 0.0;

  /// A sum begins with 0.0, which turns -0.0 into 0.0.
  static Packed pack(Input value) { return value + 0.0; }

  static Packed merge_packed(Packed older, Packed newer) { return older + newer; }

  static State unpack(Packed total, std::uint32_t rows) { return {total, rows}; }

  static void add(State& state, Input value) { state.add(value); }

  static void merge(State& state, const State& newer) { state.merge(newer); }

  static std::optional<Output> result(const State& state) {
    if (state.values == 0) return std::nullopt;
    return state.total / static_cast<double>(state.values);
  }
};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  constexpr auto text = "The mean of the values that are not NULL; NaN when one of them is NaN.";
  registry.aggregate<IntegerAverage>("avg", text);
  registry.aggregate<RealAverage>("avg", text);
  registry.aggregate<DecimalAverage>("avg", text);
  registry.aggregate<DurationAverage>("avg", text);
}

}  // namespace eventflux::aggregates::avg
