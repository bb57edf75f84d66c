#include <limits>

#include "eventflux/extension.hpp"
#include "eventflux/wide_sum.hpp"

namespace eventflux::aggregates::sum {
namespace {

std::int64_t whole(std::int64_t value) {
  return value;
}

std::int64_t whole(Duration value) {
  return value.count();
}

/// Exact in 128 bits: a sum that left the range of BIGINT and came back is right again.
template <class T>
struct SumOfWholes {
  using Input = T;
  using Output = T;

  using State = WholeSum;

  static void add(State& state, Input value) { state.add(whole(value)); }

  static void remove(State& state, Input value) { state.remove(whole(value)); }

  static void merge(State& state, const State& newer) { state.merge(newer); }

  static std::optional<Output> result(const State& state) {
    if (state.values == 0 || overflows(state)) return std::nullopt;
    return Output(static_cast<std::int64_t>(state.total()));
  }

  static bool overflows(const State& state) {
    return state.total() > std::numeric_limits<std::int64_t>::max() ||
           state.total() < std::numeric_limits<std::int64_t>::min();
  }
};

/// Exact in 192 bits: sums of DECIMAL leave 128 bits after two values.
struct SumOfDecimals {
  using Input = Int128;
  using Output = Int128;
  static constexpr bool widens = true;

  struct State {
    WideSum total{};
    std::int64_t values = 0;
    std::int64_t unused = 0;  // no byte of a snapshot is left to chance
  };

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
  }

  static std::optional<Output> result(const State& state) {
    if (state.values == 0) return std::nullopt;
    return state.total.number();
  }

  static bool overflows(const State& state) { return !state.total.number(); }
};

struct SumOfReals {
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
    return state.total;
  }
};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  constexpr auto text =
      "Adds values: BIGINT of whole numbers and DECIMAL of DECIMAL, exact; DURATION of DURATION; "
      "DOUBLE of others.";
  registry.aggregate<SumOfWholes<std::int64_t>>("sum", text);
  registry.aggregate<SumOfReals>("sum", text);
  registry.aggregate<SumOfDecimals>("sum", text);
  registry.aggregate<SumOfWholes<Duration>>("sum", text);
}

}  // namespace eventflux::aggregates::sum
