#include <doctest/doctest.h>

#include "eventflux/extension.hpp"
#include "eventflux/transport.hpp"

namespace eventflux::connectors::console {

void register_extension(Registry& registry);

namespace {

class Screen final : public Output {
 public:
  std::string text{};
  bool person = false;

  void write(const void* writer, std::string_view more) override {
    last_ = writer;
    text += more;
  }

  bool wrote_last(const void* writer) const override { return last_ == writer; }

  bool terminal() const override { return person; }

 private:
  const void* last_ = nullptr;
};

class NoFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string&, OpenMode) override { return none(); }

  Result<std::optional<FileStat>> stat(const std::string&) override { return none(); }

  Result<void> rename(const std::string&, const std::string&) override { return none(); }

  Result<void> remove(const std::string&) override { return none(); }

  Result<std::vector<std::string>> glob(const std::string&) override { return none(); }

 private:
  static Error none() { return {Code::file_failed, "no files"}; }
};

class NoTransport final : public Transport {
 public:
  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions&, const StopSignal&) override {
    return Error{Code::connection_refused, "no network"};
  }

  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions&) override {
    return Error{Code::connection_refused, "no network"};
  }
};

class NoLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

/// A host without files, network or log: the console asks for none of them.
class Bench {
 public:
  Screen screen{};

  std::unique_ptr<Sink> sink(const ParamValues& values) {
    Registry registry;
    register_extension(registry);
    auto made = registry.find_sink("console")->make(values, context_).value();
    CHECK(made->open(schema_).ok());
    return made;
  }

  void write(Sink& sink, const std::vector<std::vector<Value>>& rows) {
    BatchBuilder builder(schema_);
    for (const auto& row : rows)
      CHECK(builder.append(row, Timestamp{1}).ok());
    std::vector<Column> columns;
    const Batch batch = builder.view(0, builder.rows(), columns);
    CHECK(sink.write({.rows = &batch}).verdict == Verdict::accepted);
  }

  Context& context() { return context_; }

 private:
  Schema schema_{{{"s", Type::string}, {"n", Type::int64}}};
  VirtualClock clock_{};
  Rng rng_{1};
  NoFiles files_{};
  NoTransport transport_{};
  NoLog log_{};
  Context context_{.clock = clock_,
                   .rng = rng_,
                   .files = files_,
                   .transport = transport_,
                   .log = log_,
                   .out = &screen};
};

}  // namespace

TEST_CASE("rows are JSON lines for programs and a box for people") {
  Bench bench;
  const auto json = bench.sink({});
  bench.write(*json, {{"a", 1}, {Value(), 2}});
  CHECK(bench.screen.text == "{\"s\":\"a\",\"n\":1}\n{\"s\":null,\"n\":2}\n");
  bench.screen.text.clear();
  bench.screen.person = true;
  {
    const auto box = bench.sink({});
    bench.write(*box, {{"a", 1}});
    bench.write(*box, {{"b", 2}});
  }
  CHECK(bench.screen.text ==
        "┌────────┬────────┐\n│ s      │ n      │\n│ string │ bigint │\n├────────┼────────┤\n"
        "│ a      │      1 │\n│ b      │      2 │\n└────────┴────────┘\n");
}

TEST_CASE("a header comes again after another stream") {
  Bench bench;
  const auto first = bench.sink({{"format", "csv"}});
  const auto second = bench.sink({{"format", "csv"}});
  bench.write(*first, {{"a", 1}});
  bench.write(*first, {{"b", 1}});
  bench.write(*second, {{"c", 1}});
  bench.write(*first, {{"d", 1}});
  CHECK(bench.screen.text == "s,n\na,1\nb,1\ns,n\nc,1\ns,n\nd,1\n");
}

TEST_CASE("max.rows ends the output") {
  Bench bench;
  const auto sink = bench.sink({{"format", "raw"}, {"max.rows", "2"}});
  bench.write(*sink, {{"a", 1}});
  bench.write(*sink, {{"b", 2}, {"c", 3}});
  bench.write(*sink, {{"d", 4}});
  CHECK(bench.screen.text == "a\t1\nb\t2\n");
}

TEST_CASE("an unknown format is refused and no output is no error") {
  Bench bench;
  Registry registry;
  register_extension(registry);
  const SinkEntry* console = registry.find_sink("console");
  CHECK(code_text(console->make({{"format", "xml"}}, bench.context()).error().code) == "EF0303");
  bench.context().out = nullptr;
  const auto sink = bench.sink({});
  bench.write(*sink, {{"a", 1}});
  CHECK(bench.screen.text.empty());
}

}  // namespace eventflux::connectors::console
