#include <doctest/doctest.h>

#include "eventflux/extension.hpp"

namespace eventflux::mappers::bytes {

void register_extension(Registry& registry);

TEST_CASE("text goes in and out untouched") {
  Registry registry;
  register_extension(registry);
  const MapperEntry* bytes = registry.find_mapper("bytes");
  const Schema schema{{{"n", Type::int64}, {"body", Type::string}}};
  auto decoder = bytes->decoder({}, {.fields = {{.name = "body", .type = Type::string}}}).value();
  BatchBuilder rows(Schema{{{"body", Type::string}}});
  std::string payload("a\0\u00e9 and a long tail", 20);
  REQUIRE(decoder->decode({payload.data(), payload.size()}, Timestamp{1}, rows).ok());
  std::vector<Column> columns;
  Batch batch = rows.view(0, 1, columns);
  CHECK(batch.text(0, 0) == payload);
  std::string out;
  auto encoder = bytes->encoder({}, Schema{{{"body", Type::string}}}).value();
  CHECK(encoder->encode(batch, 0, out).ok());
  CHECK(out == payload);
  CHECK(encoder->separator().empty());
  CHECK(bytes->encoder({{"column", "body"}}, schema).ok());
  CHECK(bytes->encoder({{"field-index", "1"}}, schema).ok());
}

TEST_CASE("a STRING is UTF-8: other octets need an encoding, EF0601") {
  Registry registry;
  register_extension(registry);
  const MapperEntry* bytes = registry.find_mapper("bytes");
  const auto decode = [&](const ParamValues& values) {
    std::string payload("a\0\xff", 3);
    BatchBuilder rows(Schema{{{"body", Type::string}}});
    auto decoder =
        bytes->decoder(values, {.fields = {{.name = "body", .type = Type::string}}}).value();
    const auto decoded = decoder->decode({payload.data(), payload.size()}, Timestamp{1}, rows);
    if (!decoded.ok()) return code_text(decoded.error().code);
    std::vector<Column> columns;
    return std::string(rows.view(0, 1, columns).text(0, 0));
  };
  CHECK(decode({}) == "EF0601");
  CHECK(decode({{"encoding", "latin1"}}) == std::string("a\0\u00ff", 4));
  CHECK(decode({{"encoding", "hex"}}) == "6100ff");
  CHECK(decode({{"encoding", "base64"}}) == "YQD/");
}

TEST_CASE("other columns are refused") {
  Registry registry;
  register_extension(registry);
  const MapperEntry* bytes = registry.find_mapper("bytes");
  const Schema schema{{{"n", Type::int64}, {"body", Type::string}}};
  CHECK(code_text(bytes->encoder({}, schema).error().code) == "EF0206");
  CHECK(code_text(bytes->encoder({{"field-index", "7"}}, schema).error().code) == "EF0206");
  CHECK(code_text(bytes->encoder({{"column", "x"}}, schema).error().code) == "EF0203");
  CHECK(code_text(bytes->decoder({}, {}).error().code) == "EF0207");
  CHECK(code_text(bytes->decoder({{"x", "1"}}, {}).error().code) == "EF0301");
  BatchBuilder rows(Schema{{{"body", Type::string}}});
  REQUIRE(rows.append(std::vector<Value>{Value()}, Timestamp{1}).ok());
  std::vector<Column> columns;
  const Batch batch = rows.view(0, 1, columns);
  std::string out;
  auto encoder = bytes->encoder({}, Schema{{{"body", Type::string}}}).value();
  CHECK(code_text(encoder->encode(batch, 0, out).error().code) == "EF0606");
}

TEST_CASE("BYTES take every octet of a payload, and give it back") {
  Registry registry;
  register_extension(registry);
  const MapperEntry* bytes = registry.find_mapper("bytes");
  const Schema schema{{{"body", Type::bytes}}};
  const std::vector<FieldSpec> fields{{.name = "body", .type = Type::bytes}};
  auto decoder = bytes->decoder({}, {.fields = fields}).value();
  BatchBuilder rows(schema);
  std::string payload("a\0\xff and a tail that is not inline", 35);
  REQUIRE(decoder->decode({payload.data(), payload.size()}, Timestamp{1}, rows).ok());
  std::vector<Column> columns;
  const Batch batch = rows.view(0, 1, columns);
  CHECK(batch.bytes(0, 0) == payload);
  std::string out;
  REQUIRE(bytes->encoder({}, schema).value()->encode(batch, 0, out).ok());
  CHECK(out == payload);
  CHECK(code_text(bytes->decoder({{"encoding", "hex"}}, {.fields = fields}).error().code) ==
        "EF0206");
}

}  // namespace eventflux::mappers::bytes
