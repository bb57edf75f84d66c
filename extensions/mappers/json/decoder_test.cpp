#include <doctest/doctest.h>

#include "harness.hpp"

namespace eventflux::mappers::json {
namespace {

std::vector<FieldSpec> trade() {
  return {{.name = "symbol", .type = Type::string},
          {.name = "price", .type = Type::float64},
          {.name = "size", .type = Type::int64}};
}

FieldSpec at(std::string name, Type type, std::string path) {
  return {.name = std::move(name), .type = type, .path = std::move(path)};
}

/// Decodes {"x": json} into one column.
std::string one(Type type, std::string_view json, const ParamValues& values = {}) {
  Fixture fixture({{.name = "x", .type = type}}, values);
  return fixture.decode("{\"x\": " + std::string(json) + " }");
}

bool fails_with(const std::string& text, std::string_view code) {
  return text.starts_with(code);
}

}  // namespace

TEST_CASE("columns take the fields of their own names in any order") {
  Fixture fixture(trade());
  CHECK(fixture.decode(R"({"symbol":"IBM","price":10.5,"size":3})") == "IBM|10.5|3");
  CHECK(fixture.decode(R"( { "size" : 4, "other":[1,{"a":null}], "price":11, "symbol":"A" } )") ==
        "A|11.0|4");
  CHECK(fixture.decode(R"({"symbol":"a text longer than twelve","price":null})") ==
        "a text longer than twelve|null|null");
  CHECK(fixture.decode("{}") == "null|null|null");
  CHECK(fixture.decode("\xEF\xBB\xBF{\"size\":1}\r\n") == "null|null|1");
}

TEST_CASE("a predicted key that is only a part of the real one is no match") {
  Fixture fixture({{.name = "ab", .type = Type::int64}});
  CHECK(fixture.decode(R"({"a":1,"ab":2})") == "2");
  CHECK(fixture.decode(R"({"abc":1,"ab":3})") == "3");
  CHECK(fixture.decode(R"({"ab":4,"abc":1})") == "4");
  CHECK(fixture.decode(R"({"\u0061b":5})") == "5");
  CHECK(fixture.decode(R"({"\u0061b":6})") == "6");
}

TEST_CASE("the last of two equal keys counts") {
  Fixture fixture({at("b", Type::int64, "$.a.b"),
                   at("c", Type::int64, "$.a.c"),
                   {.name = "s", .type = Type::string}});
  CHECK(fixture.decode(R"({"a":{"b":1},"s":"x","a":{"c":2},"s":null})") == "null|2|null");
  CHECK(fixture.decode(R"({"a":{"b":1,"b":3}})") == "3|null|null");
  Fixture strict({{.name = "x", .type = Type::int64}}, {{"duplicate.keys", "error"}});
  CHECK(fails_with(strict.decode(R"({"x":1,"x":2})"), "EF0601"));
}

TEST_CASE("a first value of another type is not a fault when its key comes again") {
  Fixture fixture({at("b", Type::int64, "$.a.b"), {.name = "x", .type = Type::int64}});
  CHECK(fixture.decode(R"({"x":"soon","x":2})") == "null|2");
  CHECK(fixture.decode(R"({"x":1e30,"a":{"b":{}},"x":3,"a":{"b":4}})") == "4|3");
  CHECK(fails_with(fixture.decode(R"({"x":1,"x":"soon"})"), "EF0604: column 'x'"));
  CHECK(fails_with(fixture.decode(R"({"x":"soon","y":2})"), "EF0604: column 'x'"));
  CHECK(fixture.decode(R"({"x":5})") == "null|5");
  Fixture rows({at("id", Type::int64, ""), at("seq", Type::int64, "$.seq")}, {}, "$.rows[*]");
  CHECK(rows.decode(R"({"seq":"x","rows":[{"id":"y","id":1},{"id":2}],"seq":7})") == "1|7\n2|7");
  CHECK(fails_with(rows.decode(R"({"seq":7,"rows":[{"id":1},{"id":"y"}]})"), "EF0604"));
}

TEST_CASE("an integer may have a fraction of zeros, and DOUBLE takes NaN and infinity as text") {
  CHECK(one(Type::int64, "1823239875545723918.0") == "1823239875545723918");
  CHECK(one(Type::int64, "-9223372036854775808.00") == "-9223372036854775808");
  CHECK(one(Type::int64, "\"9007199254740993.000000000000\"") == "9007199254740993");
  CHECK(fails_with(one(Type::int64, "9223372036854775808.0"), "EF0603"));
  CHECK(fails_with(one(Type::int64, "1823239875545723918.05"), "EF0604"));
  CHECK(one(Type::float64, "\"NaN\"") == "NaN");
  CHECK(one(Type::float64, "\"-Infinity\"") == "-Infinity");
  CHECK(one(Type::float32, "\"inf\"") == "Infinity");
  CHECK(fails_with(one(Type::float64, "NaN"), "EF0601"));
  CHECK(fails_with(one(Type::float64, "\"NaNo\""), "EF0604"));
}

TEST_CASE("text without an offset is a time in time-zone") {
  const ParamValues zone{{"time-zone", "America/New_York"}};
  CHECK(one(Type::timestamp, "\"2026-07-01 12:00\"", zone) ==
        one(Type::timestamp, "\"2026-07-01T16:00:00Z\""));
  CHECK(one(Type::timestamp, "\"2026-07-01T12:00:00Z\"", zone) ==
        one(Type::timestamp, "\"2026-07-01T12:00:00Z\""));
}

TEST_CASE("paths lead through objects, arrays and odd keys") {
  Fixture fixture({at("a", Type::int64, "$.p.q"), at("b", Type::string, "$.l[1].n"),
                   at("c", Type::float64, "$['odd key'][\"x.y\"]"), at("d", Type::json, "$.p"),
                   at("e", Type::json, "$")});
  CHECK(fixture.decode(R"({"p": {"q": 1} ,"l":[{"n":"x"},{"n":"y"}],"odd key":{"x.y":2.5}})") ==
        R"(1|y|2.5|{"q": 1}|{"p": {"q": 1} ,"l":[{"n":"x"},{"n":"y"}],"odd key":{"x.y":2.5}})");
  CHECK(fixture.decode(R"({"p":[1],"l":{}})") == R"(null|null|null|[1]|{"p":[1],"l":{}})");
}

TEST_CASE("EACH makes one row per element with the values around it") {
  Fixture fixture({at("id", Type::int64, ""), at("seq", Type::int64, "$.seq"),
                   at("all", Type::json, "@"), at("type", Type::string, "$.meta.type")},
                  {}, "$.events[*].trades[*]");
  CHECK(fixture.decode(R"({"events":[{"trades":[{"id":1},{"id":2}]},{"trades":[]},{"trades":
        [{"id":3}]}],"seq":9,"meta":{"type":"t"}})") ==
        "1|9|{\"id\":1}|t\n2|9|{\"id\":2}|t\n3|9|{\"id\":3}|t");
  CHECK(fixture.decode(R"({"seq":1})").empty());
  CHECK(fixture.decode(R"({"events":[{"trades":[{"id":1}],"trades":[{"id":2}]}]})") ==
        "2|null|{\"id\":2}|null");
  CHECK(fixture.decode(R"({"events":[{"trades":[{"id":1}]}],"events":[]})").empty());
  CHECK(fixture.rows().rows() == 0);
}

