#include <cmath>

#include "eventflux/extension.hpp"

namespace eventflux::aggregates::stddev {
namespace {

enum class Measure : std::uint8_t {
  deviation_of_all,
  deviation_of_sample,
  variance_of_all,
  variance_of_sample
};

/// Mean and sum of squared distances from it, combined pairwise.
/// Source: Chan, Golub, LeVeque, Updating formulae and a pairwise algorithm for computing sample
/// variances, 1979; for one value it is Welford's update, 1962.
template <Measure measure>
struct Spread {
  using Input = double;
  using Output = double;

  struct State {
    double count = 0;
    double mean = 0;
    double squares = 0;
  };

  static void add(State& state, Input value) { merge(state, State{1, value, 0}); }

  static void merge(State& state, const State& newer) {
    if (newer.count == 0) return;
    const double count = state.count + newer.count;
    const double distance = newer.mean - state.mean;
    state.mean += distance * newer.count / count;
    state.squares += newer.squares + distance * distance * state.count * newer.count / count;
    state.count = count;
  }

  static std::optional<Output> result(const State& state) {
    constexpr bool sample =
        measure == Measure::deviation_of_sample || measure == Measure::variance_of_sample;
    const double divisor = sample ? state.count - 1 : state.count;
    if (divisor <= 0) return std::nullopt;
    const double variance = state.squares / divisor;
    constexpr bool root =
        measure == Measure::deviation_of_all || measure == Measure::deviation_of_sample;
    return root ? std::sqrt(variance) : variance;
  }
};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.aggregate<Spread<Measure::deviation_of_all>>("stddev",
                                                        "Standard deviation of the values.");
  registry.alias("stddev_pop", "stddev");
  registry.aggregate<Spread<Measure::deviation_of_sample>>("stddev_samp",
                                                           "Standard deviation of a sample.");
  registry.aggregate<Spread<Measure::variance_of_all>>("variance", "Variance of the values.");
  registry.alias("var_pop", "variance");
  registry.aggregate<Spread<Measure::variance_of_sample>>("var_samp", "Variance of a sample.");
}

}  // namespace eventflux::aggregates::stddev
