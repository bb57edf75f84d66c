#include "syntax/parser.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "syntax/format.hpp"

namespace eventflux::syntax {
namespace {

constexpr std::string_view trades_program = R"(@app(name='trades')

-- one connection, several resources
@source(type='websocket', url='${env:COINBASE_WS_URL:-ws://127.0.0.1:9443}',
        open.messages='{"type":"subscribe","channel":"market_trades","product_ids":["BTC-USD"]}',
        @map(type='json'))
CREATE SOURCE coinbase;

CREATE RESOURCE matches ON coinbase
WHEN $.channel = 'market_trades'
EACH $.events[*].trades[*]
(
    trade_id   BIGINT,                        -- default path: @.trade_id, @ being the element
    product_id STRING,
    side       STRING,
    price      DOUBLE,
    size       DOUBLE,
    time       TIMESTAMP,
    sequence   BIGINT PATH $.sequence_num,    -- $ is the whole message
    WATERMARK FOR time AS time - 2 SECONDS
)
CHECKPOINT (trade_id) PER (product_id) MONOTONIC;

@sink(type='websocket', url='ws://127.0.0.1:9444/bars', @map(type='json'))
@sink(type='file', path='bars.jsonl', @map(type='json'))
CREATE STREAM bars (product_id STRING, window_end TIMESTAMP, vwap DOUBLE, volume DOUBLE, trades BIGINT);

@info(name='vwap')
INSERT INTO bars
SELECT product_id, window_end, sum(price * size) / sum(size) AS vwap, sum(size) AS volume, count(*) AS trades
FROM matches WINDOW TUMBLING(10 SECONDS)
GROUP BY product_id;

@sink(type='console')
CREATE STREAM spikes;                         -- columns inferred from the query that fills it

INSERT INTO spikes
SELECT a.product_id, a.price AS from_price, b.price AS to_price
FROM PATTERN ( EVERY a=matches -> b=matches[product_id = a.product_id AND price > a.price * 1.01] ) WITHIN 30 SECONDS;
)";

// Parses one text, checks it, and checks that its canonical form says the same and is stable.
ParseResult accepted(std::string_view text) {
  ParseResult parsed = parse(text);
  const SourceText source("test.efql", std::string(text));
  for (const Diagnostic& diagnostic : parsed.diagnostics)
    FAIL_CHECK(render_text(diagnostic, source));
  CHECK(parsed.retried == 0);
  const std::string formatted = format(parsed);
  const ParseResult again = parse(formatted);
  CAPTURE(formatted);
  CHECK(again.ok());
  CHECK(again.statements == parsed.statements);
  CHECK(format(again) == formatted);
  return parsed;
}

template <class Node>
Node only(std::string_view text) {
  const ParseResult parsed = accepted(text);
  REQUIRE(parsed.statements.size() == 1);
  REQUIRE(std::holds_alternative<Node>(parsed.statements[0].body));
  return std::get<Node>(parsed.statements[0].body);
}

Expression expression_of(std::string_view text) {
  const auto query = only<QueryStatement>("SELECT " + std::string(text) + " AS x FROM s;");
  return std::get<SelectExpression>(query.query.selects[0].items[0].node).value;
}

/// Puts a word in the place of each '~'.
std::string with_word(std::string_view text, const std::string& word) {
  std::string filled;
  for (const char c : text)
    filled += c == '~' ? word : std::string(1, c);
  return filled;
}

}  // namespace

TEST_CASE("the program of the introduction parses whole") {
  const ParseResult parsed = accepted(trades_program);
  REQUIRE(parsed.statements.size() == 7);
  CHECK(std::holds_alternative<AppDeclaration>(parsed.statements[0].body));
  const auto& resource = std::get<CreateResource>(parsed.statements[2].body);
  CHECK(resource.elements.columns.size() == 7);
  CHECK(resource.elements.watermark->column.text == "time");
  CHECK(resource.each->steps.size() == 4);
  CHECK(resource.checkpoint->monotonic);
  CHECK(resource.checkpoint->per[0].text == "product_id");
  CHECK(parsed.statements[3].annotations.size() == 2);
  CHECK(parsed.comments.size() == 4);
}

