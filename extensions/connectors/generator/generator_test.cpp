#include <algorithm>

#include <doctest/doctest.h>

#include "eventflux/extension.hpp"
#include "eventflux/row_text.hpp"
#include "eventflux/transport.hpp"

namespace eventflux::connectors::generator {

void register_extension(Registry& registry);

namespace {

/// Moves the clock at each pause by what was asked.
class Rows final : public Emitter {
 public:
  Rows(Schema schema, VirtualClock& clock)
      : schema_(std::move(schema)), rows_(schema_), clock_(clock) {}

  std::size_t stop_after = 1'000'000;
  std::optional<Cursor> cursor{};

  std::string text() {
    std::vector<Column> columns;
    return render_rows(schema_, rows_.view(0, rows_.rows(), columns), RowFormat::raw);
  }

  Result<void> emit(const Envelope&) override { return {}; }

  Result<void> idle() override { return {}; }

  BatchBuilder& rows() override { return rows_; }

  Result<void> emit_rows(const Cursor& next) override {
    cursor = next;
    return {};
  }

  const Schema& schema() const override { return schema_; }

  std::optional<Cursor> resume(std::string_view) const override { return cursor; }

  void live() override {}

  void pause(Duration wait) override { clock_.set(clock_.now() + wait); }

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
  VirtualClock clock{};
  Rng rng{1};
  NoFiles files{};
  NoTransport transport{};
  NoLog log{};
  Context context{.clock = clock, .rng = rng, .files = files, .transport = transport, .log = log};

  std::string run(const ParamValues& values, Rows& out) {
    Registry registry;
    register_extension(registry);
    const auto source = registry.find_source("generator")->make(values, context).value();
    const auto ran = source->run(out);
    return ran.ok() ? "" : code_text(ran.error().code);
  }
};

const Schema all{{{"n", Type::int64},
                  {"u", Type::int32},
                  {"g", Type::float64},
                  {"w", Type::float64},
                  {"c", Type::string},
                  {"id", Type::string}}};
const ParamValues columns{{"rate", "0"},          {"u", "uniform(1, 6)"}, {"g", "normal(10,2)"},
                          {"w", "walk(100,0.5)"}, {"c", "choice(a|b|c)"}, {"id", "uuid"}};

std::string generate(ParamValues values, std::size_t rows, std::optional<Cursor> cursor = {}) {
  Bench bench;
  Rows out(all, bench.clock);
  out.cursor = std::move(cursor);
  values.push_back({"count", std::to_string(rows)});
  CHECK(bench.run(values, out) == "EF0505");
  return out.text();
}

}  // namespace

TEST_CASE("the same seed makes the same rows, another one others") {
  const std::string rows = generate(columns, 3000);
  CHECK(rows == generate(columns, 3000));
  ParamValues other = columns;
  other.push_back({"seed", "7"});
  CHECK(rows != generate(other, 3000));
}

TEST_CASE("a run that goes on at row n makes the rows of one that began at 0") {
  const std::string whole = generate(columns, 2000);
  for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{777}, std::uint64_t{1999}}) {
    const std::string rest = generate(columns, 2000, Cursor{{}, std::to_string(n), n});
    CHECK(whole.ends_with(rest));
    CHECK(std::count(rest.begin(), rest.end(), '\n') == static_cast<std::ptrdiff_t>(2000 - n));
  }
}

TEST_CASE("values look like their distributions") {
  Bench bench;
  Rows out(all, bench.clock);
  ParamValues values = columns;
  values.push_back({"count", "20000"});
  CHECK(bench.run(values, out) == "EF0505");
  double sum = 0;
  double step_max = 0;
  const Column uniform = out.rows().column(1).column();
  const Column normal = out.rows().column(2).column();
  const Column walk = out.rows().column(3).column();
  CHECK(walk.at<double>(0) == 100);
  for (std::uint32_t row = 0; row < 20000; ++row) {
    CHECK((uniform.at<std::int32_t>(row) >= 1 && uniform.at<std::int32_t>(row) <= 6));
    sum += normal.at<double>(row);
    if (row > 0)
      step_max = std::max(step_max, std::abs(walk.at<double>(row) - walk.at<double>(row - 1)));
  }
  CHECK(sum / 20000 == doctest::Approx(10).epsilon(0.01));
  CHECK(step_max < 2);
  CHECK(out.rows().column(5).column().at<Text>(0).view()[14] == '4');
}

TEST_CASE("rows come at their rate") {
  Bench bench;
  Rows out({{{"n", Type::int64}, {"t", Type::timestamp}}}, bench.clock);
  CHECK(bench.run({{"rate", "2/s"}, {"count", "3"}}, out) == "EF0505");
  CHECK(out.text() ==
        "0\t1970-01-01T00:00:00Z\n1\t1970-01-01T00:00:00.500Z\n2\t1970-01-01T00:00:01Z\n");
}

TEST_CASE("columns get what suits their type, and nothing else") {
  Bench bench;
  Rows plain({{{"s", Type::string},
               {"b", Type::boolean},
               {"j", Type::json},
               {"f", Type::float32},
               {"d", Type::duration}}},
             bench.clock);
  CHECK(bench.run({{"rate", "0"}, {"count", "1"}}, plain) == "EF0505");
  CHECK(plain.text().starts_with("0\t"));
  const auto refused = [&](const char* column, const char* text) {
    Rows out(all, bench.clock);
    return bench.run({{column, text}}, out);
  };
  CHECK(refused("x", "uuid") == "EF0203");
  CHECK(refused("n", "uuid") == "EF0206");
  CHECK(refused("c", "uniform(1,2)") == "EF0206");
  CHECK(refused("n", "now") == "EF0206");
  CHECK(refused("n", "uniform(2,1)") == "EF0303");
  CHECK(refused("n", "dice(6)") == "EF0303");
  CHECK(refused("n", "choice(1|x)") == "EF0604");
  Rows lost(all, bench.clock);
  lost.cursor = Cursor{{}, "nonsense", 0};
  CHECK(bench.run({}, lost) == "EF0551");
}

}  // namespace eventflux::connectors::generator
