#include <array>
#include <string>

#include <doctest/doctest.h>

#include "syntax/parser.hpp"

namespace eventflux::syntax {
namespace {

std::string errors(std::string_view text) {
  const ParseResult parsed = parse(text);
  const SourceText source("t.efql", std::string(text));
  std::string all;
  for (const Diagnostic& diagnostic : parsed.diagnostics)
    all += render_text(diagnostic, source);
  return all;
}

// "EF0107 1:8 message", of every diagnostic.
std::string short_errors(std::string_view text) {
  const ParseResult parsed = parse(text);
  const SourceText source("", std::string(text));
  std::string all;
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    all += (all.empty() ? "" : "\n") + code_text(diagnostic.code) +
           source.location(diagnostic.span.begin).replace(0, 1, " ") + ' ' + diagnostic.message;
  }
  return all;
}

struct Mistake {
  std::string_view text;
  std::string_view error;
};

constexpr auto mistakes = std::to_array<Mistake>({
    {"SELECT a, FROM t;", "EF0107 1:11 expected '*' or an expression, found 'FROM'"},
    {"SELECT a FROM t WHERE;", "EF0107 1:22 expected an expression, found ';'"},
    {"CREATE STREM s (a INT);", "EF0107 1:8 expected STREAM, found 'STREM'"},
    {"CREATE STREAM s (a INT, b);", "EF0107 1:26 expected a type, found ')'"},
    {"SELEC a FROM t;", "EF0107 1:1 expected SELECT, found 'SELEC'"},
    {"SELECT a FROM t WINDOW TUMBLING(1 MIN GROUP BY a;",
     "EF0107 1:39 expected ASC, DESC, ',', ')' or an operator, found 'GROUP'"},
    {"SELECT a FROM PATTERN (EVERY e=A[x>1] -> -> B);",
     "EF0107 1:42 expected NOT, EVERY, '(' or a name, found '->'"},
    {"SELECT a FROM t ORDER BY a DES, b;", "EF0107 1:28 expected DESC, found 'DES'"},
    {"CREATE STREAM s (a INT) WIT (a='b');", "EF0107 1:25 expected WITH, found 'WIT'"},
    {"CREATE STREAM s (a INT)\nINSERT INTO s SELECT a FROM t;",
     "EF0107 2:1 expected ';', found 'INSERT'"},
    {"SELECT a FROM t WHERE x LKE 'a';", "EF0107 1:25 expected LIKE, found 'LKE'"},
    {"@source(type=) CREATE SOURCE a;", "EF0107 1:14 expected a value, found ')'"},
    {"SELECT a FROM PATTERN (A, B);",
     "EF0107 1:25 expected '->' between the steps of a PATTERN, found ','"},
    {"SELECT 'abc FROM t;", "EF0102 1:8 string is not closed"},
    {"SELECT a /* b FROM t;", "EF0102 1:10 comment is not closed"},
    {"SELECT a ~ b FROM t;", "EF0101 1:10 unexpected character '~'"},
    {"SELECT 5x AS a FROM t;", "EF0103 1:8 '5x' is neither a number nor a duration"},
    {"SELECT 99999999999999999999 AS a FROM t;",
     "EF0103 1:8 '99999999999999999999' does not fit BIGINT"},
    {"SELECT $.a AS b FROM t;", "EF0107 1:8 a JSON path is not allowed here"},
    {"CREATE RESOURCE r ON c EACH $.a[x] (a INT);", "EF0108 1:32 the JSON path stops at '$.a'"},
    {"SELECT (a FROM t;", "EF0107 1:11 expected ')' or an operator, found 'FROM'"},
    {"@app(name='x' CREATE STREAM s;", "EF0107 1:15 expected ',' or ')', found 'CREATE'"},
    {"hello", "EF0107 1:1 expected a statement, found 'hello'"},
    {"SELECT a FROM s INSERT INTO", "EF0107 1:28 expected a name, found the end of the text"},
    {"PARTITION WITH (a OF b) BEGIN SELECT a FROM b END;", "EF0107 1:47 expected ';', found 'END'"},
    {"SELECT INTERVAL 'x' SECOND AS a FROM t;", "EF0109 1:8 'x' is not an amount of time"},
    {"CREATE STREAM s (a INT a);", "EF0107 1:24 'a' is not allowed here"},
    {"SELECT count(a b) FROM t;", "EF0107 1:16 expected FROM, ',', ')' or an operator, found 'b'"},
    {"CREATE STREAM s (a INT PATH $.a PATH $.b);", "EF0107 1:33 written twice for the same column"},
    {"CREATE STREAM s (a INT, WATERMARK FOR a AS a, WATERMARK FOR a AS a);",
     "EF0202 1:47 a second WATERMARK; a stream has at most one"},
    {"SELECT a FROM PATTERN (A{0});", "EF0107 1:25 a count from 0 to 0 that no row can fill"},
    {"SELECT a FROM s LIMIT x;", "EF0107 1:23 expected a number, found 'x'"},
    {"SELECT a b FROM s;", "EF0107 1:10 expected AS before the name 'b'"},
    {"INSERT INTO s VALUES (1, );", "EF0107 1:26 expected an expression, found ')'"},
    {"@sink(type='x' url='y') CREATE STREAM s;", "EF0107 1:16 expected ',' or ')', found 'url'"},
    {"CREATE STREAM s (a INT) AS SELECT b FROM t;", "EF0107 1:25 expected WITH or ';', found 'AS'"},
    {"SELECT a FROM s WHERE a = ;", "EF0107 1:27 expected an expression, found ';'"},
    {"SELECT a FROM s JOIN;", "EF0107 1:21 expected PATTERN, SEQUENCE, '(' or a name, found ';'"},
    {"SELECT a FROM s AS WHERE a;", "EF0107 1:20 expected a name, found 'WHERE'"},
    {"SELECT a FROM PATTERN (EVERY a=A) WITHIN 5;",
     "EF0107 1:43 expected EVENTS or a time unit, found ';'"},
    {"PARTITION WITH (a OF b) BEGIN SELECT a FROM b;",
     "EF0107 1:47 expected END or a statement, found the end of the text"},
    {"CREATE TRIGGER t AT EVER 5 SECONDS;", "EF0107 1:21 expected EVERY, found 'EVER'"},
});

}  // namespace