TEST_CASE("EACH may name one object, and its columns may be written from the root") {
  Fixture fixture({at("E", Type::int64, "$.data.E"), at("s", Type::string, "@.s"),
                   at("stream", Type::string, "$.stream")},
                  {}, "$.data");
  CHECK(fixture.decode(R"({"stream":"b","data":{"E":5,"s":"BTC"}})") == "5|BTC|b");
  CHECK(fixture.decode(R"({"stream":"b","data":null})").empty());
  CHECK(fails_with(fixture.decode(R"({"data":[1]})"), "EF0604"));
}

TEST_CASE("a root array gives a row per element unless columns index it") {
  Fixture rows({{.name = "x", .type = Type::int64}});
  CHECK(rows.decode(R"([{"x":1},{},{"x":3}])") == "1\nnull\n3");
  CHECK(rows.decode("[]").empty());
  CHECK(fails_with(rows.decode("[1]"), "EF0604"));
  Fixture candle({at("open", Type::float64, "$[1]"), at("t", Type::int64, "$[0]")});
  CHECK(candle.decode(R"([17,"4.5",[]])") == "4.5|17");
  Fixture elements({at("x", Type::int64, "@")}, {}, "$[*]");
  CHECK(elements.decode("[1,2]") == "1\n2");
}

TEST_CASE("a payload may be a single value for a column that takes it whole") {
  Fixture fixture({at("x", Type::string, "$")});
  CHECK(fixture.decode(" \"a\\nb\" ") == "a\nb");
  CHECK(fixture.decode("12") == "12");
  CHECK(fixture.decode("[1, 2]") == "[1, 2]\n[1, 2]");
  CHECK(fails_with(Fixture(trade()).decode("12"), "EF0604"));
  CHECK(fails_with(fixture.decode("\"a\" \"b\""), "EF0601"));
  CHECK(fails_with(fixture.decode("12 13"), "EF0601"));
}

