#include "syntax/format.hpp"

#include <string>

#include <doctest/doctest.h>

namespace eventflux::syntax {
namespace {

std::string formatted(std::string_view text) {
  std::string once = *format_text(text);
  CHECK(*format_text(once) == once);
  CHECK(parse(once).statements == parse(text).statements);
  return once;
}

}  // namespace

TEST_CASE("keywords are upper case and clauses have lines of their own") {
  CHECK(formatted("select  a,b as c from s where a>1 group by a limit 3;show streams") ==
        "SELECT a, b AS c\n"
        "FROM s\n"
        "WHERE a > 1\n"
        "GROUP BY a\n"
        "LIMIT 3;\n"
        "\n"
        "SHOW STREAMS;\n");
}

TEST_CASE("comments stay beside what they explain") {
  CHECK(formatted("-- the file\n\n-- the stream\ncreate stream s ( a INT, -- first\n"
                  "  -- above b\n  b INT /* second */ ); -- done\n-- the end") ==
        "-- the file\n"
        "\n"
        "-- the stream\n"
        "CREATE STREAM s (\n"
        "    a INT,  -- first\n"
        "    -- above b\n"
        "    b INT  /* second */\n"
        ");  -- done\n"
        "\n"
        "-- the end\n");
}

TEST_CASE("long lists have one item per line") {
  const std::string text = formatted(
      "@source(type='websocket', url='wss://a.long.example.com/with/a/path', "
      "open.messages='{}', @map(type='json')) CREATE SOURCE c;");
  CHECK(text ==
        "@source(\n"
        "    type='websocket',\n"
        "    url='wss://a.long.example.com/with/a/path',\n"
        "    open.messages='{}',\n"
        "    @map(type='json'))\n"
        "CREATE SOURCE c;\n");
}

TEST_CASE("chains keep their meaning however long they are and wherever brackets stand") {
  const auto chain = [](int terms) {
    std::string text = "a = 0";
    for (int term = 1; term < terms; ++term)
      text += " OR a = " + std::to_string(term);
    return text;
  };
  formatted("SELECT a FROM s WHERE " + chain(100));
  formatted("SELECT a FROM s WHERE (" + chain(20) + ") OR " + chain(20));
  formatted("SELECT a FROM s WHERE (" + chain(100) + ") OR (" + chain(100) + ")");
  formatted("SELECT a FROM s WHERE " + chain(100) + " AND (" + chain(50) + ") AND b");
}

TEST_CASE("a target that stood last moves to the front") {
  CHECK(formatted("SELECT a FROM s INSERT ALL EVENTS INTO t (x)") ==
        "INSERT ALL EVENTS INTO t (x)\nSELECT a\nFROM s;\n");
}

TEST_CASE("resources and partitions keep their shape") {
  CHECK(formatted("create resource r on c when $.a='x' each $.b[*] (t TIMESTAMP path $.t, "
                  "watermark for t as t - 2 sec) checkpoint (t) monotonic;"
                  "partition with (k of s) begin select a from s; end;") ==
        "CREATE RESOURCE r ON c\n"
        "WHEN $.a = 'x'\n"
        "EACH $.b[*]\n"
        "(t TIMESTAMP PATH $.t, WATERMARK FOR t AS t - 2 SECONDS)\n"
        "CHECKPOINT (t) MONOTONIC;\n"
        "\n"
        "PARTITION WITH (k OF s)\n"
        "BEGIN\n"
        "    SELECT a\n"
        "    FROM s;\n"
        "END;\n");
}

TEST_CASE("a text with an error is not formatted") {
  const Result<std::string> result = format_text("SELEC a;");
  REQUIRE_FALSE(result.ok());
  CHECK(code_text(result.error().code) == "EF0107");
}

}  // namespace eventflux::syntax