TEST_CASE("the short form with a source on a stream parses") {
  const auto parsed = accepted(
      "@source(type='websocket', websocket.url='wss://x/ws/btcusdt@trade', @map(type='json'))\n"
      "CREATE STREAM RawTrades (e STRING, s STRING, p STRING, q STRING, T BIGINT);");
  const Annotation& source = parsed.statements[0].annotations[0];
  CHECK(source.name.text == "source");
  CHECK(source.options[1].key.text == "websocket.url");
  CHECK(source.nested[0].name.text == "map");
}

TEST_CASE("every statement of the language parses") {
  constexpr auto statements = std::to_array<std::string_view>(
      {"CREATE STREAM s;",
       "CREATE STREAM s (a INT) WITH ('type'='source', \"extension\"='kafka', kafka.topic='t');",
       "CREATE STREAM #mid (a INT NOT NULL DEFAULT -1, b DECIMAL(10, 2), c DOUBLE PRECISION);",
       "CREATE SOURCE c WITH (type='websocket', url='ws://h', retries=5, tls=TRUE, wait=5 "
       "SECONDS);",
       "CREATE RESOURCE r ON c (a INT PATH $['odd key'][0].b, b STRING PATH @);",
       "CREATE RESOURCE r ON c WHEN $.a = 1 AND @.b IS NOT NULL (a INT) CHECKPOINT (a, b);",
       "CREATE TABLE t (k STRING, v INT, PRIMARY KEY (k), INDEX (v)) WITH (type='lmdb');",
       "CREATE WINDOW w (a INT) LENGTH(5) OUTPUT ALL EVENTS;",
       "CREATE TRIGGER t AT START;",
       "CREATE TRIGGER t AT EVERY 5 SECONDS;",
       "CREATE TRIGGER t AT CRON '0 * * * *';",
       ("CREATE AGGREGATION a AS SELECT k, sum(v) AS total FROM s GROUP BY k AGGREGATE BY ts "
        "EVERY SECONDS ... YEARS;"),
       "CREATE VIEW v AS SELECT * FROM s;",
       "CREATE FUNCTION bps(a DOUBLE, b DOUBLE) RETURNS DOUBLE AS (b - a) / a * 10000;",
       "INSERT INTO s (a, b) SELECT x, y FROM t;",
       "INSERT EXPIRED EVENTS INTO s SELECT x FROM t WINDOW LENGTH(3);",
       "INSERT ALL EVENTS INTO s SELECT x FROM t;",
       "SELECT x FROM t INSERT INTO s;",
       "INSERT INTO t VALUES (1, 'a', NULL), (2, TIMESTAMP '2026-01-31 12:00:00', TRUE);",
       "SELECT x FROM t;",
       "UPDATE t SET c = s.x + 1, d = 0 FROM Orders AS s WHERE t.k = s.k;",
       "DELETE FROM t USING s WHERE t.k = s.k;",
       "UPSERT INTO t SELECT a, b FROM s ON t.k = s.k;",
       ("PARTITION WITH (symbol OF Trades, sym OF Quotes) BEGIN "
        "INSERT INTO #mid SELECT CASE WHEN a THEN 1 END AS x FROM Trades; "
        "@info(name='q') INSERT INTO Out SELECT ap FROM #mid WHERE ap > 10; END;"),
       ("PARTITION WITH (price < 10 AS 'low' OR price >= 10 AS 'high' OF T) BEGIN "
        "SELECT a FROM T; END;"),
       "EXPLAIN SELECT a FROM t;",
       "EXPLAIN INSERT INTO x SELECT a FROM t;",
       "SHOW STREAMS;",
       "SHOW TABLE;",
       "DESCRIBE x;",
       "DROP STREAM x;",
       ("@id('stable') @onerror(action='dlq') @limit(rows=10, ttl='5 min') @async(buffer.size=64) "
        "@purge(enable=true, interval='1 min') SELECT a FROM s;")});
  for (const std::string_view text : statements) {
    CAPTURE(text);
    CHECK(accepted(text).statements.size() == 1);
  }
}