TEST_CASE("numbers arrive exactly as written, from numbers and from text") {
  CHECK(one(Type::float64, "\"20060.59\"") == "20060.59");
  CHECK(one(Type::float64, "0.1") == "0.1");
  CHECK(one(Type::float64, "123456789012345678901234567890") == "1.2345678901234568e+29");
  CHECK(one(Type::float64, "\" +007.50 \"") == "7.5");
  CHECK(one(Type::float64, "-0.0") == "-0.0");
  CHECK(one(Type::float64, "1e-400") == "0.0");
  CHECK(one(Type::float32, "16777217.5") == "16777218.0");
  CHECK(one(Type::int64, "9007199254740993") == "9007199254740993");
  CHECK(one(Type::int64, "9007199254740993.0") == "9007199254740993");
  CHECK(one(Type::int64, "-9223372036854775808") == "-9223372036854775808");
  CHECK(one(Type::int64, "1.2e1") == "12");
  CHECK(one(Type::int64, "\"12\"") == "12");
  CHECK(one(Type::int64, "12.0") == "12");
  CHECK(one(Type::int64, "0e999") == "0");
}

TEST_CASE("what does not fit a number is refused with its code") {
  CHECK(one(Type::int64, "12.5") == "EF0604: column 'x': '12.5' is not a BIGINT");
  CHECK(one(Type::int64, "9223372036854775808") ==
        "EF0603: column 'x': '9223372036854775808' is out of range for BIGINT");
  CHECK(fails_with(one(Type::int64, "-9223372036854775809"), "EF0603"));
  CHECK(fails_with(one(Type::int64, "1e30"), "EF0603"));
  CHECK(fails_with(one(Type::int32, "2147483648"), "EF0603"));
  CHECK(one(Type::int32, "-2147483648") == "-2147483648");
  CHECK(fails_with(one(Type::float64, "1e400"), "EF0603"));
  CHECK(fails_with(one(Type::float32, "1e39"), "EF0603"));
  CHECK(fails_with(one(Type::float64, "\"ten\""), "EF0604"));
  CHECK(one(Type::int64, "true") ==
        "EF0604: column 'x': 'true' is a boolean where a BIGINT belongs");
  CHECK(fails_with(one(Type::float64, "{}"), "EF0604"));
  CHECK(fails_with(one(Type::float64, "[1]"), "EF0604"));
  CHECK(fails_with(one(Type::int64, "01"), "EF0601"));
  CHECK(fails_with(one(Type::float64, "1."), "EF0601"));
  CHECK(fails_with(one(Type::float64, ".5"), "EF0601"));
  CHECK(fails_with(one(Type::float64, "-"), "EF0601"));
}

TEST_CASE("times are RFC 3339 text, numbers in a unit, or text by a pattern") {
  CHECK(one(Type::timestamp, "\"2026-01-31T12:00:00.123456789+01:00\"") ==
        "2026-01-31T11:00:00.123456Z");
  CHECK(one(Type::timestamp, "1700000000000") == "2023-11-14T22:13:20Z");
  CHECK(one(Type::timestamp, "\"1700000000000\"") == "2023-11-14T22:13:20Z");
  CHECK(one(Type::timestamp, "1700000000.25", {{"timestamp.unit", "s"}}) ==
        "2023-11-14T22:13:20.250Z");
  CHECK(one(Type::timestamp, "1700000000000000", {{"timestamp.unit", "us"}}) ==
        "2023-11-14T22:13:20Z");
  CHECK(one(Type::timestamp, "1700000000000000999", {{"timestamp.unit", "ns"}}) ==
        "2023-11-14T22:13:20Z");
  const ParamValues pattern{{"date-format", "dd/MM/yyyy HH:mm"}};
  CHECK(one(Type::timestamp, "\"31/01/2026 23:30\"", pattern) == "2026-01-31T23:30:00Z");
  CHECK(one(Type::int64, "\"01/01/1970 00:01\"", pattern) == "60000");
  CHECK(fails_with(one(Type::timestamp, "\"2026-01-31T12:00:00Z\"", pattern), "EF0604"));
  CHECK(fails_with(one(Type::timestamp, "\"soon\""), "EF0604"));
  CHECK(fails_with(one(Type::timestamp, "1e300"), "EF0603"));
  CHECK(one(Type::duration, "\"1500ms\"") == "1500ms");
  CHECK(one(Type::duration, "20") == "20ms");
}

