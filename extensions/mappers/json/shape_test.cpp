// Payloads of one skeleton with other values, damaged in all ways, through a decoder that knows
// shapes and through one that has never seen a payload: the same rows, or the same error.
#include <doctest/doctest.h>

#include "harness.hpp"
#include "learn_shape.hpp"

namespace eventflux::mappers::json {
namespace {

struct Reader {
  std::vector<FieldSpec> fields;
  ParamValues values{};
  std::string each{};
};

FieldSpec at(std::string name, Type type, std::string path = {}) {
  return {.name = std::move(name), .type = type, .path = std::move(path)};
}

std::vector<Reader> readers() {
  return {
      {{at("a", Type::float64), at("b", Type::int64), at("c", Type::string),
        at("d", Type::timestamp)}},
      {{at("a", Type::int32), at("b", Type::float32), at("c", Type::json), at("d", Type::boolean)},
       {{"unknown.fields", "error"}, {"duplicate.keys", "error"}}},
      {{at("a", Type::string), at("x", Type::timestamp, "$.a"), at("b", Type::json),
        at("y", Type::int64, "$.b.a"), at("c", Type::duration), at("whole", Type::json, "$")},
       {{"timestamp.unit", "s"}, {"max.depth", "3"}}},
      {{at("a", Type::int64), at("b", Type::string, "@.c[1]"), at("c", Type::json, "@"),
        at("d", Type::float64, "$.a"), at("e", Type::json, "$.b")},
       {},
       "$.b[*]"},
      {{at("a", Type::string, "@.a"), at("b", Type::float64, "$.c")}, {}, "$.b[*].d[*]"},
      {{{.name = "a", .type = Type::int64, .default_value = Value(7)},
        {.name = "b", .type = Type::string, .not_null = true},
        at("d", Type::int64)},
       {{"date-format", "yyyy-MM-dd"}}}};
}

std::string scalar(Rng& rng) {
  constexpr std::array<std::string_view, 34> values{"1",
                                                    "-1",
                                                    "0",
                                                    "-0",
                                                    "01",
                                                    "1.5",
                                                    "12.0",
                                                    "1e3",
                                                    "\"1.5\"",
                                                    "\"12\"",
                                                    "\" 12 \"",
                                                    "\"+3\"",
                                                    "\"abc\"",
                                                    "\"\"",
                                                    "true",
                                                    "false",
                                                    "\"true\"",
                                                    "null",
                                                    "2147483648",
                                                    "1.",
                                                    R"("a\n")",
                                                    R"("\q")",
                                                    "\"é\"",
                                                    "\"\xff\"",
                                                    "\"a\tb\"",
                                                    "[]",
                                                    "{}",
                                                    "-",
                                                    "[1,2]",
                                                    "{\"a\":5}",
                                                    "\"2026-01-31T12:00:00Z\"",
                                                    "\"2026-01-31\"",
                                                    "\"a text that is longer than twelve\"",
                                                    "9007199254740993"};
  if (rng.below(4) != 0) return std::string(values[rng.below(values.size())]);
  std::string digits = std::to_string(rng.next() >> rng.below(64));
  if (rng.below(2) == 0) digits.insert(rng.below(digits.size() + 1), ".");
  return rng.below(2) == 0 ? digits : "\"" + digits + "\"";
}

/// A document with '#' where scalars come.
std::string skeleton(Rng& rng, int depth) {
  constexpr std::array<std::string_view, 6> keys{R"("a")", R"("b")",  R"("c")",
                                                 R"("d")", R"("zz")", R"("\u0061")"};
  if (depth > 0 && rng.below(depth > 2 ? 1 : 2) == 0) return "#";
  const bool object = depth == 0 ? rng.below(8) != 0 : rng.below(2) == 0;
  const std::string blank = rng.below(8) == 0 ? " " : "";
  std::string text = (object ? "{" : "[") + blank;
  const std::string same = skeleton(rng, depth + 1);
  const bool alike = rng.below(2) == 0;
  for (std::uint64_t i = rng.below(5); i > 0; --i) {
    if (object) text += std::string(keys[rng.below(keys.size())]) + ":" + blank;
    text += !object && alike ? same : skeleton(rng, depth + 1);
    if (i > 1) text += "," + blank;
  }
  return text + blank + (object ? "}" : "]");
}

/// Most values stay as they are from one document to the next.
std::string fill(Rng& rng, const std::string& skeleton, std::vector<std::string>& values) {
  std::string text;
  std::size_t used = 0;
  for (const char c : skeleton) {
    if (c != '#') {
      text += c;
      continue;
    }
    if (used == values.size()) values.push_back(rng.below(3) == 0 ? scalar(rng) : "1");
    text += rng.below(6) == 0 ? scalar(rng) : values[used];
    ++used;
  }
  return text;
}

std::string damage(Rng& rng, std::string text) {
  constexpr std::string_view bytes = "{}[],:\"\\ \n0-9.eEtfnula\xC3\xFF\x01";
  const std::size_t place = rng.below(text.size());
  switch (rng.below(8)) {
    case 0:
      text[place] = bytes[rng.below(bytes.size())];
      return text;
    case 1:
      return text.substr(0, place);
    case 2:
      return text.insert(place, 1, bytes[rng.below(bytes.size())]);
    case 3:
      return text.erase(place, 1);
    default:
      return text;
  }
}

void compare_with_fresh(Fixture& learned, const Reader& reader, const std::string& text) {
  CAPTURE(text);
  Fixture fresh(reader.fields, reader.values, reader.each);
  CHECK(learned.decode(text) == fresh.decode(text));
}

/// Follows a shape with other documents of one skeleton, and decodes those that follow it anew.
class Followers {
 public:
  explicit Followers(const Reader& reader)
      : reader_(reader),
        spec_{reader.fields, reader.each},
        plan_(make_plan(spec_, {}).value()),
        schema_(Fixture(reader.fields).schema()) {}

