#include <string>

#include <doctest/doctest.h>

#include "plan/explain.hpp"
#include "plan/guarantee.hpp"
#include "plan/planner.hpp"
#include "semantic/test_program.hpp"
#include "semantic/test_registry.hpp"

namespace eventflux::plan {
namespace {

semantic::App bound(std::string_view text) {
  static const Registry registry = semantic::test_registry();
  auto app = semantic::bind_text(text, registry);
  if (!app.ok()) FAIL(eventflux::to_text(app.error()));
  return *std::move(app);
}

Result<Plan> planned(std::string_view text, bool durable = true) {
  return make_plan(bound(text), {.durable = durable});
}

constexpr std::string_view trades =
    "CREATE STREAM Trades (symbol STRING, price DOUBLE, qty INT, time TIMESTAMP, "
    "WATERMARK FOR time AS time - 2 SECONDS);\n";

std::string with_trades(std::string_view query) {
  return std::string(trades) + std::string(query);
}

std::string state_id(std::string_view query) {
  const auto plan = planned(with_trades(query));
  return plan->stateful.empty() ? "" : plan->stateful[0].id;
}

std::string explained(std::string_view query) {
  const auto plan = planned(with_trades(query));
  return *explain_query(*plan, "q1");
}

std::string path(std::string_view source, std::string_view sink, std::string_view mode,
                 bool durable = true) {
  const auto paths = guarantees(
      bound("@app(delivery='" + std::string(mode) + "') @source(type='" + std::string(source) +
            "', url='u') CREATE STREAM s (a INT); @sink(type='" + std::string(sink) +
            "', url='u') CREATE STREAM t; INSERT INTO t SELECT a "
            "FROM s;"),
      durable);
  return paths.ok() ? paths->at(0).level
                    : code_text(paths.error().code) + ' ' + paths.error().message;
}

}  // namespace

TEST_CASE("identity follows what an operator computes and not how it is written") {
  const std::string id = state_id(
      "SELECT symbol, sum(qty) AS total FROM Trades WINDOW TUMBLING(10 SECONDS) GROUP BY symbol;");
  CHECK(id.size() == 16);
  CHECK(id ==
        state_id("-- spaced\n@info(name='x') SELECT  symbol , 2*sum(qty) AS double FROM Trades "
                 "AS t WINDOW tumbling(10000 MS) GROUP BY t.symbol HAVING sum(qty) > 1;"));
  CHECK(id != state_id("SELECT symbol, sum(qty) AS total FROM Trades WINDOW TUMBLING(20 SECONDS) "
                       "GROUP BY symbol;"));
  CHECK(id != state_id("SELECT sum(qty) AS total FROM Trades WINDOW TUMBLING(10 SECONDS);"));
  CHECK(id != state_id("SELECT symbol, sum(price) AS total FROM Trades WINDOW TUMBLING(10 SECONDS) "
                       "GROUP BY symbol;"));
  CHECK(state_id("@id('mine') SELECT count(*) AS n FROM Trades;") == "mine");
  CHECK(state_id("SELECT qty FROM Trades;").empty());
  CHECK(state_id("SELECT qty FROM Trades WINDOW LENGTH(5);").empty());
}

TEST_CASE("equal operators have ids of their own") {
  const auto plan =
      planned(with_trades("SELECT count(*) AS n FROM Trades;\n"
                          "SELECT count(*) AS m FROM Trades;"));
  CHECK(plan->stateful[1].id == plan->stateful[0].id + "#2");
}

TEST_CASE("inputs come before what reads them, and steps that run as one stand side by side") {
  const auto plan = planned(
      "INSERT INTO c SELECT n FROM b[n > 1] UNION ALL SELECT qty FROM Trades;\n"
      "INSERT INTO b SELECT qty AS n FROM Trades;\n" +
      std::string(trades));
  std::string words;
  for (std::size_t at = 0; at < plan->operators.size(); ++at) {
    const Operator& op = plan->operators[at];
    for (const std::size_t input : op.inputs)
      CHECK(input < at);
    words += std::string(operator_word(op)) + std::to_string(op.stage) + ' ';
  }
  CHECK(words == "stream0 select1 stream2 filter3 select3 select5 stream6 ");
}

TEST_CASE("each operator knows its time, how rows meet, and what it keeps") {
  const auto plan = planned(with_trades(
      "INSERT INTO a SELECT symbol, count(*) AS n FROM Trades WINDOW TUMBLING(1 SECOND) "
      "GROUP BY symbol; INSERT INTO b SELECT sum(n) AS m FROM a;"));
  const Operator& window = plan->operators[1];
  CHECK(operator_word(window) == "window");
  CHECK(window.time == TimeAttribute{{0}, false});
  CHECK(window.distribution.kind == Distribution::Kind::single);
  CHECK(plan->operators[2].distribution.kind == Distribution::Kind::by_key);
  CHECK(window.state->bound == "the groups of the windows that are open");
  const Operator& running = plan->operators[5];
  CHECK(operator_word(running) == "aggregate");
  CHECK(running.time == TimeAttribute{{0}, false});
  CHECK(running.distribution.kind == Distribution::Kind::single);
  CHECK(running.state->bound == "a group for each key, for ever");
}

TEST_CASE("constants are folded and WHERE moves before windows of time") {
  CHECK(explained("SELECT qty + (2 * 3 - 1) AS a FROM Trades WHERE TRUE AND price > 1.5 * 2;") ==
        "query q1\n"
        "  read       Trades\n"
        "  filter     price > 3.0\n"
        "  select     qty + 5 AS a\n"
        "  write      console\n");
  CHECK(explained("SELECT symbol, count(*) AS n FROM Trades[qty > 0] WINDOW TUMBLING(10 SECONDS) "
                  "PER (symbol) WHERE price > 1 GROUP BY symbol HAVING n > 2 ORDER BY n DESC "
                  "LIMIT 3;") ==
        "query q1\n"
        "  read       Trades\n"
        "  filter     (qty > 0) AND (price > 1.0)\n"
        "  window     TUMBLING(10 s) per symbol   state " +
            state_id("SELECT symbol, count(*) AS n FROM Trades[qty > 0 AND price > 1] WINDOW "
                     "TUMBLING(10 SECONDS) PER (symbol) GROUP BY symbol;") +
            "\n"
            "  aggregate  count(*) by symbol\n"
            "  having     count(*) > 2\n"
            "  select     symbol, count(*) AS n\n"
            "  order      count(*) DESC NULLS FIRST, limit 3\n"
            "  write      console\n");
  CHECK(explained("SELECT count(*) AS n FROM Trades WINDOW LENGTH(5) WHERE price > 1;")
            .find("  where      price > 1.0\n") != std::string::npos);
  CHECK(explained("SELECT 2147483647 + 1 AS n FROM Trades;").find("2147483647 + 1") !=
        std::string::npos);
}

TEST_CASE("a path guarantees what its weakest element does") {
  CHECK(path("websocket", "store", "at_least_once") == "at most once");
  CHECK(path("file", "store", "at_least_once") == "at least once");
  CHECK(path("file", "http", "at_least_once") == "at least once");
  CHECK(path("file", "store", "effectively_once") == "exactly once");
  CHECK(path("file", "store", "at_most_once") == "at most once");
  CHECK(path("file", "store", "at_least_once", false) == "at most once");
  CHECK(path("file", "http", "effectively_once") ==
        "EF0341 effectively once is not possible from 's' to 't.http': sink 't.http' (S1) writes "
        "again what it may have written");
}

TEST_CASE("dead letters without a place to go are refused") {
  const std::string text =
      "@source(type='file', url='u', error.strategy='dlq') CREATE STREAM s (a INT);";
  CHECK(planned(text).ok());
  const auto plan = planned(text, false);
  REQUIRE_FALSE(plan.ok());
  CHECK(code_text(plan.error().code) == "EF0344");
  const std::string exhausted =
      "@source(type='file', url='u', error.strategy='retry', error.retry.exhausted='dlq') "
      "CREATE STREAM s (a INT);";
  CHECK(planned(exhausted).ok());
  CHECK(code_text(planned(exhausted, false).error().code) == "EF0344");
}

TEST_CASE("the plan of a program reads from sources to sinks") {
  const auto plan = planned(R"(@app(name='demo')
@source(type='websocket', url='u') CREATE SOURCE c;
CREATE RESOURCE r ON c WHEN $.k = 'x' EACH $.e[*] (id BIGINT, t TIMESTAMP,
  WATERMARK FOR t AS t - 1 SECOND) CHECKPOINT (id) MONOTONIC;
@sink(type='console') CREATE STREAM o;
INSERT INTO o SELECT id FROM r;)");
  CHECK(explain_text(*plan) ==
        "app demo   fingerprint " + plan->fingerprint +
            "\n\n"
            "source c (websocket, json)\n"
            "  resource   r, watermark t - 1s, checkpoint id monotonic\n"
            "  when       $.k = 'x'\n"
            "  each       $.e[*]\n\n"
            "query q1\n"
            "  read       r\n"
            "  select     id\n"
            "  write      o\n\n"
            "sink o.console\n"
            "  read       o\n\n"
            "delivery\n"
            "  c -> o.console: at most once; source 'c' (websocket, R0) does not repeat what was "
            "missed; more with a source that can be read again, such as a file or a log\n");
  CHECK(explain_dot(*plan).find("\"query q1\" -> \"stream o\"") != std::string::npos);
  const std::string json = explain_json(*plan);
  CHECK(json.find(R"("sources":[{"name":"c","type":"websocket","resources":["r"]}])") !=
        std::string::npos);
  CHECK(code_text(explain_query(*plan, "q2").error().code) == "EF0806");
}

}  // namespace eventflux::plan
