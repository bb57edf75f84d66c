#include "semantic/bind_app.hpp"

#include <string>

#include <doctest/doctest.h>

#include "semantic/test_registry.hpp"
#include "syntax/parser.hpp"

namespace eventflux::semantic {
namespace {

const Registry& registry() {
  static const Registry shared = test_registry();
  return shared;
}

BindResult bound(std::string_view text) {
  const syntax::ParseResult parsed = syntax::parse(text);
  const syntax::SourceText source("t.efql", std::string(text));
  for (const auto& diagnostic : parsed.diagnostics)
    FAIL_CHECK(syntax::render_text(diagnostic, source));
  return bind_app(parsed.statements, registry());
}

App accepted(std::string_view text) {
  BindResult result = bound(text);
  const syntax::SourceText source("t.efql", std::string(text));
  if (!result.ok()) {
    for (const auto& diagnostic : result.diagnostics)
      FAIL_CHECK(syntax::render_text(diagnostic, source));
  }
  return std::move(result.app);
}

const Stream& stream(const App& app, std::string_view name) {
  for (const Stream& candidate : app.streams)
    if (candidate.name == name) return candidate;
  FAIL("no such stream");
  return app.streams.front();
}

std::string columns(const App& app, std::string_view name) {
  return to_text(stream(app, name).schema);
}

constexpr std::string_view trades =
    "CREATE STREAM Trades (symbol STRING, price DOUBLE, qty INT, time TIMESTAMP, "
    "WATERMARK FOR time AS time - 2 SECONDS);\n";

std::string with_trades(std::string_view query) {
  return std::string(trades) + std::string(query);
}

}  // namespace

TEST_CASE("a whole program binds to sources, resources, sinks and queries") {
  const App app = accepted(R"(@app(name='trades', delivery='at_least_once')
@source(type='websocket', url='${env:URL:-ws://h}', reconnect.delay.ms='5s', @map(type='json'))
CREATE SOURCE coinbase;
CREATE RESOURCE matches ON coinbase WHEN $.channel = 'market_trades' AND $.n > 5 EACH $.events[*]
(trade_id BIGINT, product_id STRING, price DOUBLE, size DOUBLE, time TIMESTAMP PATH $.t NOT NULL,
 WATERMARK FOR time AS time - 2 SECONDS) CHECKPOINT (trade_id) PER (product_id) MONOTONIC;
@sink(type='http', http.url='x', headers.A='b', batch.size='7')
@sink(type='http', url='y', format='json') @sink(type='console')
CREATE STREAM bars (product_id STRING, window_end TIMESTAMP, vwap DOUBLE, trades BIGINT);
@info(name='vwap') @id('v1') @onerror(action='drop')
INSERT INTO bars SELECT product_id, window_end, sum(price * size) / sum(size) AS vwap, count(*)
FROM matches WINDOW TUMBLING(10 SECONDS) GROUP BY product_id;
)");
  CHECK(app.options.name == "trades");
  REQUIRE(app.sources.size() == 1);
  CHECK(app.sources[0].params.size() == 1);
  CHECK(app.sources[0].shared_params.size() == 1);
  REQUIRE(app.sources[0].resources.size() == 1);
  const Resource& resource = app.sources[0].resources[0];
  REQUIRE(resource.when_fields.size() == 2);
  CHECK(resource.when_fields[0].type == Type::string);
  CHECK(resource.when_fields[1].type == Type::int64);
  CHECK(resource.decoder.each == "$.events[*]");
  CHECK(resource.decoder.fields[4].path == "$.t");
  CHECK(resource.decoder.fields[4].not_null);
  CHECK(stream(app, "matches").checkpoint->per == std::vector<std::size_t>{1});
  CHECK(stream(app, "matches").watermark->delay == std::chrono::seconds(2));
  REQUIRE(app.sinks.size() == 3);
  CHECK(app.sinks[0].name == "bars.http");
  CHECK(app.sinks[0].params[0].name == "url");
  CHECK(app.sinks[0].shared_params[0].name == "batch.size");
  CHECK(app.sinks[1].name == "bars.http#2");
  CHECK(app.sinks[2].mapper.entry == nullptr);
  const Query& query = app.queries[0];
  CHECK(query.name == "vwap");
  CHECK(query.id == "v1");
  CHECK(query.on_error == RowErrorAction::drop);
  CHECK(query.keys.size() == 1);
  CHECK(query.aggregates.size() == 3);
  CHECK(query.select[1].value->space == ColumnSource::window_bound);
}

TEST_CASE("statements may stand in any order") {
  const App app = accepted(
      "INSERT INTO c SELECT n + 1 AS m FROM b;\n"
      "INSERT INTO b SELECT count(*) AS n FROM Trades GROUP BY symbol;\n" +
      std::string(trades) + "SELECT * FROM c;");
  CHECK(columns(app, "b") == "n BIGINT");
  CHECK(columns(app, "c") == "m BIGINT");
  CHECK(columns(app, "q3") == "m BIGINT");
  CHECK(stream(app, "q3").anonymous);
  CHECK(app.queries[0].name == "q1");
}

TEST_CASE("a stream without columns takes those of the query that fills it") {
  const App app = accepted(with_trades(
      "CREATE STREAM s;\nSELECT symbol, price * 2, upper(symbol), abs(qty), abs(qty) FROM Trades "
      "INSERT INTO s;"));
  CHECK(columns(app, "s") ==
        "symbol STRING, expr_2 DOUBLE, upper STRING, expr_4 BIGINT, expr_5 BIGINT");
}

TEST_CASE("both spellings of a connection mean the same") {
  const App app = accepted(
      "CREATE STREAM a (x INT) WITH ('type'='source', 'extension'='websocket', 'format'='json', "
      "'websocket.url'='ws://h', json.each='$.a', reconnect=false);\n"
      "CREATE STREAM b (x INT) WITH (type='sink', extension='http', \"format\"='json', url='u');\n"
      "CREATE SOURCE c WITH (type='file', url='f');\n"
      "CREATE SOURCE d WITH ('type'='source', 'extension'='timer');\n"
      "INSERT INTO b SELECT x FROM a;");
  REQUIRE(app.sources.size() == 3);
  CHECK(app.sources[0].anonymous);
  CHECK(app.sources[0].params[0].name == "url");
  CHECK(app.sources[0].mapper.params[0].name == "each");
  CHECK(app.sources[0].shared_params[0].text == "false");
  CHECK(app.sources[2].entry->name == "timer");
  CHECK(app.sinks[0].name == "b.http");
}

TEST_CASE("a declared stream widens and takes missing columns from DEFAULT") {
  const App app = accepted(
      with_trades("CREATE STREAM s (a DOUBLE, b BIGINT DEFAULT -7, c STRING, d TIMESTAMP);\n"
                  "INSERT INTO s (c, a, d) SELECT symbol, qty, '2026-01-31' FROM Trades;"));
  const Query& query = app.queries[0];
  REQUIRE(query.select.size() == 4);
  CHECK(query.select[0].value->kind == Expression::Kind::cast);
  CHECK(query.select[1].value->value == Value(std::int64_t{-7}));
  CHECK(query.select[3].value->type == Type::timestamp);
}

TEST_CASE("groups see keys, aggregates, bounds and the last row") {
  const App app = accepted(with_trades(
      "SELECT upper(symbol) AS u, upper(symbol) || 'x' AS v, sum(qty) AS total, sum(qty) / 2 AS "
      "half, window_end AS at FROM Trades AS t WINDOW TUMBLING(1 MIN) PER (t.symbol) "
      "WHERE t.price > 0 GROUP BY u, window_start HAVING total > 1 AND count(*) > 1 "
      "ORDER BY total DESC, 1 LIMIT 3 OFFSET 1;"));
  const Query& query = app.queries[0];
  CHECK(query.keys.size() == 1);
  CHECK(query.aggregates.size() == 2);
  CHECK(query.select[0].value->space == ColumnSource::group_key);
  CHECK(query.select[1].value->operands[0]->space == ColumnSource::group_key);
  CHECK(query.select[4].value->space == ColumnSource::window_bound);
  CHECK(query.order[0].value->space == ColumnSource::aggregate);
  CHECK(query.order[0].descending);
  CHECK(query.order[0].nulls_first);
  CHECK(query.order[1].value->space == ColumnSource::group_key);
  CHECK(query.limit == std::optional<std::uint64_t>(3));
  CHECK(query.offset == 1);
}

TEST_CASE("a plain column over panes is the value of the last row, with a warning") {
  const BindResult result = bound(
      with_trades("SELECT symbol, price, count(*) AS n FROM Trades WINDOW TUMBLING(1 MIN) GROUP BY "
                  "symbol;"));
  REQUIRE(result.ok());
  const Query& query = result.app.queries[0];
  REQUIRE(query.aggregates.size() == 2);
  CHECK(query.aggregates[1].function->name == "last");
  CHECK(query.select[1].value->space == ColumnSource::aggregate);
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(code_text(result.diagnostics[0].code) == "EF0431");
  const BindResult running = bound(with_trades("SELECT price, count(*) AS n FROM Trades;"));
  CHECK(running.app.queries[0].select[0].value->space == ColumnSource::input);
  CHECK(code_text(running.diagnostics.at(0).code) == "EF0431");
}

TEST_CASE("count(DISTINCT x) is distinct_count") {
  const App app =
      accepted(with_trades("SELECT count(DISTINCT symbol) AS n, Distinct_Count(symbol) "
                           "AS m FROM Trades;"));
  CHECK(app.queries[0].aggregates.size() == 1);
  CHECK(app.queries[0].aggregates[0].function->name == "distinct_count");
}

TEST_CASE("time windows over arrival time are worth a warning") {
  const BindResult result = bound(
      "CREATE STREAM s (a INT, t TIMESTAMP);\nINSERT INTO m SELECT a, t FROM s;\n"
      "INSERT INTO n SELECT count(*) AS c FROM m WINDOW TUMBLING(5 SECONDS);");
  REQUIRE(result.ok());
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(code_text(result.diagnostics[0].code) == "EF0410");
  CHECK(result.diagnostics[0].message == "m has no WATERMARK, so TUMBLING closes by arrival time");
  CHECK(result.diagnostics[0].help[0] == "add  WATERMARK FOR t AS t - 2 SECONDS");
  CHECK(bound(with_trades("INSERT INTO m SELECT symbol FROM Trades;\nSELECT count(*) AS c FROM m "
                          "WINDOW TUMBLING(5 SECONDS);"))
            .diagnostics.empty());
}

TEST_CASE("a stream that nothing touches is worth a warning") {
  const BindResult result = bound(with_trades("CREATE STREAM x (a INT);\nSELECT qty FROM Trades;"));
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(code_text(result.diagnostics[0].code) == "EF0432");
}

TEST_CASE("a dead-letter stream has the columns of dead letters without being declared") {
  const App app = accepted(
      "@source(type='websocket', url='u', error.dlq.stream='dead') CREATE STREAM s (a INT);\n"
      "SELECT errorType FROM dead;\nSELECT a FROM s;");
  CHECK(columns(app, "dead") == to_text(dead_letter_schema()));
}

TEST_CASE("what depends on a statement that did not parse has no error of its own") {
  const auto parsed = syntax::parse(
      "CREATE STREAM a (x INT y);\nCREATE STREAM b;\nSELECT x FROM a;\nINSERT INTO b SELEC x;\n"
      "SELECT x FROM b;\n@source(type='timer') CREATE SOURC c;\n"
      "@source(type='timer') CREATE SOURCE d WITH;\nCREATE RESOURCE r ON d (z INT);");
  CHECK(parsed.diagnostics.size() == 4);
  const BindResult result = bind_app(parsed.statements, registry(), parsed.broken_names);
  CHECK(result.diagnostics.empty());
}

TEST_CASE("rows of INSERT VALUES take the types of their columns") {
  const auto parsed = syntax::parse("INSERT INTO s (b, a) VALUES (1, 'x'), (NULL, 'y');");
  const Stream target{.name = "s",
                      .schema = {{{.name = "a", .type = Type::string},
                                  {.name = "b", .type = Type::float64},
                                  {.name = "c", .type = Type::int64}}}};
  const auto& node = std::get<syntax::InsertValues>(parsed.statements[0].body);
  const auto rows = bind_rows(node, target, registry());
  REQUIRE(rows.ok());
  CHECK((*rows)[0] == std::vector<Value>{"x", 1.0, Value()});
  CHECK((*rows)[1] == std::vector<Value>{"y", Value(), Value()});
}

}  // namespace eventflux::semantic
