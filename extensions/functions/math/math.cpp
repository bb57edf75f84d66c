#include "math.hpp"

#include <numbers>

namespace eventflux::functions::math {
namespace {

ScalarFunction random_function() {
  ScalarFunction rand;
  rand.name = "rand";
  rand.text = "Number in [0, 1) that depends on the seed of the app and the row only.";
  rand.result = Type::float64;
  rand.stable = false;
  rand.body = [](FunctionCall& call) {
    auto* values = call.out.data<double>();
    for_each_row(call.selection, [&](std::uint32_t row) {
      values[row] = static_cast<double>(call.random(row) >> 11U) * 0x1.0p-53;
    });
  };
  return rand;
}

}  // namespace

void register_extension(Registry& registry) {
  register_real(registry);
  register_whole(registry);
  register_exact(registry);
  registry.function("pi", "The ratio of circumference to diameter.",
                    [] { return std::numbers::pi; });
  registry.function(random_function());
  registry.alias("ceiling", "ceil");
  registry.alias("truncate", "trunc");
  registry.alias("power", "pow");
}

}  // namespace eventflux::functions::math
