#include "condition.hpp"

#include <doctest/doctest.h>

namespace eventflux::connectors::websocket {
namespace {

bool fits(const std::string& condition, std::string_view json) {
  return Condition::parse(condition).value().fits(json);
}

TEST_CASE("conditions find scalars at any depth") {
  CHECK(fits("$.a = 'x'", R"({"a":"x"})"));
  CHECK(fits("$.a = 'x'", " {\"b\" : [1,{\"a\":\"y\"}] , \"a\" : \"x\" } "));
  CHECK(fits("$.a.b[1]['c d'] = 2", R"({"a":{"b":[0,{"c d":2.0}]}})"));
  CHECK(fits("$.a = 'x' AND $.n != 2 and $.t = true", R"({"a":"x","n":3,"t":true})"));
  CHECK(fits("$.r = null", R"({"r":null})"));
  CHECK(fits("$[0] = 'it''s'", R"(["it's"])"));
  CHECK(fits("$ = 1", "1"));
  CHECK(fits(R"($.a = 'ü"')", R"({"\u0061":"\u00fc\""})"));
  CHECK(fits(R"($.e = '😀')", R"({"e":"\ud83d\ude00"})"));
}

TEST_CASE("OR joins what AND has joined, and payload is the whole message") {
  CHECK(fits("$.op = 'pong' OR $.ret_msg = 'pong'", R"({"op":"ping","ret_msg":"pong"})"));
  CHECK(fits("$.a = 1 AND $.b = 2 or $.c = 3", R"({"a":1,"c":3})"));
  CHECK_FALSE(fits("$.a = 1 AND $.b = 2 OR $.c = 3", R"({"a":1})"));
  CHECK(fits("payload = 'pong'", "pong"));
  CHECK_FALSE(fits("payload = 'pong'", "\"pong\""));
  CHECK(fits("payload != 'pong' AND $.a = 1", R"({"a":1})"));
  CHECK(fits("payload = 'it''s'", "it's"));
  CHECK(fits("payload = ''", ""));
}

TEST_CASE("what is not there, or no scalar, fits neither = nor !=") {
  for (const char* json : {"", "{", "{}", R"({"a":{}})", R"({"a":[]})", R"({"b":1})", R"({"a":)",
                           R"({"a)", R"({"a\)", "[]", "null", R"({"b":{"a":1}})", R"({"a" 1})"}) {
    CHECK_FALSE(fits("$.a = 1", json));
    CHECK_FALSE(fits("$.a != 1", json));
  }
  CHECK_FALSE(fits("$.a = '1'", R"({"a":1})"));
  CHECK(fits("$.a != '1'", R"({"a":1})"));
  CHECK_FALSE(fits("$.a = 'x'", R"({"a":"\ud83d"})"));
  CHECK_FALSE(fits("$[1] = 1", "[1]"));
}

TEST_CASE("deep and cut-off JSON costs no stack and reads nothing behind it") {
  const std::string deep = R"({"b":)" + std::string(2'000'000, '[');
  CHECK_FALSE(fits("$.a = 1", deep));
  const std::string whole = R"({"b":["\"]}",{"c":"\\"}],"a":"x"})";
  for (std::size_t size = 0; size + 2 < whole.size(); ++size)
    CHECK_FALSE(fits("$.a = 'x' AND $.b[1].c = '\\'", whole.substr(0, size)));
  CHECK(fits("$.a = 'x' AND $.b[1].c = '\\'", whole));
}

TEST_CASE("a condition that cannot be read is EF0303") {
  for (const char* text :
       {"", "$", "$.a", "$.a =", "a = 1", "$.a = x", "$.a = 'x", "$.a = 1 $.b = 2", "$.a = 1 AND",
        "$.a = 1 OR", "$.a = 1 ORD $.b = 2", "payload", "payload = 1", "payloads = 'x'", "$.a < 1",
        "$..a = 1", "$[x] = 1", "$.a = {}"}) {
    const auto parsed = Condition::parse(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == Code::invalid_value);
  }
}

}  // namespace
}  // namespace eventflux::connectors::websocket