TEST_CASE("a misspelt keyword is named") {
  CHECK(errors("SELECT product_id, sum(a) AS vwap\nFRM matches WINDOW TUMBLING(10 SECONDS);") ==
        "error[EF0107]: expected FROM, found 'FRM'\n"
        "  ┌─ t.efql:2:1\n"
        "2 │ FRM matches WINDOW TUMBLING(10 SECONDS);\n"
        "  │ ^^^ did you mean FROM?\n");
}

TEST_CASE("each mistake has one message at its word") {
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.text);
    CHECK(short_errors(mistake.text) == mistake.error);
  }
}

TEST_CASE("a keyword as a name says how to write it") {
  CHECK(errors("CREATE STREAM from (a INT);") ==
        "error[EF0107]: expected a name, found 'from'\n"
        "  ┌─ t.efql:1:15\n"
        "1 │ CREATE STREAM from (a INT);\n"
        "  │               ^^^^\n"
        "  = 'from' is a keyword; as a name it is written \"from\"\n");
}

TEST_CASE("statements behind a wrong one are read") {
  const ParseResult parsed =
      parse("SELECT FROM t;\nSELECT a FROM t;\nSELECT a FORM t;\nSHOW STREAMS;");
  CHECK(parsed.statements.size() == 2);
  CHECK(parsed.diagnostics.size() == 2);
}

TEST_CASE("at most twenty errors are kept and the others counted") {
  std::string text;
  for (int index = 0; index < 30; ++index)
    text += "SELEC a;\n";
  const ParseResult parsed = parse(text);
  CHECK(parsed.diagnostics.size() == 20);
  CHECK(parsed.left_out == 10);
}

// Without precedence the explanation took time with the cube of the length: hours for this text.
TEST_CASE("an error after a long chain is found in linear time") {
  std::string text = "SELECT a FROM t GROUP BY x";
  for (int term = 1; term < 4000; ++term)
    text += term % 2 == 0 ? " OR x" : " AND x + 1 > 2";
  CHECK(short_errors(text + " HAVIN x;").ends_with("expected HAVING, found 'HAVIN'"));
}

TEST_CASE("chains of AND and OR may be long, operands may not be deep") {
  std::string chain = "SELECT a FROM t WHERE x = 0";
  for (int term = 1; term < 10'000; ++term)
    chain += " OR x = " + std::to_string(term);
  const ParseResult parsed = parse(chain + ";");
  REQUIRE(parsed.ok());
  CHECK(parsed.retried == 0);
  std::string sum = "SELECT a";
  for (int term = 1; term < 2000; ++term)
    sum += " + a";
  CHECK(short_errors(sum + " AS s FROM t;").starts_with("EF0104 1:"));
}

TEST_CASE("the slips of other dialects are named") {
  CHECK(short_errors("SELECT count(*) n FROM t;") == "EF0107 1:17 expected AS before the name 'n'");
  CHECK(short_errors("SELECT sum(v) OVER (PARTITION BY k) AS s FROM t;") ==
        "EF0230 1:15 window functions (OVER) are not supported yet");
}

TEST_CASE("columns count characters and language servers UTF-16 units") {
  CHECK(short_errors("SELECT 'äöü€😀' ~ b FROM t;") == "EF0101 1:16 unexpected character '~'");
  const std::string text = "SELECT 'äöü€😀' ~ b FROM t;";
  const ParseResult parsed = parse(text);
  CHECK(render_json(parsed.diagnostics[0], SourceText("t.efql", text)) ==
        R"({"code":"EF0101","severity":"error","file":"t.efql","range":{"start":{"line":0,)"
        R"("character":16},"end":{"line":0,"character":17}},"message":"unexpected character '~'",)"
        R"("help":[],"fixes":[]})");
  CHECK(short_errors("SELECT a\n\xFF") == "EF0101 2:1 the text is not UTF-8");
}

TEST_CASE("a fix replaces the misspelt word") {
  const ParseResult parsed = parse("SELECT a FORM t;");
  CHECK(
      render_json(parsed.diagnostics[0], SourceText("t.efql", "SELECT a FORM t;")) ==
      R"({"code":"EF0107","severity":"error","file":"t.efql","range":{"start":{"line":0,)"
      R"("character":9},"end":{"line":0,"character":13}},"message":"expected FROM, found 'FORM'",)"
      R"("help":[],"fixes":[{"title":"replace with FROM","edits":[{"range":{"start":{"line":0,)"
      R"("character":9},"end":{"line":0,"character":13}},"newText":"FROM"}]}]})");
}

TEST_CASE("colours mark severity and carets only") {
  const Diagnostic warning{.code = Code::no_watermark,
                           .severity = Severity::warning,
                           .message = "no watermark",
                           .span = {7, 8},
                           .help = {"add one"}};
  const SourceText source("t.efql", "SELECT a");
  CHECK(render_text(warning, source) ==
        "warning[EF0410]: no watermark\n"
        "  ┌─ t.efql:1:8\n"
        "1 │ SELECT a\n"
        "  │        ^\n"
        "  = help: add one\n");
  CHECK(render_text(warning, source, Colour::on).find("\x1b[1;33m^\x1b[0m") != std::string::npos);
}

}  // namespace eventflux::syntax
