#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"
#include "eventflux/extension.hpp"

#include "runtime/exec/thread.hpp"

namespace {

using eventflux::App;
using eventflux::AppState;
using eventflux::Batch;
using eventflux::BatchBuilder;
using eventflux::Code;
using eventflux::Engine;
using eventflux::Result;
using eventflux::Value;

constexpr std::string_view filter = R"(
  CREATE STREAM Trades (symbol STRING, price DOUBLE NOT NULL);
  INSERT INTO Alerts SELECT symbol, price FROM Trades WHERE price > 100.0;
)";

App inline_app(std::string_view program = filter) {
  auto engine = Engine::open({.shards = 0});
  return engine.value().load(program).value();
}

std::string code_of(const Result<void>& outcome) {
  return outcome.ok() ? "ok" : eventflux::code_text(outcome.error().code);
}

}  // namespace

TEST_CASE("a row is seen by the subscription before an inline send returns") {
  App app = inline_app();
  std::vector<std::string> seen;
  const auto alerts = app.subscribe("Alerts", [&](const Batch& rows) {
    for (std::uint32_t row = 0; row < rows.size(); ++row)
      seen.emplace_back(rows.text(row, 0));
  });
  auto trades = app.publisher("Trades").value();
  REQUIRE(app.start().ok());
  CHECK(trades.send({"IBM", 120.0}).ok());
  CHECK(seen == std::vector<std::string>{"IBM"});
  CHECK(trades.send({"IBM", 20.0}).ok());
  CHECK(trades.send({Value(), 101}).ok());
  CHECK(seen.size() == 2);
  CHECK(app.stop().ok());
  CHECK(app.status().state == AppState::stopped);
}

TEST_CASE("the shard processes what was sent before stop") {
  const auto engine = Engine::open().value();
  App app = engine.load(filter).value();
  std::uint32_t rows = 0;
  const auto alerts = app.subscribe("Alerts", [&](const Batch& batch) { rows += batch.size(); });
  auto trades = app.publisher("Trades").value();
  REQUIRE(app.start().ok());
  for (int i = 0; i < 1000; ++i)
    REQUIRE(trades.send({"IBM", 101 + i}).ok());
  CHECK(app.stop().ok());
  CHECK(rows == 1000);
}

TEST_CASE("without a store and sinks no checkpoint is taken") {
  App app = inline_app(std::string("@app(epoch.records=1)\n") + std::string(filter));
  auto trades = app.publisher("Trades").value();
  REQUIRE(app.start().ok());
  for (int i = 0; i < 10; ++i)
    REQUIRE(trades.send({"IBM", 1.0}).ok());
  CHECK(app.stop().ok());
  CHECK(app.status().checkpoint <= 1);  // that of the end
}

TEST_CASE("calls that do not fit the state of the app give EF0804") {
  App app = inline_app();
  auto trades = app.publisher("Trades").value();
  CHECK(code_of(trades.send({"IBM", 1.0})) == "EF0804");
  CHECK(code_of(app.stop()) == "EF0804");
  CHECK(code_of(app.advance()) == "EF0804");
  CHECK(app.status().state == AppState::created);
  REQUIRE(app.start().ok());
  CHECK(code_of(app.start()) == "EF0804");
  CHECK(app.stop().ok());
  CHECK(code_of(app.stop()) == "EF0804");
  CHECK(code_of(app.start()) == "EF0804");
  CHECK(code_of(trades.send({"IBM", 1.0})) == "EF0804");
}

TEST_CASE("a row that does not fit its stream gives EF0807 and is not taken") {
  App app = inline_app();
  std::uint32_t seen = 0;
  const auto all = app.subscribe("Trades", [&](const Batch& rows) { seen += rows.size(); });
  auto trades = app.publisher("Trades").value();
  REQUIRE(app.start().ok());
  CHECK(code_of(trades.send({"IBM"})) == "EF0807");
  CHECK(code_of(trades.send({1.5, 2.5})) == "EF0807");
  CHECK(code_of(trades.send({"IBM", "much"})) == "EF0807");
  CHECK(code_of(trades.send({"IBM", Value()})) == "EF0807");
  BatchBuilder other({{{"symbol", eventflux::Type::string}, {"price", eventflux::Type::int64}}});
  const std::array<Value, 2> row{"IBM", 5};
  REQUIRE(other.append(row, eventflux::Timestamp{}).ok());
  CHECK(code_of(trades.send(other)) == "EF0807");
  CHECK(other.rows() == 1);  // what is not taken stays
  BatchBuilder unended(trades.schema());
  unended.column(0).append(std::string_view("IBM"));
  CHECK(code_of(trades.send(std::move(unended))) == "EF0807");
  CHECK(seen == 0);
}

