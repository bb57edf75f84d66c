#pragma once

#include <memory>
#include <string>

#include "eventflux/extension.hpp"

/// A registry of small extensions, so that the tests of this layer and of plan link nothing else.
namespace eventflux::semantic {

struct TestOptions {
  std::string url{};
  std::int64_t limit = 10;
  ParamMap headers{};
};

inline ParamSpec<TestOptions> test_params() {
  return {param("url", &TestOptions::url, "Where.").required("wss://feed.example.com"),
          param("limit", &TestOptions::limit, "How many."),
          param("headers.", &TestOptions::headers, "More headers.")};
}

struct TestSource final : eventflux::Source {
  TestSource(const TestOptions&, Context&) {}

  Result<void> run(Emitter&) override { return {}; }

  void stop() noexcept override {}
};

struct TestSink final : eventflux::Sink {
  TestSink(const TestOptions&, Context&) {}

  Result<void> open(const Schema&) override { return {}; }

  WriteResult write(const OutputBatch&) override { return WriteResult::accepted(); }
};

template <class In, class Out>
struct TestAggregate {
  using Input = In;
  using Output = Out;

  struct State {
    std::int64_t rows = 0;
  };

  static void add(State& state, Input) { ++state.rows; }

  static void merge(State& state, const State& newer) { state.rows += newer.rows; }

  static std::optional<Output> result(const State&) { return Output{}; }
};

struct TestCount {
  using Input = void;
  using Output = std::int64_t;

  struct State {
    std::int64_t rows = 0;
  };

  static void add(State& state) { ++state.rows; }

  static void remove(State& state) { --state.rows; }

  static std::optional<Output> result(const State& state) { return state.rows; }
};

struct TestRows final : WindowEvictor {
  void evict(const WindowInput&, std::span<std::uint32_t>) override {}

  void snapshot(SnapshotWriter&) const override {}

  Result<void> restore(SnapshotReader&) override { return {}; }
};

struct TestBatches final : WindowAssigner {
  explicit TestBatches(bool timed) : timed_(timed) {}

  void assign(const WindowInput&, std::span<AssignedSlice>) override {}

  WindowTrigger trigger() const override {
    return timed_ ? WindowTrigger::time : WindowTrigger::row;
  }

 private:
  bool timed_;
};

inline void add_test_windows(Registry& registry) {
  const auto check = [](std::span<const WindowArgument> arguments, Type type) {
    return arguments.size() == 1 && arguments[0].type == type && arguments[0].value > 0;
  };
  registry.window(
      {.name = "LENGTH",
       .text = "Last rows.",
       .signature = "LENGTH(rows)",
       .evictor = [check](auto arguments) -> Result<std::unique_ptr<WindowEvictor>> {
         if (check(arguments, Type::int64))
           return std::unique_ptr<WindowEvictor>(std::make_unique<TestRows>());
         return Error{Code::unknown_window, "LENGTH takes one number of rows", "LENGTH(10)"};
       }});
  const auto batches = [&](const std::string& name, Type type) {
    const auto make = [check, type,
                       name](auto arguments) -> Result<std::unique_ptr<WindowAssigner>> {
      if (!check(arguments, type)) return Error{Code::unknown_window, name + " takes one size", ""};
      return std::unique_ptr<WindowAssigner>(std::make_unique<TestBatches>(type == Type::duration));
    };
    registry.window(
        {.name = name, .text = "Batches.", .signature = name + "(size)", .assigner = make});
  };
  batches("TUMBLING", Type::duration);
  batches("LENGTH_BATCH", Type::int64);
}

template <class T>
void add_test_aggregates(Registry& registry) {
  registry.aggregate<TestAggregate<T, std::int64_t>>("count", "Values.");
  registry.aggregate<TestAggregate<T, std::int64_t>>("distinct_count", "Values.");
  registry.aggregate<TestAggregate<T, T>>("last", "Last.");
  registry.aggregate<TestAggregate<T, T>>("max", "Largest.");
}

inline void add_test_functions(Registry& registry) {
  registry.function("abs", "Absolute.", [](double x) { return x < 0 ? -x : x; });
  registry.function("abs", "Absolute.", [](std::int64_t x) { return x < 0 ? -x : x; });
  registry.function("upper", "Upper case.", [](std::string_view) { return std::string(); });
  registry.function("regexp_matches", "Matches.",
                    [](std::string_view, std::string_view) { return true; });
  registry.function("hour", "Hour.", [](Timestamp) { return std::int32_t{0}; });
  registry.function({.name = "coalesce",
                     .text = "First that is not NULL.",
                     .infer = [](std::span<const Type> types) -> std::optional<Type> {
                       for (const Type type : types)
                         if (type != types[0]) return std::nullopt;
                       return types.empty() ? std::nullopt : std::optional<Type>(types[0]);
                     },
                     .signature = "coalesce(a, …)",
                     .body = [](FunctionCall&) {}});
  registry.aggregate<TestCount>("count", "Rows.");
  registry.aggregate<TestAggregate<std::int64_t, std::int64_t>>("sum", "Sum.");
  registry.aggregate<TestAggregate<double, double>>("sum", "Sum.");
  registry.aggregate<TestAggregate<double, double>>("avg", "Mean.");
  add_test_aggregates<std::int32_t>(registry);
  add_test_aggregates<std::int64_t>(registry);
  add_test_aggregates<double>(registry);
  add_test_aggregates<Timestamp>(registry);
  add_test_aggregates<std::string_view>(registry);
}

inline Registry test_registry() {
  Registry registry;
  registry.source<TestSource>("websocket", "A socket.", {.network = true}, test_params());
  registry.source<TestSource>("file", "A file.", {.delivery = SourceClass::r2_seekable},
                              test_params());
  registry.source<TestSource>("timer", "Ticks.", {.rows = true}, ParamSpec<TestOptions>{});
  registry.sink<TestSink>("console", "The terminal.", {.rows = true}, ParamSpec<TestOptions>{});
  registry.sink<TestSink>("http", "A server.",
                          {.delivery = SinkClass::s1_acknowledged, .network = true}, test_params());
  registry.sink<TestSink>("store", "A store.", {.delivery = SinkClass::s3_transactional},
                          test_params());
  registry.mapper(
      {.name = "json",
       .text = "JSON.",
       .decoder_params = infos<TestOptions>({param("each", &TestOptions::url, "Elements.")}),
       .encoder_params = {},
       .decoder = [](const ParamValues&, const DecoderSpec&) -> Result<std::unique_ptr<Decoder>> {
         return std::unique_ptr<Decoder>();
       },
       .encoder = [](const ParamValues&, const Schema&) -> Result<std::unique_ptr<Encoder>> {
         return std::unique_ptr<Encoder>();
       }});
  add_test_windows(registry);
  add_test_functions(registry);
  return registry;
}

}  // namespace eventflux::semantic
