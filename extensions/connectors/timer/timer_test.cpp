#include <doctest/doctest.h>

#include "eventflux/extension.hpp"
#include "eventflux/row_text.hpp"
#include "eventflux/transport.hpp"

namespace eventflux::connectors::timer {

void register_extension(Registry& registry);

namespace {

/// Moves the clock at each pause, by what was asked or by a delay of the test.
class Rows final : public Emitter {
 public:
  Rows(Schema schema, VirtualClock& clock)
      : schema_(std::move(schema)), rows_(schema_), clock_(clock) {}

  std::size_t stop_after = 100;
  Duration delay{};

  std::string text() {
    std::vector<Column> columns;
    return render_rows(schema_, rows_.view(0, rows_.rows(), columns), RowFormat::raw);
  }

  Result<void> emit(const Envelope&) override { return {}; }

  Result<void> idle() override { return {}; }

  BatchBuilder& rows() override { return rows_; }

  Result<void> emit_rows(const Cursor&) override { return {}; }

  const Schema& schema() const override { return schema_; }

  std::optional<Cursor> resume(std::string_view) const override { return std::nullopt; }

  void live() override {}

  void pause(Duration wait) override { clock_.set(clock_.now() + wait + delay); }

  bool stopping() const noexcept override { return rows_.rows() >= stop_after; }

 private:
  Schema schema_;
  BatchBuilder rows_;
  VirtualClock& clock_;
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

struct Bench {
  VirtualClock clock{Timestamp{250'000}};
  Rng rng{1};
  NoFiles files{};
  NoTransport transport{};
  NoLog log{};
  Context context{.clock = clock, .rng = rng, .files = files, .transport = transport, .log = log};

  std::string run(const ParamValues& values, Rows& out) {
    Registry registry;
    register_extension(registry);
    const auto source = registry.find_source("timer")->make(values, context).value();
    const auto ran = source->run(out);
    return ran.ok() ? "" : code_text(ran.error().code);
  }
};

const Schema all{
    {{"tick", Type::int64}, {"scheduled", Type::timestamp}, {"fired", Type::timestamp}}};

}  // namespace

TEST_CASE("a row comes after each interval until the count is reached") {
  Bench bench;
  Rows out(all, bench.clock);
  CHECK(bench.run({{"interval", "500"}, {"count", "2"}}, out) == "EF0505");
  CHECK(out.text() ==
        "1\t1970-01-01T00:00:00.750Z\t1970-01-01T00:00:00.750Z\n"
        "2\t1970-01-01T00:00:01.250Z\t1970-01-01T00:00:01.250Z\n");
}

TEST_CASE("aligned rows come at whole multiples, as text too") {
  Bench bench;
  Rows out({{{"fired", Type::timestamp}, {"tick", Type::string}}}, bench.clock);
  out.stop_after = 2;
  CHECK(bench.run({{"align", "true"}}, out).empty());
  CHECK(out.text() == "1970-01-01T00:00:01Z\ttick\n1970-01-01T00:00:02Z\ttick\n");
}

TEST_CASE("missed ticks are not made up for") {
  Bench bench;
  Rows out({{{"scheduled", Type::timestamp}}}, bench.clock);
  out.delay = std::chrono::seconds(3);
  CHECK(bench.run({{"align", "true"}, {"count", "2"}}, out) == "EF0505");
  CHECK(out.text() == "1970-01-01T00:00:01Z\n1970-01-01T00:00:04Z\n");
}

TEST_CASE("a timer has three columns and a real interval") {
  Bench bench;
  Rows other({{{"x", Type::int64}}}, bench.clock);
  CHECK(bench.run({}, other) == "EF0203");
  Rows wrong({{{"fired", Type::int64}}}, bench.clock);
  CHECK(bench.run({}, wrong) == "EF0206");
  Rows none(all, bench.clock);
  CHECK(bench.run({{"interval", "0"}}, none) == "EF0303");
}

}  // namespace eventflux::connectors::timer