  /// Returns how many documents of a new skeleton followed the shape of the first.
  int count(Rng& rng) {
    const std::string form = skeleton(rng, 0);
    std::vector<std::string> values;
    const std::string first = fill(rng, form, values);
    // What is learned must be a valid document; only shapes of those count.
    if (Fixture(reader_.fields, reader_.values, reader_.each).decode(first).starts_with("EF"))
      return 0;
    const std::string spare = first + std::string(64, ' ');
    const auto shape =
        learn_shape(std::string_view(spare).substr(0, first.size()), plan_, spec_, scalars_);
    if (!shape) return 0;
    CAPTURE(first);
    int followed = 0;
    for (int i = 0; i < 6; ++i)
      followed += follows(*shape, damage(rng, fill(rng, form, values))) ? 1 : 0;
    return followed;
  }

 private:
  bool follows(const Shape& shape, const std::string& text) {
    BatchBuilder rows(schema_);
    const std::string padded = text + std::string(64, '"');
    const ShapeOutcome outcome =
        follow(shape, std::string_view(padded).substr(0, text.size()), {spec_, scalars_, rows});
    if (!outcome.followed) return false;
    CAPTURE(text);
    const std::string expected = Fixture(reader_.fields, {}, reader_.each).decode(text);
    CHECK_FALSE(expected.starts_with("EF"));
    const auto lines = std::count(expected.begin(), expected.end(), '\n');
    CHECK(outcome.rows == (expected.empty() ? 0 : static_cast<std::uint32_t>(lines) + 1));
    return true;
  }

  const Reader& reader_;
  DecoderSpec spec_;
  Plan plan_;
  Schema schema_;
  Scalars scalars_{TimeStyle{}};
};

}  // namespace

TEST_CASE("a decoder that knows shapes binds and refuses as one that knows none") {
  Rng rng(5);
  for (const Reader& reader : readers()) {
    for (int round = 0; round < 150; ++round) {
      Fixture learned(reader.fields, reader.values, reader.each);
      const std::string form = skeleton(rng, 0);
      std::vector<std::string> values;
      for (int i = 0; i < 12; ++i)
        compare_with_fresh(learned, reader, damage(rng, fill(rng, form, values)));
    }
  }
}

TEST_CASE("every damaged byte of a known shape is read as if it were new") {
  const std::vector<FieldSpec> fields{at("s", Type::string), at("p", Type::float64),
                                      at("t", Type::int64),  at("m", Type::boolean),
                                      at("j", Type::json),   at("T", Type::timestamp)};
  const std::string text =
      R"({"s":"BTC","p":"20.50","n":null,"t":341,"l":[1,2],"m":true,"j":{"a":[{}]},"T":17})";
  Fixture learned(fields);
  for (std::size_t place = 0; place < text.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = text;
      damaged[place] = static_cast<char>(byte);
      if (byte % 8 == 0)
        REQUIRE(learned.decode(text).starts_with("BTC|20.5|341|true|{\"a\":[{}]}"));
      const std::string got = learned.decode(damaged);
      CAPTURE(damaged);
      if (byte % 16 == static_cast<int>(place) % 16 || !got.starts_with("EF"))
        CHECK(got == Fixture(fields).decode(damaged));
    }
    Fixture fresh(fields);
    CHECK(learned.decode(text.substr(0, place)) == fresh.decode(text.substr(0, place)));
  }
}

TEST_CASE("a payload that follows a shape gives the rows that the document gives") {
  Rng rng(6);
  int followed = 0;
  for (const Reader& reader : readers()) {
    Followers followers(reader);
    for (int round = 0; round < 400; ++round)
      followed += followers.count(rng);
  }
  CHECK(followed > 500);
}

}  // namespace eventflux::mappers::json
