#include "eventflux/extension.hpp"

namespace eventflux::aggregates::logical {
namespace {

enum class Junction : std::uint8_t { all, any };

/// Counts of TRUE and FALSE, so that values can be taken out again.
template <Junction junction>
struct Vote {
  using Input = bool;
  using Output = bool;

  struct State {
    std::int64_t yes = 0;
    std::int64_t no = 0;
  };

  static void add(State& state, Input value) { ++(value ? state.yes : state.no); }

  static void remove(State& state, Input value) { --(value ? state.yes : state.no); }

  static void merge(State& state, const State& newer) {
    state.yes += newer.yes;
    state.no += newer.no;
  }

  static std::optional<Output> result(const State& state) {
    if (state.yes + state.no == 0) return std::nullopt;
    return junction == Junction::all ? state.no == 0 : state.yes != 0;
  }
};

}  // namespace

void register_extension(Registry& registry);

void register_extension(Registry& registry) {
  registry.aggregate<Vote<Junction::all>>("and", "Whether all values are TRUE.");
  registry.alias("bool_and", "and");
  registry.aggregate<Vote<Junction::any>>("or", "Whether any value is TRUE.");
  registry.alias("bool_or", "or");
}

}  // namespace eventflux::aggregates::logical
