#include "time_functions.hpp"

namespace eventflux::functions::time {
namespace {

// A function of the row's own stamps; `arrived` may be left out when it equals `time`.
ScalarFunction stamp_function(const char* name, const char* text, bool arrival) {
  ScalarFunction function;
  function.name = name;
  function.text = text;
  function.result = Type::timestamp;
  function.stable = false;
  function.body = [arrival](FunctionCall& call) {
    const std::int64_t* stamps = arrival && call.arrived != nullptr ? call.arrived : call.time;
    auto* values = call.out.data<std::int64_t>();
    for_each_row(call.selection, [&](std::uint32_t row) { values[row] = stamps[row]; });
  };
  return function;
}

}  // namespace

void register_extension(Registry& registry) {
  registry.function(stamp_function("now", "When the row arrived, by the clock of the app.", true));
  registry.alias("current_timestamp", "now");
  registry.function(
      stamp_function("event_timestamp", "The row's event time, else its arrival.", false));
  register_text(registry);
  register_calendar(registry);
}

}  // namespace eventflux::functions::time
