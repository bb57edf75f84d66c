// Random documents: the decoder accepts what nlohmann accepts and binds the same values, and what
// the encoder writes reads back to the same rows.
#include <bit>
#include <cmath>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "harness.hpp"

namespace eventflux::mappers::json {
namespace {

using Document = nlohmann::json;

std::string random_text(Rng& rng) {
  constexpr std::array<std::string_view, 12> parts{
      "a", "Z", "0", " ", "\"", "\\", "\n", "\x01", "\xC3\xA9", "\xF0\x9F\x98\x80", "/", "longer"};
  std::string text;
  for (std::uint64_t i = rng.below(12); i > 0; --i)
    text += parts[rng.below(parts.size())];
  return text;
}

double random_real(Rng& rng) {
  if (rng.below(2) == 0) return static_cast<double>(rng.below(2'000'000'000)) / 1e4 - 1e5;
  const auto value = std::bit_cast<double>(rng.next());
  return std::isfinite(value) ? value : 0.25;
}

Document random_value(Rng& rng, int depth) {
  switch (rng.below(depth > 3 ? 6 : 8)) {
    case 0:
      return nullptr;
    case 1:
      return rng.below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(rng.next());
    case 3:
      return static_cast<std::int64_t>(rng.below(100));
    case 4:
      return random_real(rng);
    case 5:
      return random_text(rng);
    case 6: {
      Document list = Document::array();
      for (std::uint64_t i = rng.below(4); i > 0; --i)
        list.push_back(random_value(rng, depth + 1));
      return list;
    }
    default: {
      constexpr std::array<std::string_view, 6> keys{"a", "b", "c", "odd \"key\"", "é", "zz"};
      Document object = Document::object();
      for (std::uint64_t i = rng.below(5); i > 0; --i)
        object[std::string(keys[rng.below(keys.size())])] = random_value(rng, depth + 1);
      return object;
    }
  }
}

Document random_object(Rng& rng) {
  Document object = Document::object();
  for (const char* key : {"a", "b", "c", "d"})
    if (rng.below(4) != 0) object[key] = random_value(rng, 0);
  return object;
}

/// Takes out, exchanges or puts in a byte at some place.
void damage(Rng& rng, std::string& text) {
  constexpr std::string_view bytes = "{}[],:\"\\ \n0-9.eEtfnula\xC3\xFF\x01";
  const std::size_t at = rng.below(text.size());
  if (rng.below(3) == 0) {
    text.erase(at, 1);
  } else if (rng.below(2) == 0) {
    text[at] = bytes[rng.below(bytes.size())];
  } else {
    text.insert(at, 1, bytes[rng.below(bytes.size())]);
  }
}

Document parsed(const std::string& text) {
  return Document::parse(text, nullptr, false);
}

}  // namespace

TEST_CASE("random documents bind what nlohmann finds in them") {
  Rng rng(1);
  Fixture fixture({{.name = "a", .type = Type::json},
                   {.name = "b", .type = Type::json, .path = "$.b.c"},
                   {.name = "c", .type = Type::string},
                   {.name = "d", .type = Type::json, .path = "$.d[1]"}});
  for (int i = 0; i < 4000; ++i) {
    const Document object = random_object(rng);
    std::string text = object.dump(i % 2 == 0 ? -1 : 2, ' ', i % 3 == 0);
    text.resize(text.size() + 64, ']');
    CAPTURE(text);
    fixture.rows().clear();
    REQUIRE(fixture.decoder()
                .decode({text.data(), text.size() - 64}, Timestamp{1}, fixture.rows())
                .ok());
    std::vector<Column> columns;
    const Batch row = fixture.rows().view(0, 1, columns);
    const auto same = [&](std::size_t column, const Document& expected) {
      if (row.is_null(0, column)) return expected.is_null();
      return parsed(std::string(row.text(0, column))) == expected;
    };
    CHECK(same(0, object.value("a", Document())));
    const Document b = object.value("b", Document());
    CHECK(same(1, b.is_object() ? b.value("c", Document()) : Document()));
    const Document c = object.value("c", Document());
    if (c.is_string()) {
      CHECK(row.text(0, 2) == c.get<std::string>());
    } else {
      CHECK(same(2, c));
    }
    const Document d = object.value("d", Document());
    CHECK(same(3, d.is_array() && d.size() > 1 ? d[1] : Document()));
  }
}

TEST_CASE("damaged documents are accepted exactly when nlohmann accepts them") {
  Rng rng(2);
  Fixture fixture(
      {{.name = "a", .type = Type::json}, {.name = "b", .type = Type::json, .path = "$.b.c"}});
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = random_object(rng).dump();
    for (std::uint64_t edits = 1 + rng.below(2); edits > 0 && !text.empty(); --edits)
      damage(rng, text);
    const Document expected = parsed(text);
    const bool object = expected.is_object();
    std::string payload = text + std::string(64, '}');
    fixture.rows().clear();
    const auto decoded =
        fixture.decoder().decode({payload.data(), text.size()}, Timestamp{1}, fixture.rows());
    fixture.rows().clear();
    // Other documents than objects are rejected as such or give one row per element.
    if (!expected.is_discarded() && !object) continue;
    // nlohmann refuses numbers that are out of a double's range; raw JSON keeps them as text.
    CAPTURE(text);
    if (expected.is_discarded() && decoded.ok() && text.find_first_of("eE") != std::string::npos)
      continue;
    CHECK(decoded.ok() == object);
    accepted += decoded.ok() ? 1 : 0;
  }
  CHECK(accepted > 100);
}

TEST_CASE("numbers read as nlohmann reads them") {
  Rng rng(3);
  Fixture fixture({{.name = "x", .type = Type::float64}});
  for (int i = 0; i < 20000; ++i) {
    std::string number = std::to_string(static_cast<std::int64_t>(rng.next() >> rng.below(60)));
    if (rng.below(2) == 0) number += "." + std::to_string(rng.next() >> rng.below(60));
    if (rng.below(3) == 0) number += "e" + std::to_string(static_cast<int>(rng.below(600)) - 300);
    const Document expected = parsed(number);
    if (expected.is_discarded()) continue;
    CAPTURE(number);
    const std::string cell = rng.below(2) == 0 ? number : "\"" + number + "\"";
    CHECK(fixture.decode("{\"x\":" + cell + "}") == real_text(expected.get<double>()));
  }
}

TEST_CASE("rows that are encoded read back the same") {
  Rng rng(4);
  const std::vector<FieldSpec> fields{
      {.name = "b", .type = Type::boolean},  {.name = "i", .type = Type::int32},
      {.name = "l", .type = Type::int64},    {.name = "f", .type = Type::float32},
      {.name = "d", .type = Type::float64},  {.name = "t", .type = Type::timestamp},
      {.name = "u", .type = Type::duration}, {.name = "s", .type = Type::string},
      {.name = "j", .type = Type::json}};
  Fixture fixture(fields);
  Registry registry;
  register_extension(registry);
  auto encoder = registry.find_mapper("json")->encoder({}, fixture.schema()).value();
  for (int i = 0; i < 4000; ++i) {
    BatchBuilder rows(fixture.schema());
    std::vector<Value> row{rng.below(2) == 0,
                           static_cast<int>(static_cast<std::int32_t>(rng.next())),
                           static_cast<std::int64_t>(rng.next()),
                           static_cast<double>(static_cast<float>(rng.below(1000)) / 7.0F),
                           random_real(rng),
                           Timestamp{static_cast<std::int64_t>(rng.below(4'000'000'000'000'000))},
                           static_cast<std::int64_t>(rng.below(1'000'000'000)),
                           random_text(rng),
                           random_object(rng).dump()};
    for (Value& value : row)
      if (rng.below(8) == 0) value = Value();
    REQUIRE(rows.append(row, Timestamp{1}).ok());
    std::vector<Column> columns;
    const Batch batch = rows.view(0, 1, columns);
    std::string expected;
    for (std::size_t column = 0; column < fields.size(); ++column)
      expected += (column > 0 ? "|" : "") + to_text(batch.value(0, column), fields[column].type);
    std::string out;
    REQUIRE(encoder->encode(batch, 0, out).ok());
    CHECK(fixture.decode(out) == expected);
  }
}

}  // namespace eventflux::mappers::json