TEST_CASE("every clause of a query parses") {
  constexpr auto queries = std::to_array<std::string_view>(
      {"WITH q AS (SELECT a FROM s), r AS (SELECT b FROM q) SELECT DISTINCT a FROM r;",
       "SELECT *, t.*, a AS b, count(*) FROM s AS t[a > 1] WINDOW TIME(5 MINUTES) PER (a, b);",
       ("SELECT a FROM s WHERE a > 1 GROUP BY a, 2, a + b HAVING sum(b) > 1 "
        "ORDER BY a DESC NULLS LAST, b ASC, 3 NULLS FIRST LIMIT 5 WITH TIES OFFSET 2 EMIT FINAL "
        "OUTPUT SNAPSHOT EVERY 5 SECONDS;"),
       "SELECT a FROM s LIMIT 5 OUTPUT FIRST EVERY 3 EVENTS;",
       "SELECT a FROM s OUTPUT EVERY 3 EVENTS;",
       ("SELECT a FROM x INNER JOIN y ON x.a = y.a LEFT OUTER JOIN z USING (a, b) "
        "RIGHT JOIN u ON TRUE FULL OUTER JOIN v ON a = b CROSS JOIN w;"),
       "SELECT a FROM x WINDOW LENGTH(3) UNIDIRECTIONAL JOIN y AS z WINDOW LENGTH(5) ON x.a = z.a;",
       "SELECT a FROM (SELECT b AS a FROM s) AS t WINDOW UNIQUE(a);",
       "SELECT a FROM s JOIN agg ON s.k = agg.k WITHIN '2026-01-**' PER 'days';",
       "SELECT a FROM agg WITHIN '2026-01-01', '2026-02-01' PER 'hours';",
       "SELECT a FROM s WINDOW ('sort', 5, price DESC, time);",
       "SELECT a FROM s WINDOW SORT(5, price DESC, time ASC) UNION ALL SELECT b FROM !t;"});
  for (const std::string_view text : queries) {
    CAPTURE(text);
    only<QueryStatement>(text);
  }
}

TEST_CASE("every form of a pattern parses") {
  constexpr auto patterns = std::to_array<std::string_view>(
      {"PATTERN (A)", "PATTERN (EVERY a=A -> b=B[x > a.x] -> C) WITHIN 5 SECONDS",
       "PATTERN (EVERY (a=A -> b=B){2,3} -> C) WITHIN 10 EVENTS PARTITION BY k, j",
       "SEQUENCE (a=A, b=B+, c=C*, d=D?, e=E{3}, f=F{3,}, G)",
       "SEQUENCE (a=A<2>, b=B<2:3>, c=C<2:>, d=D<:3>[x = 1], A -> B)",
       "PATTERN (a=A AND b=B AND c=C -> d=D OR e=E)", "PATTERN (a=A -> NOT B FOR 5 SECONDS)",
       "PATTERN (NOT A[x = 1] FOR 1 MIN AND b=B -> NOT C -> D)", "PATTERN (A -> EVERY B -> C)",
       "PATTERN (every -> EVERY every=EVERY)"});
  for (const std::string_view text : patterns) {
    CAPTURE(text);
    only<QueryStatement>("SELECT 1 AS x FROM " + std::string(text) + ";");
  }
  const auto query = only<QueryStatement>("SELECT e[last-1].x AS x FROM PATTERN (e=A{2,} -> B);");
  const auto& relation = std::get<PatternRelation>(query.query.selects[0].from.node);
  const auto& first = std::get<StreamElement>(relation.pattern->steps[0].element.node);
  CHECK(first.repetition->least == 2);
  CHECK_FALSE(first.repetition->most.has_value());
  const auto& item = std::get<SelectExpression>(query.query.selects[0].items[0].node);
  CHECK(std::get<Member>(item.value.node).name.text == "x");
}

