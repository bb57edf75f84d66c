#include <doctest/doctest.h>

#include "eventflux/extension.hpp"
#include "eventflux/transport.hpp"

namespace eventflux::connectors::log {

void register_extension(Registry& registry);

namespace {

class Lines final : public Log {
 public:
  std::vector<std::string> lines{};

  void write(LogLevel level, std::string_view text) override {
    lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(text));
  }
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

class Bench {
 public:
  Lines log{};
  VirtualClock clock{};

  Result<std::unique_ptr<Sink>> make(const ParamValues& values) {
    Registry registry;
    register_extension(registry);
    return registry.find_sink("log")->make(values, context_);
  }

  void write(Sink& sink, const std::vector<Value>& row) {
    CHECK(sink.open(schema_).ok());
    again(sink, row);
  }

  void again(Sink& sink, const std::vector<Value>& row) {
    BatchBuilder builder(schema_);
    CHECK(builder.append(row, Timestamp{1}).ok());
    std::vector<Column> columns;
    const Batch batch = builder.view(0, 1, columns);
    CHECK(sink.write({.rows = &batch}).verdict == Verdict::accepted);
  }

 private:
  Schema schema_{{{"s", Type::string}, {"n", Type::int64}}};
  Rng rng_{1};
  NoFiles files_{};
  NoTransport transport_{};
  Context context_{.clock = clock,
                   .rng = rng_,
                   .files = files_,
                   .transport = transport_,
                   .log = log,
                   .name = "Trades"};
};

}  // namespace

TEST_CASE("a row is one line of key=value pairs") {
  Bench bench;
  const auto sink = bench.make({}).value();
  bench.write(*sink, {"two words\n\"x\"", 1});
  bench.again(*sink, {"word", Value()});
  CHECK(bench.log.lines ==
        std::vector<std::string>{"1 [LOG] stream=Trades s=\"two words\\n\\\"x\\\"\" n=1",
                                 "1 [LOG] stream=Trades s=word n=null"});
}

TEST_CASE("level and prefix are honoured, and rows beyond the limit are counted") {
  Bench bench;
  const auto sink = bench.make({{"prefix", "!"}, {"level", "error"}, {"limit", "1/2s"}}).value();
  bench.write(*sink, {"a", 1});
  bench.again(*sink, {"b", 2});
  bench.again(*sink, {"c", 3});
  bench.clock.set(Timestamp{2'000'000});
  CHECK(sink->flush().ok());
  bench.again(*sink, {"d", 4});
  CHECK(bench.log.lines == std::vector<std::string>{"3 ! stream=Trades s=a n=1",
                                                    "2 ! stream=Trades suppressed_rows=2",
                                                    "3 ! stream=Trades s=d n=4"});
}

TEST_CASE("values that cannot be used are refused") {
  CHECK(code_text(Bench().make({{"level", "loud"}}).error().code) == "EF0303");
  CHECK(code_text(Bench().make({{"limit", "many"}}).error().code) == "EF0303");
  CHECK(code_text(Bench().make({{"levl", "info"}}).error().code) == "EF0301");
}

}  // namespace eventflux::connectors::log
