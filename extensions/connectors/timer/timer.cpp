#include <atomic>

#include "eventflux/extension.hpp"

namespace eventflux::connectors::timer {
namespace {

struct Options {
  Duration interval = std::chrono::seconds(1);
  bool align = false;
  std::int64_t count = 0;
};

/// Returns the next multiple of `step` since 1970 behind `time`.
Timestamp next_multiple(Timestamp time, Duration step) {
  const std::int64_t rest = ((time.us % step.count()) + step.count()) % step.count();
  return time + (step - Duration(rest));
}

Result<void> check_column(const Field& field) {
  const bool tick = field.name == "tick";
  const bool time = field.name == "scheduled" || field.name == "fired";
  if (!tick && !time) {
    return Error{Code::unknown_column, "a timer has no column '" + field.name + "'",
                 "columns: tick STRING or BIGINT, scheduled TIMESTAMP, fired TIMESTAMP"};
  }
  const bool fits = tick ? field.type == Type::string || field.type == Type::int64
                         : field.type == Type::timestamp;
  if (fits) return {};
  return Error{
      Code::type_mismatch,
      "column '" + field.name + "' of a timer cannot be " + std::string(type_name(field.type)),
      "columns: tick STRING or BIGINT, scheduled TIMESTAMP, fired TIMESTAMP"};
}

std::optional<ColumnFault> check_columns(const Schema& schema, const ParamValues& = {}) {
  for (std::size_t i = 0; i < schema.size(); ++i)
    if (auto checked = check_column(schema.fields[i]); !checked.ok())
      return ColumnFault{i, checked.error()};
  return std::nullopt;
}

class TimerSource final : public Source {
 public:
  TimerSource(Options options, Context& context) : options_(options), clock_(context.clock) {}

  Result<void> run(Emitter& out) override {
    if (auto fault = check_columns(out.schema())) return std::move(fault->error);
    out.live();
    const Timestamp began = clock_.now();
    Timestamp scheduled =
        options_.align ? next_multiple(began, options_.interval) : began + options_.interval;
    for (std::int64_t tick = 1; options_.count == 0 || tick <= options_.count; ++tick) {
      if (!wait_until(scheduled, out)) return {};
      EF_CHECK(emit(tick, scheduled, out));
      // What was missed while the machine slept is not made up for.
      scheduled = scheduled + options_.interval;
      const Timestamp now = clock_.now();
      if (scheduled + options_.interval <= now)
        scheduled = scheduled + (now - scheduled) / options_.interval * options_.interval;
    }
    return Error{Code::end_of_input,
                 "the timer has fired " + std::to_string(options_.count) + " times"};
  }

  void stop() noexcept override { stopping_ = true; }

 private:
  bool wait_until(Timestamp time, Emitter& out) {
    while (!out.stopping() && !stopping_) {
      const Duration left = time - clock_.now();
      if (left.count() <= 0) return true;
      out.pause(left);
    }
    return false;
  }

  Result<void> emit(std::int64_t tick, Timestamp scheduled, Emitter& out) {
    const Schema& schema = out.schema();
    const Timestamp now = clock_.now();
    for (std::size_t i = 0; i < schema.size(); ++i) {
      ColumnBuilder& column = out.rows().column(i);
      const Field& field = schema.fields[i];
      if (field.name != "tick") {
        column.append(field.name == "fired" ? now : scheduled);
      } else if (field.type == Type::string) {
        column.append(std::string_view("tick"));
      } else {
        column.append(tick);
      }
    }
    out.rows().end_row(now);
    return out.emit_rows({{}, {}, static_cast<std::uint64_t>(tick)});
  }

  Options options_;
  Clock& clock_;
  std::atomic<bool> stopping_{false};
};

}  // namespace

void register_extension(Registry& registry) {
  ParamSpec<Options> params{
      param("interval", &Options::interval, "Time between two rows.")
          .example("500ms")
          .at_least(Duration(1)),
      param("align", &Options::align, "Fires at whole multiples of the interval since 1970 UTC."),
      param("count", &Options::count, "Rows after which the source ends; 0: never.").at_least(0),
  };
  registry.source<TimerSource>(
      "timer", "Emits one row per interval.",
      {.delivery = SourceClass::r0_volatile,
       .rows = true,
       .check_columns = [](const Schema& schema,
                           const ParamValues& values) { return check_columns(schema, values); }},
      std::move(params));
}

}  // namespace eventflux::connectors::timer