TEST_CASE("a batch of any size is taken whole") {
  App app = inline_app();
  std::uint32_t seen = 0;
  const auto alerts = app.subscribe("Alerts", [&](const Batch& rows) { seen += rows.size(); });
  auto trades = app.publisher("Trades").value();
  REQUIRE(app.start().ok());
  BatchBuilder rows(trades.schema());
  for (int i = 0; i < 5000; ++i) {
    rows.column(0).append(std::string_view("IBM"));
    rows.column(1).append(100.0 + i);
    rows.end_row({});
  }
  CHECK(trades.send(std::move(rows)).ok());
  CHECK(seen == 4999);
}

TEST_CASE("names of streams and programs that are wrong are refused with a reason") {
  App app = inline_app();
  CHECK(app.publisher("Trade").error().code == Code::unknown_target);
  const auto ignore = [](const Batch&) {};
  CHECK(app.subscribe("Alert", ignore).error().help == "did you mean 'Alerts'?");
  const auto engine = Engine::open({.shards = 0}).value();
  constexpr std::string_view wrong =
      "CREATE STREAM T (a INT);\nINSERT INTO O SELECT b FROM T;\nINSERT INTO P SELECT c FROM T;\n";
  CHECK(engine.load(wrong).error().code == Code::unknown_column);
  const auto found = engine.check(wrong);
  REQUIRE(found.size() == 2);
  CHECK(found[1].error.code == Code::unknown_column);
  CHECK_FALSE(found[1].warning);
  CHECK(found[1].text.find("program:3:22") != std::string::npos);
  CHECK(engine.check(filter).empty());
  CHECK(Engine::open({.shards = 2}).error().code == Code::not_supported_yet);
}

TEST_CASE("value() throws for hosts that like exceptions") {
  const auto engine = Engine::open({.shards = 0}).value();
  CHECK_THROWS_AS(static_cast<void>(engine.load("SELECT").value()), eventflux::Exception);
  App app = inline_app();
  CHECK_THROWS_WITH(app.stop().value(), "EF0804: the app is not running");
}

TEST_CASE("an engine without built-in extensions knows those of its host only") {
  auto engine = Engine::open({.shards = 0, .builtin_extensions = false}).value();
  constexpr std::string_view program =
      "CREATE STREAM T (a BIGINT);\nINSERT INTO O SELECT twice(a) AS b FROM T;\n";
  CHECK(engine.load(program).error().code == Code::unknown_function);
  engine.extensions().function("twice", "Doubles.", [](std::int64_t a) { return 2 * a; });
  App app = engine.load(program).value();
  std::int64_t got = 0;
  const auto out = app.subscribe("O", [&](const Batch& rows) { got = rows.integer(0, 0); });
  REQUIRE(app.start().ok());
  CHECK(app.publisher("T").value().send({21}).ok());
  CHECK(got == 42);
}

TEST_CASE("a host sends and receives DECIMAL, BYTES and DURATION without loss") {
  using eventflux::Decimal;
  App app = inline_app(R"(
    CREATE STREAM S (x DECIMAL(20,2), b BYTES, d DURATION);
    INSERT INTO Out SELECT x * 3 AS x, b || X'ff' AS b, d * 2 AS d FROM S;
  )");
  std::vector<std::string> seen;
  const auto out = app.subscribe("Out", [&](const Batch& rows) {
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      seen.push_back(to_text(rows.decimal(row, 0)));
      seen.emplace_back(rows.bytes(row, 1));
      seen.push_back(eventflux::to_text(eventflux::Duration(rows.integer(row, 2))));
      CHECK(*rows.value(row, 0).decimal() == rows.decimal(row, 0));
      CHECK(*rows.value(row, 1).text() == rows.bytes(row, 1));
    }
  });
  auto stream = app.publisher("S").value();
  REQUIRE(app.start().ok());
  const Value octets(std::string("\x00", 1));
  CHECK(stream.send({Decimal{12'345'678'901'234'567'891, 2}, octets, eventflux::Duration(5)}).ok());
  CHECK(seen ==
        std::vector<std::string>{"370370367037037036.73", std::string("\x00\xff", 2), "10us"});
  seen.clear();
  CHECK(stream.send({"0.10", "a", "1s"}).ok());
  CHECK(seen == std::vector<std::string>{"0.30", "a\xff", "2s"});
  CHECK(code_of(stream.send({"0.101", "a", "1s"})) == "EF0807");
  CHECK(code_of(stream.send({Decimal{1, 3}, "a", "1s"})) == "EF0807");
  BatchBuilder rows(stream.schema());
  rows.column(0).append(Decimal{15, 1});
  rows.column(1).append(std::string_view("b"));
  rows.column(2).append(eventflux::Duration(1));
  rows.end_row({});
  seen.clear();
  CHECK(stream.send(rows).ok());
  CHECK(seen == std::vector<std::string>{"4.50", "b\xff", "2us"});
  CHECK(app.stop().ok());
}