TEST_CASE("every form of an expression parses") {
  constexpr auto expressions =
      std::to_array<std::string_view>({"a + b * -c % 2 || 'x'",
                                       "a = b AND NOT c <> d OR e == f",
                                       "a BETWEEN 1 AND 2 AND b",
                                       "a NOT BETWEEN b AND c",
                                       "a IN (1, 2)",
                                       "a NOT IN t",
                                       "a LIKE 'x!%' ESCAPE '!'",
                                       "a NOT ILIKE b",
                                       "a REGEXP '^x'",
                                       "a IS NOT NULL",
                                       "a IS TRUE",
                                       "a IS NOT DISTINCT FROM b",
                                       "CASE a WHEN 1 THEN 'x' ELSE 'y' END",
                                       "CASE WHEN a THEN b END",
                                       "CAST(a AS DECIMAL(3, 1))",
                                       "TRY_CAST(a AS INT)",
                                       "a::BIGINT::STRING",
                                       "doc->'a'->0->>(b || 'c')",
                                       "json_value(doc, $.a.b)",
                                       "e[0].x",
                                       "avg(e.x)",
                                       "count(DISTINCT a)",
                                       "count(*) FILTER (WHERE a > 1)",
                                       "SUBSTRING(s FROM 2 FOR 3)",
                                       "EXTRACT(HOUR FROM ts)",
                                       "min(a) + second(ts) + left(s, 2) + and(b)",
                                       "TIMESTAMP '2026-01-31'",
                                       "5 SECONDS",
                                       "INTERVAL '5' SECOND",
                                       "500 MS",
                                       "0x1F",
                                       "1e5",
                                       "4.2",
                                       ".5",
                                       "'it''s'",
                                       "-9223372036854775808",
                                       "-(-(5))",
                                       "- a",
                                       "-(5)",
                                       "(a OR b) AND c",
                                       "a - (b - c)",
                                       "a - b - c",
                                       "NOT (a AND b)",
                                       "(a IS NULL) = b",
                                       "\"from\".`x y`",
                                       "NULL",
                                       "TRUE"});
  for (const std::string_view text : expressions) {
    CAPTURE(text);
    expression_of(text);
  }
}

TEST_CASE("operators bind as the language says") {
  const auto same = [](std::string_view a, std::string_view b) {
    CAPTURE(a);
    CHECK(expression_of(a) == expression_of(b));
  };
  same("a + b * c", "a + (b * c)");
  same("a - b - c", "(a - b) - c");
  same("-a * b", "(-a) * b");
  same("NOT a = b", "NOT (a = b)");
  same("NOT a AND b", "(NOT a) AND b");
  same("a OR b AND c", "a OR (b AND c)");
  same("a BETWEEN 1 AND 2 AND c", "(a BETWEEN 1 AND 2) AND c");
  same("a + 1 = b || c", "(a + 1) = (b || c)");
  same("a == b", "a = b");
  same("a != b", "a <> b");
  same("-x::INT", "-(CAST(x AS INT))");
}

TEST_CASE("literals have their values") {
  CHECK(std::get<IntegerLiteral>(expression_of("0x1F").node).value == 31);
  CHECK(std::get<IntegerLiteral>(expression_of("-9223372036854775808").node).value == INT64_MIN);
  CHECK(std::get<DecimalLiteral>(expression_of("1e5").node).value == 100000.0);
  CHECK(std::get<StringLiteral>(expression_of("'it''s'").node).value == "it's");
  CHECK(std::get<DurationLiteral>(expression_of("1.5 sec").node).microseconds == 1'500'000);
  CHECK(std::get<DurationLiteral>(expression_of("INTERVAL '2' WEEKS").node).microseconds ==
        1'209'600'000'000);
  CHECK(std::get<DurationLiteral>(expression_of("2 YEARS").node).months == 24);
}

