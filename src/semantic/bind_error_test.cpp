#include <array>
#include <string>

#include <doctest/doctest.h>

#include "semantic/bind_app.hpp"
#include "semantic/test_registry.hpp"
#include "syntax/parser.hpp"

namespace eventflux::semantic {
namespace {

// "EF0203 2:8 message", of every diagnostic; `S` is declared in front, on line 1.
std::string errors(std::string_view text) {
  static const Registry registry = test_registry();
  const std::string whole =
      "CREATE STREAM S (symbol STRING, price DOUBLE, qty INT, big BIGINT, ok BOOLEAN, at "
      "TIMESTAMP, "
      "doc JSON);\n" +
      std::string(text);
  const syntax::ParseResult parsed = syntax::parse(whole);
  const syntax::SourceText source("", whole);
  std::string all;
  const auto add = [&](const auto& diagnostics) {
    for (const auto& diagnostic : diagnostics) {
      if (diagnostic.severity == syntax::Severity::warning) continue;
      all += (all.empty() ? "" : "\n") + code_text(diagnostic.code) +
             source.location(diagnostic.span.begin).replace(0, 1, " ") + ' ' + diagnostic.message;
      if (!diagnostic.help.empty()) all += " [" + diagnostic.help[0] + ']';
    }
  };
  add(parsed.diagnostics);
  add(bind_app(parsed.statements, registry).diagnostics);
  return all;
}

struct Mistake {
  std::string_view text;
  std::string_view error;
};

constexpr auto mistakes = std::to_array<Mistake>({
    {"SELECT symbl FROM S;",
     "EF0203 2:8 unknown column 'symbl' in stream S [did you mean 'symbol'?]"},
    {"SELECT price FROM T;", "EF0201 2:19 unknown stream 'T'"},
    {"SELECT x.price FROM S;", "EF0201 2:8 unknown stream or alias 'x'"},
    {"SELECT window_end FROM S;",
     "EF0203 2:8 'window_end' is a column of batch windows only [add a batch window: FROM s WINDOW "
     "TUMBLING(10 SECONDS)]"},
    {"SELECT lower(symbol) FROM S;", "EF0205 2:8 unknown function 'lower'"},
    {"SELECT uper(symbol) FROM S;", "EF0205 2:8 unknown function 'uper' [did you mean 'upper'?]"},
    {"SELECT upper(price) FROM S;", "EF0205 2:8 upper does not take (DOUBLE)"},
    {"SELECT price + symbol FROM S;",
     "EF0206 2:16 arithmetic needs numbers, not STRING [CAST(… AS DOUBLE)]"},
    {"SELECT -symbol FROM S;", "EF0206 2:9 - needs a number, not STRING"},
    {"SELECT symbol || price FROM S;",
     "EF0206 2:18 || needs STRING, not DOUBLE [CAST(… AS STRING), or concat(…), which takes any "
     "type]"},
    {"SELECT qty FROM S WHERE price;", "EF0209 2:25 WHERE needs a BOOLEAN, not DOUBLE"},
    {"SELECT qty FROM S WHERE symbol = 5;",
     "EF0206 2:34 INT is incompatible with STRING [CAST(… AS STRING)]"},
    {"SELECT qty FROM S WHERE ok AND qty;", "EF0209 2:32 AND needs a BOOLEAN, not INT"},
    {"SELECT qty FROM S WHERE doc = doc;",
     "EF0206 2:25 JSON cannot be compared [CAST(… AS STRING)]"},
    {"SELECT qty FROM S WHERE at > 'yesterday';",
     "EF0109 2:30 'yesterday' is not a TIMESTAMP [write it like '2026-01-31 12:00:00']"},
    {"SELECT qty FROM S WHERE at + 5 > at;",
     "EF0206 2:28 no such arithmetic on TIMESTAMP and INT [TIMESTAMP ± DURATION, TIMESTAMP - "
     "TIMESTAMP, DURATION * number, DURATION / number]"},
    {"SELECT qty FROM S WHERE sum(price) > 1;",
     "EF0210 2:25 aggregate 'sum' is not allowed in WHERE [HAVING sees aggregates]"},
    {"SELECT sum(avg(price)) AS a FROM S;",
     "EF0210 2:12 aggregate 'avg' is not allowed in an aggregate"},
    {"SELECT CASE WHEN ok THEN 1 ELSE 'x' END AS a FROM S;",
     "EF0206 2:33 STRING is incompatible with INT [CAST(… AS INT)]"},
    {"SELECT CAST(at AS INT) AS a FROM S;", "EF0206 2:8 no CAST from TIMESTAMP to INT"},
    {"SELECT CAST(qty AS NUMBER) AS a FROM S;", "EF0212 2:20 unknown type 'NUMBER'"},
    {"SELECT CAST(qty AS STRUCT) AS a FROM S;", "EF0230 2:20 STRUCT is not supported yet"},
    {"SELECT qty IN (1, 'a') AS a FROM S;",
     "EF0206 2:19 STRING is incompatible with INT [CAST(… AS INT)]"},
    {"SELECT qty LIKE 'a' AS a FROM S;", "EF0206 2:8 text is matched, not INT [CAST(… AS STRING)]"},
    {"SELECT NULL AS a FROM S;", "EF0216 2:8 the type of 'a' is not known [CAST(NULL AS BIGINT)]"},
    {"SELECT qty, qty FROM S;",
     "EF0202 2:13 two columns are named 'qty' [name one of them: … AS other_name]"},
    {"SELECT qty + 1 month AS a FROM S;",
     "EF0109 2:14 a month has no fixed length [use DAYS, or date_add]"},
    {"SELECT qty FROM S[price];", "EF0209 2:19 a filter needs a BOOLEAN, not DOUBLE"},
    {"SELECT qty FROM S WINDOW TUMBLNG(5 SECONDS);",
     "EF0211 2:26 unknown window 'TUMBLNG' [did you mean 'TUMBLING'?]"},
    {"SELECT qty FROM S WINDOW TUMBLING(5);", "EF0211 2:26 TUMBLING takes one size"},
    {"SELECT qty FROM S WINDOW TUMBLING(price);",
     "EF0211 2:35 TUMBLING takes durations and integers [TUMBLING(size)]"},
    {"SELECT qty FROM S WINDOW HOPPING(5 SECONDS, 1 SECOND);",
     "EF0230 2:26 window HOPPING is not supported yet"},
    {"SELECT qty FROM S ORDER BY qty;",
     "EF0218 2:28 ORDER BY needs a batch window: this query emits row by row [add a batch window: "
     "FROM S WINDOW TUMBLING(10 SECONDS)]"},
    {"SELECT qty FROM S LIMIT 5;",
     "EF0218 2:19 LIMIT needs a batch window: this query emits row by row [add a batch window: "
     "FROM S WINDOW TUMBLING(10 SECONDS)]"},
    {"SELECT qty FROM S WINDOW LENGTH(5) OFFSET 2;",
     "EF0218 2:36 OFFSET needs a batch window: this query emits row by row [add a batch window: "
     "FROM S WINDOW TUMBLING(10 SECONDS)]"},
    {"SELECT qty FROM S WINDOW LENGTH_BATCH(5) ORDER BY 2;",
     "EF0203 2:51 ORDER BY 2: SELECT has 1 column"},
    {"SELECT qty, count(*) AS c FROM S GROUP BY 3;",
     "EF0214 2:43 GROUP BY 3 is not the position of an expression in SELECT"},
    {"SELECT qty, count(*) AS c FROM S GROUP BY c;",
     "EF0210 2:13 aggregate 'count' is not allowed in GROUP BY"},
    {"SELECT count(symbol, qty) AS c FROM S;",
     "EF0230 2:8 count of several values is not supported yet"},
    {"SELECT sum(symbol) AS c FROM S;", "EF0205 2:8 sum does not take (STRING)"},
    {"SELECT count(*) FILTER (WHERE ok) AS c FROM S;", "EF0230 2:31 FILTER is not supported yet"},
    {"SELECT DISTINCT qty FROM S;", "EF0230 2:8 SELECT DISTINCT is not supported yet"},
    {"SELECT a.qty FROM S AS a JOIN S AS b ON a.qty = b.qty;",
     "EF0230 2:26 JOIN is not supported yet"},
    {"SELECT qty FROM PATTERN (S -> S);", "EF0230 2:17 PATTERN is not supported yet"},
    {"SELECT qty FROM (SELECT qty FROM S) AS x;",
     "EF0230 2:18 a query in FROM is not supported yet"},
    {"SELECT qty FROM S OUTPUT LAST EVERY 5 EVENTS;",
     "EF0230 2:19 OUTPUT … EVERY is not supported yet"},
    {"SELECT qty FROM S UNION ALL SELECT qty FROM S;",
     "EF0230 2:29 UNION ALL is not supported yet"},
    {"WITH x AS (SELECT qty FROM S) SELECT qty FROM x;",
     "EF0230 2:6 WITH … AS (query) is not supported yet"},
    {"INSERT ALL EVENTS INTO o SELECT qty FROM S;",
     "EF0230 2:8 INSERT ALL EVENTS is not supported yet"},
    {"INSERT INTO !S SELECT qty FROM S;", "EF0230 2:13 a fault stream is not supported yet"},
    {"INSERT INTO S SELECT qty FROM S;", "EF0207 2:13 the query returns 1 column, S takes 7"},
    {"CREATE STREAM o (a INT);\nINSERT INTO o SELECT big FROM S;",
     "EF0208 3:22 BIGINT does not fit INT without a CAST, the type of column 'a' of o [CAST(… AS "
     "INT)]"},
    {"CREATE STREAM o (a INT);\nINSERT INTO o SELECT symbol FROM S;",
     "EF0206 3:22 STRING is incompatible with INT, the type of column 'a' of o [CAST(… AS "
     "INT)]"},
    {"CREATE STREAM o (a INT);\nINSERT INTO o SELECT ok FROM S;",
     "EF0206 3:22 BOOLEAN is incompatible with INT, the type of column 'a' of o"},
    {"CREATE STREAM o (a INT, b INT);\nINSERT INTO o SELECT qty FROM S;",
     "EF0207 3:13 the query returns 1 column, o takes 2"},
    {"CREATE STREAM o (a INT NOT NULL, b INT);\nINSERT INTO o (b) SELECT qty FROM S;",
     "EF0207 3:13 column 'a' of o is NOT NULL and gets no value"},
    {"CREATE STREAM o (a INT, b INT);\nINSERT INTO o (x) SELECT qty FROM S;",
     "EF0203 3:16 unknown column 'x' in stream o"},
    {"CREATE STREAM o (a INT);\nINSERT INTO o (a, a) SELECT qty, qty FROM S;",
     "EF0202 3:19 column 'a' is written twice"},
    {"CREATE STREAM o;",
     "EF0216 2:15 the columns of 'o' are not known: no query fills it [CREATE STREAM o (name TYPE, "
     "…)]"},
    {"CREATE STREAM S (a INT);", "EF0202 2:15 'S' is defined twice"},
    {"CREATE STREAM o (a INT, a INT);", "EF0202 2:25 column 'a' is defined twice"},
    {"CREATE STREAM o (a INTT);", "EF0212 2:20 unknown type 'INTT' [did you mean 'INT'?]"},
    {"CREATE STREAM o (a INT DEFAULT 'x');",
     "EF0206 2:32 STRING is incompatible with INT [CAST(… AS INT)]"},
    {"CREATE STREAM o (a INT DEFAULT 1 + 1);", "EF0206 2:32 DEFAULT takes a literal"},
    {"CREATE STREAM o (a INT PATH $.a);", "EF0108 2:29 PATH needs a source to read from"},
    {"CREATE STREAM o (a STRING, WATERMARK FOR a AS a);",
     "EF0213 2:42 'a' is STRING, a watermark needs TIMESTAMP or BIGINT milliseconds"},
    {"CREATE STREAM o (a TIMESTAMP, WATERMARK FOR a AS b);",
     "EF0213 2:50 a watermark is its column, or its column minus a duration [AS a - 2 SECONDS]"},
    {"CREATE STREAM o (a TIMESTAMP, WATERMARK FOR b AS b);",
     "EF0203 2:45 unknown column 'b' in stream o"},
    {"CREATE STREAM o (a INT, PRIMARY KEY (a));",
     "EF0107 2:25 PRIMARY KEY and INDEX belong to tables"},
    {"CREATE TABLE t (a INT);\nSELECT a FROM t;", "EF0230 2:1 CREATE TABLE is not supported yet"},
    {"CREATE FUNCTION f(a INT) RETURNS INT AS a + 1;",
     "EF0230 2:1 CREATE FUNCTION is not supported yet"},
    {"PARTITION WITH (symbol OF S) BEGIN SELECT qty FROM S; END;",
     "EF0230 2:1 PARTITION is not supported yet"},
    {"UPDATE t SET a = 1 WHERE b = 2;", "EF0230 2:1 UPDATE is not supported yet"},
    {"INSERT INTO S VALUES ('a', 1, 1, 1, TRUE, NULL, NULL);",
     "EF0230 2:1 INSERT … VALUES in an app is not supported yet"},
    {"SHOW STREAMS;", "EF0230 2:1 SHOW in an app is not supported yet"},
    {"INSERT INTO a SELECT x FROM b;\nINSERT INTO b SELECT x FROM a;",
     "EF0216 3:29 the columns of 'a' depend on this query [declare them: CREATE STREAM a (name "
     "TYPE, …)]"},
    {"CREATE STREAM a (x INT);\nINSERT INTO b SELECT x FROM a;\nINSERT INTO a SELECT x FROM b;",
     "EF0223 3:15 'a' feeds itself and would never come to an end [leave out one of the queries "
     "between them]"},
    {"CREATE STREAM a (x BIGINT);\nINSERT INTO b SELECT count(*) AS x FROM a WINDOW "
     "LENGTH(3);\nINSERT INTO a SELECT x FROM b;",
     "EF0230 3:15 a cycle of streams, here of 'a', is not supported yet"},
    {"@info(name='q2') SELECT qty FROM S;\nSELECT big FROM S;",
     "EF0202 3:1 two queries are named 'q2'"},
    {"@inf(name='x') SELECT qty FROM S;",
     "EF0304 2:1 unknown annotation '@inf' [did you mean 'info'?]"},
    {"@sink(type='console') SELECT qty FROM S;", "EF0306 2:1 @sink does not belong to a query"},
    {"@limit(rows=5) SELECT qty FROM S;", "EF0230 2:1 @limit is not supported yet"},
    {"@info(nam='x') SELECT qty FROM S;",
     "EF0301 2:7 unknown parameter 'nam' for info [did you mean 'name'?]"},
    {"@info SELECT qty FROM S;", "EF0312 2:1 info needs 'name' and nothing else [@info(name='…')]"},
    {"@onerror(action='dropp') SELECT qty FROM S;",
     "EF0303 2:17 'dropp' is not an action of @onerror [did you mean 'drop'?]"},
    {"@onerror(action='stream') SELECT qty FROM S;",
     "EF0230 2:17 @onerror(action='stream') is not supported yet"},
    {"@app(name='a')\n@app(name='b')", "EF0202 3:1 a second @app; a program has one"},
    {"@app(nme='a')", "EF0301 2:6 unknown parameter 'nme' for @app [did you mean 'name'?]"},
    {"@app(epoch.interval='soon')",
     "EF0303 2:21 epoch.interval = 'soon' is not a duration: expected a number [write it like "
     "500ms, 30s, 2m, 1h]"},
    {"SELECT qty FROM S;\n@info(name='x') @app(name='y') SELECT qty FROM S;",
     "EF0306 3:17 @app does not belong to a query [@app stands at the top of the program]"},
    {"@source(type='websocket', @map(type='json')) CREATE SOURCE c;",
     "EF0312 2:1 websocket needs 'url' [for example url='wss://feed.example.com']"},
    {"@source(type='websockt', url='x') CREATE SOURCE c;",
     "EF0302 2:14 unknown source 'websockt' [did you mean 'websocket'?]"},
    {"@source(type='websocket', url='x', reconect=true) CREATE SOURCE c;",
     "EF0301 2:36 unknown parameter 'reconect' for websocket [did you mean 'reconnect'?]"},
    {"@source(type='websocket', url='x', reconnect='maybe') CREATE SOURCE c;",
     "EF0303 2:46 reconnect = 'maybe' is not true or false"},
    {"@source(type='websocket', url='x', @map(type='jsn')) CREATE SOURCE c;",
     "EF0302 2:46 unknown mapper 'jsn' [did you mean 'json'?]"},
    {"@source(type='websocket', url='x', @map(type='json', ech='a')) CREATE SOURCE c;",
     "EF0301 2:54 unknown parameter 'ech' for json [did you mean 'each'?]"},
    {"@source(type='timer', @map(type='json')) CREATE SOURCE c;",
     "EF0313 2:33 timer handles typed rows and takes no mapper [leave out the mapper]"},
    {"@source(url='x') CREATE SOURCE c;", "EF0312 2:1 @source needs 'type' [@source(type='…')]"},
    {"CREATE SOURCE c;", "EF0312 2:15 source 'c' has no type [@source(type='…') CREATE SOURCE c]"},
    {"@source(type='timer') CREATE SOURCE c;\n@source(type='timer') CREATE SOURCE c;",
     "EF0202 3:37 source 'c' is defined twice"},
    {"@source(type='timer') CREATE STREAM c;",
     "EF0216 2:37 'c' reads a source and needs its columns [CREATE STREAM c (name TYPE, …)]"},
    {"@source(type='timer') @source(type='timer') CREATE STREAM c (a INT);",
     "EF0313 2:23 a stream has one source [CREATE SOURCE and CREATE RESOURCE]"},
    {"CREATE STREAM c (a INT) WITH (type='sourc', extension='timer');",
     "EF0303 2:36 'sourc' is not a type of stream [write 'type'='source' or 'type'='sink']"},
    {"CREATE STREAM c (a INT) WITH (extension='timer');",
     "EF0312 2:31 WITH needs 'type' ['type'='source' or 'type'='sink']"},
    {"@source(type='timer') CREATE SOURCE cc;\nCREATE RESOURCE r ON c (a INT);",
     "EF0219 3:22 unknown source 'c'"},
    {"@source(type='timer') CREATE SOURCE c;\nCREATE RESOURCE rows ON c (a INT);\nSELECT a FROM "
     "row;",
     "EF0221 4:15 no source declares a resource 'row' [did you mean 'rows'?]"},
    {"@source(type='timer') CREATE SOURCE c;\nCREATE RESOURCE r ON c (a INT) CHECKPOINT (b);",
     "EF0203 3:44 unknown column 'b' in stream r"},
    {"@source(type='timer') CREATE SOURCE c;\nCREATE RESOURCE r ON c (a BOOLEAN) CHECKPOINT (a);",
     "EF0215 3:48 'a' is BOOLEAN and has no order to go on from"},
    {"@source(type='timer') CREATE SOURCE c;\nCREATE RESOURCE r ON c (a INT) CHECKPOINT (a) PER "
     "(a);",
     "EF0215 3:52 the cursor cannot be its own key"},
    {"@source(type='timer') CREATE SOURCE c;\nCREATE RESOURCE r ON c WHEN a = 1 (a INT);",
     "EF0203 3:29 WHEN sees the message, not columns [write the path: $.a]"},
    {"@source(type='timer') CREATE SOURCE c;\nCREATE RESOURCE r ON c WHEN @.a = 1 (a INT);",
     "EF0108 3:29 '@' has no element in WHEN [WHEN decides about the whole message: begin with $]"},
    {"@source(type='timer') CREATE SOURCE c;\nCREATE RESOURCE r ON c WHEN $.a (a INT);",
     "EF0209 3:29 WHEN needs a BOOLEAN, not STRING"},
    {"@sink(type='console', @map(type='json')) CREATE STREAM c (a INT);",
     "EF0313 2:33 console handles typed rows and takes no mapper [leave out the mapper]"},
    {"INSERT INTO o SELECT bad FROM S;\nSELECT x FROM o;\nSELECT y FROM o;",
     "EF0203 2:22 unknown column 'bad' in stream S"},
    {"SELECT e[0].x AS y FROM S;", "EF0230 2:8 an indexed row of a pattern is not supported yet"},
    {"SELECT doc->'a' AS y FROM S;", "EF0230 2:8 -> is not supported yet"},
    {"SELECT qty IN t AS y FROM S;", "EF0230 2:15 IN table is not supported yet"},
    {"SELECT TIMESTAMP 'noon' AS y FROM S;",
     "EF0109 2:18 'noon' is not a TIMESTAMP [write it like '2026-01-31 12:00:00']"},
    {"SELECT at AS window_start FROM S INSERT INTO o;\nSELECT window_start FROM o WINDOW "
     "LENGTH_BATCH(5);",
     "EF0204 3:8 'window_start' is a column of o and of its window [write o.window_start for the "
     "column of o]"},
    {"CREATE STREAM o (a INT);\nINSERT INTO o SELECT 5000000000 FROM S;",
     "EF0217 3:22 5000000000 does not fit INT, the type of column 'a' of o"},
    {"@source(type='websocket', url='u', error.dlq.stream='S') CREATE STREAM o (a INT);",
     "EF0345 2:53 dead letters do not fit the columns of S"},
    {"@source(type='websocket', url='u', error.dlq.stream='d') CREATE STREAM o (a "
     "INT);\n@sink(type='http', url='u', error.dlq.stream='d') CREATE STREAM d;",
     "EF0346 3:46 dead letters of 'd' come back to it [send them to a stream of their own]"},
    {"CREATE STREAM o (t TIMESTAMP, WATERMARK FOR t AS t);\nINSERT INTO o SELECT at FROM S;",
     "EF0230 2:15 WATERMARK on a stream that a query fills is not supported yet"},
    {"CREATE STREAM o (f FLOAT DEFAULT 1.5, a INT DEFAULT 5000000000);",
     "EF0217 2:53 5000000000 does not fit INT"},
});

}  // namespace

TEST_CASE("an unknown column says which there are and where they are defined") {
  const Registry registry = test_registry();
  const std::string text = "CREATE STREAM t (price DOUBLE, q INT);\nSELECT avg(prise) AS a FROM t;";
  const BindResult result = bind_app(syntax::parse(text).statements, registry);
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(syntax::render_text(result.diagnostics[0], {"t.efql", text}) ==
        "error[EF0203]: unknown column 'prise' in stream t\n"
        "  ┌─ t.efql:2:12\n"
        "2 │ SELECT avg(prise) AS a FROM t;\n"
        "  │            ^^^^^ not a column of t\n"
        "  = help: did you mean 'price'?\n"
        "  = t has: price DOUBLE, q INT\n"
        "  = t is defined at t.efql:1:15\n");
}

TEST_CASE("each mistake has one message at its word") {
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.text);
    CHECK(errors(mistake.text) == mistake.error);
  }
}

}  // namespace eventflux::semantic
