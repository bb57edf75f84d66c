#include <limits>

#include "eventflux/extension.hpp"

namespace eventflux::aggregates::sum {
namespace {

__extension__ using Wide = __int128;

/// Exact in 128 bits: a sum that left the range of BIGINT and came back is right again.
struct IntegerSum {
  using Input = std::int64_t;
  using Output = std::int64_t;

  struct State {
    Wide total = 0;
    std::int64_t values = 0;
  };

  static void add(State& state, Input value) {
    state.total += value;
    ++state.values;
  }

  static void remove(State& state, Input value) {
    state.total -= value;
    --state.values;
  }

  static void merge(State& state, const State& newer) {
    state.total += newer.total;
    state.values += newer.values;
  }

  static std::optional<Output> result(const State& state) {
    const bool fits = state.total <= std::numeric_limits<Output>::max() &&
                      state.total >= std::numeric_limits<Output>::min();
    if (state.values == 0 || !fits) return std::nullopt;
    return static_cast<Output>(state.total);
  }

  static bool overflows(const State& state) {
    return state.total > std::numeric_limits<Output>::max() ||
           state.total < std::numeric_limits<Output>::min();
  }
};

struct RealSum {
  using Input = double;
  using Output = double;

  struct State {
    double total = 0;
    std::int64_t values = 0;
  };

  using Packed = double;
  static constexpr Packed neutral = 0.0;

  /// A sum begins with 0.0, which turns -0.0 into 0.0.
  static Packed pack(Input value) { return value + 0.0; }

  static Packed merge_packed(Packed older, Packed newer) { return older + newer; }

  static State unpack(Packed total, std::uint32_t rows) { return {total, rows}; }

  static void add(State& state, Input value) {
    state.total += value;
    ++state.values;
  }

  static void merge(State& state, const State& newer) {
    state.total += newer.total;
    state.values += newer.values;
  }

  static std::optional<Output> result(const State& state) {
    if (state.values == 0) return std::nullopt;
    return state.total;
  }
};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  constexpr auto text = "Adds values: BIGINT of whole numbers, exact; DOUBLE of others.";
  registry.aggregate<IntegerSum>("sum", text);
  registry.aggregate<RealSum>("sum", text);
}

}  // namespace eventflux::aggregates::sum
