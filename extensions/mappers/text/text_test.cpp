#include <doctest/doctest.h>

#include "eventflux/extension.hpp"
#include "eventflux/row_text.hpp"

namespace eventflux::mappers::text {

void register_extension(Registry& registry);

namespace {

std::string decode(const std::vector<FieldSpec>& fields, std::string payload,
                   const ParamValues& values = {}) {
  Registry registry;
  register_extension(registry);
  auto decoder = registry.find_mapper("text")->decoder(values, {.fields = fields});
  if (!decoder.ok()) return to_text(decoder.error());
  Schema schema;
  for (const FieldSpec& field : fields)
    schema.fields.push_back({field.name, field.type});
  BatchBuilder rows(schema);
  const auto decoded = (*decoder)->decode({payload.data(), payload.size()}, Timestamp{1}, rows);
  if (!decoded.ok()) return to_text(decoded.error());
  std::vector<Column> columns;
  return render_rows(schema, rows.view(0, rows.rows(), columns), RowFormat::raw);
}

std::string encode(const Schema& schema, const std::vector<Value>& row,
                   const ParamValues& values = {}) {
  Registry registry;
  register_extension(registry);
  auto encoder = registry.find_mapper("text")->encoder(values, schema);
  if (!encoder.ok()) return to_text(encoder.error());
  BatchBuilder rows(schema);
  CHECK(rows.append(row, Timestamp{1}).ok());
  std::vector<Column> columns;
  const Batch batch = rows.view(0, 1, columns);
  std::string out;
  CHECK((*encoder)->encode(batch, 0, out).ok());
  return out;
}

const std::vector<FieldSpec> line{{.name = "line", .type = Type::string}};

}  // namespace

TEST_CASE("a payload becomes one STRING in UTF-8") {
  CHECK(decode(line, "a\xC3\xA9 \xF0\x9F\x98\x80") == "a\xC3\xA9 \xF0\x9F\x98\x80\n");
  CHECK(decode(line, "a\xE9", {{"charset", "latin1"}}) == "a\xC3\xA9\n");
  for (const char* bad :
       {"a\xE9", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80", "\xFF", "\xC3"})
    CHECK(decode(line, bad).starts_with("EF0601"));
  CHECK(decode({}, "a").starts_with("EF0207"));
}

TEST_CASE("named groups are columns") {
  const std::vector<FieldSpec> fields{
      {.name = "n", .type = Type::int64},
      {.name = "level", .type = Type::string},
      {.name = "more", .type = Type::string, .default_value = Value("-")}};
  const ParamValues regex{{"regex", R"((?P<level>[A-Z]+) (?P<n>\S+)(?: (?P<more>.*))?)"}};
  CHECK(decode(fields, "WARN 12 a\nb", regex) == "12\tWARN\ta\nb\n");
  CHECK(decode(fields, "WARN 12", regex) == "12\tWARN\t-\n");
  CHECK(decode(fields, "WARN x", regex) == "EF0604: column 'n': 'x' is not a BIGINT");
  CHECK(decode(fields, "WARN 9223372036854775808", regex).starts_with("EF0603"));
  CHECK(decode(fields, "warn 1", regex).starts_with("EF0601"));
  CHECK(
      decode({{.name = "x", .type = Type::string, .not_null = true}}, "", {{"regex", "(?P<x>a)?"}})
          .starts_with("EF0602"));
  CHECK(decode({{.name = "x", .type = Type::string}}, "", {{"regex", "(?P<x>a)?"}}) == "\n");
  CHECK(decode(line, "", {{"regex", "(?P<x>a)"}}).starts_with("EF0203"));
  CHECK(decode(line, "", {{"regex", "("}}).starts_with("EF0303"));
}

TEST_CASE("groups are times by a pattern, a unit and a zone") {
  const std::vector<FieldSpec> fields{{.name = "t", .type = Type::timestamp}};
  const std::string regex = R"(.*\[(?P<t>[^\]]+)\].*)";
  CHECK(decode(fields, "x [21/Nov/2026:13:00:01 +0100] y",
               {{"regex", regex}, {"date-format", "dd/MMM/yyyy:HH:mm:ss Z"}}) ==
        "2026-11-21T12:00:01Z\n");
  CHECK(decode(fields, "[2026-07-01 12:00]", {{"regex", regex}, {"time-zone", "Europe/Berlin"}}) ==
        "2026-07-01T10:00:00Z\n");
  CHECK(decode(fields, "[2]", {{"regex", regex}, {"timestamp.unit", "s"}}) ==
        "1970-01-01T00:00:02Z\n");
  CHECK(decode(fields, "[soon]", {{"regex", regex}}).starts_with("EF0604"));
}

TEST_CASE("a byte order mark is not data") {
  CHECK(decode(line,
               "\xEF\xBB\xBF"
               "a") == "a\n");
  CHECK(decode(line,
               "\xEF\xBB\xBF"
               "a",
               {{"regex", "(?P<line>a)"}}) == "a\n");
}

TEST_CASE("a template fills in raw values") {
  const Schema schema{{{"s", Type::string}, {"d", Type::float64}}};
  CHECK(encode(schema, {"a\"b", 2.5}, {{"template", "<{{s}}>: {{d}}!"}}) == "<a\"b>: 2.5!");
  CHECK(encode(schema, {Value(), 2.5}, {{"template", "{{s}}{{d}}"}}) == "2.5");
  CHECK(encode({{{"s", Type::string}}}, {"x"}) == "x");
  CHECK(encode(schema, {"a", 1.0}).starts_with("EF0207"));
  CHECK(encode(schema, {"a", 1.0}, {{"template", "{{x}}"}}).starts_with("EF0203"));
}

}  // namespace eventflux::mappers::text