TEST_CASE("text, booleans and documents keep what was written") {
  CHECK(one(Type::string, "12.50") == "12.50");
  CHECK(one(Type::string, "true") == "true");
  CHECK(one(Type::string, "{\"a\": [1]}") == "{\"a\": [1]}");
  CHECK(one(Type::string, R"("\u00e9\ud83d\ude00\t\"")") == "\xC3\xA9\xF0\x9F\x98\x80\t\"");
  CHECK(one(Type::boolean, "false") == "false");
  CHECK(one(Type::boolean, "\"TRUE\"") == "true");
  CHECK(fails_with(one(Type::boolean, "1"), "EF0604"));
  CHECK(fails_with(one(Type::boolean, "\"yes\""), "EF0604"));
  CHECK(one(Type::json, "[1, {\"a\":\"b\"}]") == "[1, {\"a\":\"b\"}]");
  CHECK(one(Type::json, "\"text\"") == "\"text\"");
  CHECK(one(Type::json, "null") == "null");
}

TEST_CASE("what is missing is NULL, the default, or an error") {
  Fixture fixture({{.name = "a", .type = Type::int64, .default_value = Value(7)},
                   {.name = "b", .type = Type::string, .not_null = true}});
  CHECK(fixture.decode(R"({"b":"x"})") == "7|x");
  CHECK(fixture.decode(R"({"b":"x","a":null})") == "7|x");
  CHECK(fixture.decode(R"({"a":1,"b":null})") == "EF0602: column 'b' is NOT NULL and has no value");
  CHECK(fails_with(fixture.decode("{}"), "EF0602"));
}

TEST_CASE("a document must be whole, alone, and UTF-8") {
  Fixture fixture({{.name = "x", .type = Type::json}});
  for (const std::string_view bad : {"",
                                     " ",
                                     "{",
                                     "}",
                                     R"({"x":1)",
                                     R"({"x":1}})",
                                     R"({"x":1} 2)",
                                     R"({"x":1}{"x":2})",
                                     R"({"x":})",
                                     R"({"x" 1})",
                                     R"({x:1})",
                                     R"({"x":1,})",
                                     R"({"x":[1,]})",
                                     R"({"x":[1 2]})",
                                     R"({"x":tru})",
                                     R"({"x":nul})",
                                     R"({"x":"a)",
                                     R"({"x":"\q"})",
                                     R"({"x":"\u12"})",
                                     R"({"x":"\ud800"})",
                                     R"({"x":"\udc00"})",
                                     R"({"x":[1})",
                                     R"({"x":{"a":1]})",
                                     R"({"y":tru})",
                                     R"({"y":"\q"})",
                                     R"({"\q":1})",
                                     R"({"y":{"\q":1}})",
                                     R"({"y":01})",
                                     R"({"y":[1,2})",
                                     "{\"x\":\"\xff\"}",
                                     "{\"x\":\"a\nb\"}",
                                     "[",
                                     "[1",
                                     "[{}",
                                     "nul",
                                     "\"a"}) {
    CAPTURE(bad);
    CHECK(fails_with(fixture.decode(bad), "EF0601"));
  }
  CHECK(fixture.decode(R"({"x":1})") == "1");
}