TEST_CASE("keywords ignore case and names keep it") {
  const auto query = only<QueryStatement>("select t, T from S where t = \"from\";");
  const auto& items = query.query.selects[0].items;
  CHECK(to_text(items[0].node.index() == 1 ? std::get<SelectExpression>(items[0].node).value
                                           : Expression{}) == "t");
  CHECK(to_text(std::get<SelectExpression>(items[1].node).value) == "T");
  CHECK(std::get<StreamRelation>(query.query.selects[0].from.node).name.text == "S");
}

TEST_CASE("every keyword that is not reserved is a name everywhere") {
  constexpr auto also = std::to_array<std::string_view>(
      {"count",  "time",     "type",   "value",   "level", "total", "status", "message",
       "action", "category", "method", "content", "label", "text",  "name",   "region",
       "sink",   "second",   "min",    "s",       "ms",    "day"});
  std::vector<std::string> words(std::begin(also), std::end(also));
  for (const std::string& word : keywords())
    if (!needs_quotes(word)) words.push_back(word);
  CHECK(words.size() > 80);
  for (const std::string& word : words) {
    CAPTURE(word);
    const std::string text = with_word(
        "@~(~='x')\nCREATE STREAM ~ (~ INT, x INT);\n"
        "INSERT INTO ~ (~) SELECT ~, ~.~ AS ~, ~(~) FROM ~ AS ~[~ > 1] WINDOW ~(~) WHERE ~ = 1 "
        "GROUP BY ~, ~ HAVING ~ > 1 ORDER BY ~, ~ DESC LIMIT 1;\n"
        "SELECT x FROM PATTERN (~=~ -> ~);\n",
        word);
    CHECK(accepted(text).statements.size() == 3);
  }
}

TEST_CASE("the semicolon behind @app is optional") {
  CHECK(accepted("@app(name='a') CREATE STREAM s;").statements.size() == 2);
  CHECK(accepted("@app(name='a'); CREATE STREAM s").statements.size() == 2);
  CHECK(accepted("@app(name='a')").statements.size() == 1);
  CHECK(accepted(";;").statements.empty());
}

TEST_CASE("a statement is complete at its semicolon and not inside a block") {
  CHECK(is_complete("SELECT a FROM b;"));
  CHECK(is_complete(""));
  CHECK_FALSE(is_complete("SELECT a"));
  CHECK_FALSE(is_complete("PARTITION WITH (a OF b) BEGIN SELECT a FROM b;"));
  CHECK_FALSE(is_complete("SELECT ';'"));
  CHECK(
      is_complete("PARTITION WITH (a OF b) BEGIN SELECT CASE WHEN a THEN 1 END AS x FROM b; END;"));
}

TEST_CASE("nesting at the limit parses and beyond it is an error") {
  const auto nested = [](std::size_t depth) {
    return "SELECT " + std::string(depth, '(') + "a" + std::string(depth, ')') + " AS x FROM s;";
  };
  CHECK(parse(nested(250)).ok());
  const ParseResult deep = parse(nested(100'000));
  REQUIRE(deep.diagnostics.size() == 1);
  CHECK(code_text(deep.diagnostics[0].code) == "EF0104");
  std::string chain = "SELECT a";
  for (int index = 0; index < 1000; ++index)
    chain += " + 1";
  CHECK(parse(chain + " AS x FROM s;").ok());
  for (int index = 0; index < 1000; ++index)
    chain += " + 1";
  CHECK_FALSE(parse(chain + " AS x FROM s;").ok());
}

}  // namespace eventflux::syntax
