#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "harness.hpp"

namespace eventflux::mappers::json {
namespace {

Schema all_types() {
  return {{{"b", Type::boolean},
           {"i", Type::int32},
           {"l", Type::int64},
           {"f", Type::float32},
           {"d", Type::float64},
           {"t", Type::timestamp},
           {"u", Type::duration},
           {"s", Type::string},
           {"j", Type::json}}};
}

std::string encode(const Schema& schema, const std::vector<Value>& row,
                   const ParamValues& values = {}) {
  Registry registry;
  register_extension(registry);
  auto encoder = registry.find_mapper("json")->encoder(values, schema);
  if (!encoder.ok()) return to_text(encoder.error());
  BatchBuilder rows(schema);
  const auto appended = rows.append(row, Timestamp{1});
  if (!appended.ok()) return to_text(appended.error());
  std::vector<Column> columns;
  const Batch batch = rows.view(0, 1, columns);
  std::string out;
  const auto encoded = (*encoder)->encode(batch, 0, out);
  return encoded.ok() ? out : to_text(encoded.error());
}

std::string real(double value) {
  return encode({{{"d", Type::float64}}}, {Value(value)});
}

const std::vector<Value> sample{true,
                                1,
                                2,
                                0.5,
                                67012.41,
                                Timestamp{1'500'000},
                                1'500'000,
                                "x\"\n\x01\\ é and more text",
                                "{\"a\":\n1}"};

}  // namespace

TEST_CASE("a row is one object on one line") {
  CHECK(encode(all_types(), sample) ==
        R"({"b":true,"i":1,"l":2,"f":0.5,"d":67012.41,"t":"1970-01-01T00:00:01.500000Z",)"
        R"("u":"1500ms","s":"x\"\n\u0001\\ é and more text","j":{"a": 1}})");
  CHECK(encode({}, {}) == "{}");
  CHECK(encode({{{"odd \"key\"", Type::int64}}}, {Value()}) == R"({"odd \"key\"":null})");
}

TEST_CASE("styles change nulls, times, integers and lines") {
  const Schema schema{{{"a", Type::int64}, {"t", Type::timestamp}, {"z", Type::int64}}};
  const std::vector<Value> row{Value(), Timestamp{-1500}, 5};
  CHECK(encode(schema, row, {{"nulls", "omit"}, {"timestamps", "ms"}, {"bigint", "string"}}) ==
        R"({"t":-2,"z":"5"})");
  CHECK(encode(schema, row, {{"timestamps", "us"}}) == R"({"a":null,"t":-1500,"z":5})");
  CHECK(encode(schema, {Value(), Value(), Value()}, {{"nulls", "omit"}}) == "{}");
  CHECK(encode({{{"a", Type::int64}, {"b", Type::int64}}}, {1, 2}, {{"pretty-print", "true"}}) ==
        "{\n  \"a\": 1,\n  \"b\": 2\n}");
}

TEST_CASE("a template escapes inside quotes and writes JSON outside") {
  const Schema schema{{{"s", Type::string}, {"t", Type::timestamp}, {"n", Type::int64}}};
  CHECK(encode(schema, {"a\"b", Timestamp{0}, Value()},
               {{"template", R"({"msg":"{{s}} at {{t}}{{n}}","s":{{s}},"n":{{n}}})"}}) ==
        R"({"msg":"a\"b at 1970-01-01T00:00:00.000000Z","s":"a\"b","n":null})");
  CHECK(encode(schema, {"a", Timestamp{0}, 1}, {{"template", "{{x}}"}}).starts_with("EF0203"));
  CHECK(encode(schema, {"a", Timestamp{0}, 1}, {{"template", "{{s"}}).starts_with("EF0203"));
  CHECK(encode(schema, {"a", Timestamp{0}, 1}, {{"template", "{{s}}"}, {"nulls", "omit"}})
            .starts_with("EF0313"));
}

TEST_CASE("reals are shortest and exact, and are never integers") {
  CHECK(real(10.0) == R"({"d":10.0})");
  CHECK(real(-0.0) == R"({"d":-0.0})");
  CHECK(real(0.00000001) == R"({"d":0.00000001})");
  CHECK(real(1e-9) == R"({"d":1e-09})");
  CHECK(real(1e300) == R"({"d":1e+300})");
  CHECK(real(0.1 + 0.2) == R"({"d":0.30000000000000004})");
  CHECK(real(std::nan("")) == R"({"d":null})");
  CHECK(real(-std::numeric_limits<double>::infinity()) == R"({"d":null})");
}

TEST_CASE("text that is not UTF-8 does not encode") {
  CHECK(encode({{{"s", Type::string}}}, {"\xff"}) == "EF0606: column 's': text is not UTF-8");
}

TEST_CASE("DECIMAL is written with all its digits, as a number or as a string") {
  const Schema schema{{{"x", Type::decimal_of(38, 10)}, {"y", Type::decimal_of(5, 0)}}};
  const std::vector<Value> row{parse_decimal("1234567890123456789012345678.0000000001").value(),
                               -7};
  CHECK(encode(schema, row) == R"({"x":1234567890123456789012345678.0000000001,"y":-7})");
  CHECK(encode(schema, row, {{"decimal", "string"}}) ==
        R"({"x":"1234567890123456789012345678.0000000001","y":"-7"})");
  CHECK(encode(schema, row, {{"decimal", "string"}, {"template", R"({"t":"{{y}}","v":{{y}}})"}}) ==
        R"({"t":"-7","v":"-7"})");
  const std::string most(38, '9');
  CHECK(encode({{{"x", Type::decimal_of(38, 38)}}}, {Value("-0." + most)},
               {{"decimal", "string"}}) == "{\"x\":\"-0." + most + "\"}");
}

TEST_CASE("BYTES are written in base64, however long they are") {
  const Schema schema{{{"b", Type::bytes}}};
  CHECK(encode(schema, {Value(std::string("\x00\xff", 2))}) == R"({"b":"AP8="})");
  CHECK(encode(schema, {Value("")}) == R"({"b":""})");
  CHECK(encode(schema, {Value()}) == R"({"b":null})");
  CHECK(encode(schema, {Value("a")}, {{"template", R"(b={{b}} "{{b}}")"}}) == R"(b="YQ==" "YQ==")");
  const std::string octets(3000, '\x01');
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "AQEB";
  CHECK(encode(schema, {Value(octets)}) == "{\"b\":\"" + text + "\"}");
}

}  // namespace eventflux::mappers::json