TEST_CASE("nesting is bounded, also where nobody looks") {
  const auto nested = [](int levels) {
    return std::string(R"({"y":)") + std::string(static_cast<std::size_t>(levels - 1), '[') +
           std::string(static_cast<std::size_t>(levels - 1), ']') + "}";
  };
  Fixture fixture({{.name = "x", .type = Type::int64}});
  CHECK(fixture.decode(nested(64)) == "null");
  CHECK(fails_with(fixture.decode(nested(65)), "EF0601"));
  Fixture flat({{.name = "x", .type = Type::int64}}, {{"max.depth", "1"}});
  CHECK(flat.decode(R"({"x":1})") == "1");
  CHECK(fails_with(flat.decode(R"({"x":1,"y":[]})"), "EF0601"));
  CHECK(fails_with(Fixture(trade(), {{"max.depth", "129"}}).decode("{}"), "EF0303"));
}

TEST_CASE("unknown fields are an error on request") {
  Fixture fixture({at("x", Type::int64, "$.a.x")}, {{"unknown.fields", "error"}});
  CHECK(fixture.decode(R"({"a":{"x":1}})") == "1");
  CHECK(fails_with(fixture.decode(R"({"a":{"x":1,"y":2}})"), "EF0601"));
  CHECK(fails_with(fixture.decode(R"({"b":1})"), "EF0601"));
}

TEST_CASE("parameters name their mistakes") {
  CHECK(fails_with(Fixture(trade(), {{"mapping.prise", "$.p"}}).decode("{}"), "EF0203"));
  CHECK(fails_with(Fixture(trade(), {{"mapping.price", "p"}}).decode("{}"), "EF0108"));
  CHECK(fails_with(Fixture(trade(), {{"mapping.price", "$.p[*]"}}).decode("{}"), "EF0108"));
  CHECK(fails_with(Fixture(trade(), {{"mapping.price", "$.p[x]"}}).decode("{}"), "EF0108"));
  CHECK(fails_with(Fixture(trade(), {{"mapping.price", "$['p"}}).decode("{}"), "EF0108"));
  CHECK(fails_with(Fixture(trade(), {{"mapping.price", "$."}}).decode("{}"), "EF0108"));
  CHECK(fails_with(Fixture(trade(), {}, "@.x").decode("{}"), "EF0108"));
  CHECK(fails_with(Fixture(trade(), {{"date-format", "QQ"}}).decode("{}"), "EF0303"));
  CHECK(fails_with(Fixture(trade(), {{"max.dept", "3"}}).decode("{}"), "EF0301"));
  CHECK(Fixture(trade(), {{"mapping.price", "$.p"}}).decode(R"({"p":1})") == "null|1.0|null");
  CHECK(Fixture(trade(), {{"each", "$.rows[*]"}}).decode(R"({"rows":[{"size":1}]})") ==
        "null|null|1");
}

TEST_CASE("a failed payload leaves the rows before it alone") {
  Fixture fixture(trade());
  std::string good = R"({"symbol":"A","size":1})" + std::string(64, ' ');
  std::string bad = R"({"symbol":"B","size":"x"})" + std::string(64, ' ');
  REQUIRE(
      fixture.decoder().decode({good.data(), good.size() - 64}, Timestamp{1}, fixture.rows()).ok());
  CHECK_FALSE(
      fixture.decoder().decode({bad.data(), bad.size() - 64}, Timestamp{2}, fixture.rows()).ok());
  fixture.rows().truncate(1);
  REQUIRE(
      fixture.decoder().decode({good.data(), good.size() - 64}, Timestamp{3}, fixture.rows()).ok());
  CHECK(fixture.rows().rows() == 2);
}

TEST_CASE("a DECIMAL has the digits that are written, and no others") {
  const Type type = Type::decimal_of(38, 10);
  CHECK(one(type, "1234567890123456789012345678.0000000001") ==
        "1234567890123456789012345678.0000000001");
  CHECK(one(type, "\"0.1\"") == "0.1000000000");
  CHECK(one(type, "-1.5e-3") == "-0.0015000000");
  CHECK(one(type, "0.10000000000") == "0.1000000000");
  CHECK(fails_with(one(type, "0.10000000001"), "EF0604"));
  CHECK(fails_with(one(type, "1e28"), "EF0603"));
  CHECK(fails_with(one(type, "\"NaN\""), "EF0604"));
  CHECK(fails_with(one(type, "true"), "EF0604"));
  CHECK(fails_with(one(type, "01"), "EF0601"));
}

}  // namespace eventflux::mappers::json
