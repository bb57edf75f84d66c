#include "csv.hpp"

#include <doctest/doctest.h>

#include "eventflux/extension.hpp"

namespace eventflux::mappers::csv {

void register_extension(Registry& registry);

namespace {

const std::vector<FieldSpec> trade{{.name = "symbol", .type = Type::string},
                                   {.name = "price", .type = Type::float64},
                                   {.name = "size", .type = Type::int64}};

class Fixture {
 public:
  explicit Fixture(std::vector<FieldSpec> fields, const ParamValues& values = {})
      : fields_(std::move(fields)), rows_(schema()) {
    Registry registry;
    register_extension(registry);
    auto made = registry.find_mapper("csv")->decoder(values, {.fields = fields_});
    if (made.ok()) {
      decoder_ = *std::move(made);
    } else {
      opened_ = to_text(made.error());
    }
  }

  Schema schema() const {
    Schema schema;
    for (const FieldSpec& field : fields_)
      schema.fields.push_back({field.name, field.type});
    return schema;
  }

  std::string decode(std::string text) {
    if (decoder_ == nullptr) return opened_;
    rows_.clear();
    const auto decoded = decoder_->decode({text.data(), text.size()}, Timestamp{1}, rows_);
    if (!decoded.ok()) return to_text(decoded.error());
    std::vector<Column> columns;
    const Batch batch = rows_.view(0, rows_.rows(), columns);
    return render_rows(schema(), batch, RowFormat::raw);
  }

 private:
  std::vector<FieldSpec> fields_;
  BatchBuilder rows_;
  std::unique_ptr<Decoder> decoder_;
  std::string opened_;
};

std::unique_ptr<Encoder> encoder(const Schema& schema, const ParamValues& values) {
  Registry registry;
  register_extension(registry);
  return registry.find_mapper("csv")->encoder(values, schema).value();
}

std::string encode(const Schema& schema, const std::vector<Value>& row,
                   const ParamValues& values = {}) {
  BatchBuilder rows(schema);
  CHECK(rows.append(row, Timestamp{1}).ok());
  std::vector<Column> columns;
  const Batch batch = rows.view(0, 1, columns);
  std::string out;
  CHECK(encoder(schema, values)->encode(batch, 0, out).ok());
  return out;
}

}  // namespace

TEST_CASE("a line binds by position") {
  Fixture fixture(trade);
  CHECK(fixture.decode("IBM,10.5,3") == "IBM\t10.5\t3\n");
  CHECK(fixture.decode("\"a,\"\"b\"\"\", 1 ,\r\n\nB,2,12.0\n") == "a,\"b\"\t1.0\t\nB\t2.0\t12\n");
  CHECK(fixture.decode("\"two\nlines\",1,2") == "two\nlines\t1.0\t2\n");
  CHECK(Fixture(trade, {{"mapping.size", "0"}, {"mapping.symbol", "2"}}).decode("7,1,X") ==
        "X\t1.0\t7\n");
}

TEST_CASE("a line with another number of fields is refused, unless fields='lenient' allows it") {
  Fixture strict(trade);
  CHECK(strict.decode("B,2,12,5") ==
        "EF0601: line has 4 fields, the stream takes 3: fields='lenient' fills with NULL and cuts");
  CHECK(strict.decode("A").starts_with("EF0601: line has 1 field, "));
  CHECK(strict.decode("A,1,2") == "A\t1.0\t2\n");
  Fixture lenient(trade, {{"fields", "lenient"}});
  CHECK(lenient.decode("B,2,12,5\nA") == "B\t2.0\t12\nA\t\t\n");
  Fixture header(trade, {{"has-header", "true"}});
  CHECK(header.decode("x,symbol,price,size\n0,A,1,2") == "A\t1.0\t2\n");
  CHECK(header.decode("0,A,1").starts_with("EF0601: line has 3 fields, its header 4: "));
  CHECK(header.decode("0,A,1,2,3").starts_with("EF0601"));
  // With positions of its own the width is not known, but a field that is asked for has to be
  // there.
  CHECK(Fixture(trade, {{"mapping.size", "4"}}).decode("A,1,x,y,7,z") == "A\t1.0\t7\n");
  CHECK(Fixture(trade, {{"mapping.size", "4"}}).decode("A,1,x").starts_with("EF0601: line has 3"));
}

TEST_CASE("a byte order mark is not data") {
  const std::string mark = "\xEF\xBB\xBF";
  CHECK(Fixture(trade).decode(mark + "A,1,2") == "A\t1.0\t2\n");
  CHECK(Fixture(trade).decode(mark + "\"A,B\",1,2") == "A,B\t1.0\t2\n");
  Fixture header(trade, {{"has-header", "true"}});
  CHECK(header.decode(mark + "symbol,price,size\r\nA,1,2") == "A\t1.0\t2\n");
}

TEST_CASE("octets that are not UTF-8 are refused, EF0601, or read as what charset says") {
  CHECK(Fixture(trade).decode("caf\xe9,1,2").starts_with("EF0601: payload is not UTF-8"));
  CHECK(Fixture(trade, {{"charset", "latin1"}}).decode("caf\xe9,1,2") == "caf\u00e9\t1.0\t2\n");
}

TEST_CASE("a missing header says what the first line was and what may be meant") {
  const ParamValues header{{"has-header", "true"}};
  Fixture names(trade, header);
  CHECK(names.decode("Symbol,Price,Size") ==
        "EF0601: no header names 'symbol': the first line is 'Symbol,Price,Size': did you mean "
        "mapping.symbol='Symbol'?");
  CHECK(names.decode("A,1,2").find("'Symbol,Price,Size'") != std::string::npos);
  CHECK(Fixture(trade, header).decode(" symbol , price ,size\nA,1,2") == "A\t1.0\t2\n");
  CHECK(
      Fixture(trade, header).decode("symbol;price;size").ends_with("did you mean delimiter=';'?"));
}

TEST_CASE("the lines of one quoted field are refused together") {
  Fixture fixture({{.name = "a", .type = Type::string}, {.name = "b", .type = Type::string}});
  CHECK(fixture.decode("\"x").find("framing='whole'") != std::string::npos);
  CHECK(fixture.decode("y\",z").find("framing='whole'") != std::string::npos);
  CHECK(fixture.decode("5\" pipe,z") == "5\" pipe\tz\n");
  CHECK(fixture.decode("\"x\ny\",z") == "x\ny\tz\n");
}

TEST_CASE("several texts may mean NULL") {
  Fixture list(trade, {{"null", R"(["", "NA", "n/a"])"}});
  CHECK(list.decode(",NA,n/a") == "\t\t\n");
  CHECK(list.decode("\"NA\",1,2") == "NA\t1.0\t2\n");
  CHECK(Fixture(trade, {{"null", "NA, "}}).decode("NA,,1") == "\t\t1\n");
  CHECK(Fixture(trade, {{"null", "NA"}}).decode("NA,,1").starts_with("EF0604"));
}

TEST_CASE("times without an offset are in time-zone, others are where they say") {
  const FieldSpec time{.name = "t", .type = Type::timestamp};
  Fixture plain({time}, {{"time-zone", "Europe/Berlin"}});
  CHECK(plain.decode("2026-07-01 12:00:00") == "2026-07-01T10:00:00Z\n");
  CHECK(plain.decode("2026-07-01T12:00:00Z") == "2026-07-01T12:00:00Z\n");
  Fixture pattern({time}, {{"date-format", "dd.MM.yyyy HH:mm"}, {"time-zone", "Europe/Berlin"}});
  CHECK(pattern.decode("01.12.2026 12:00") == "2026-12-01T11:00:00Z\n");
  CHECK(Fixture({time}, {{"time-zone", "Mars/Olympus"}}).decode("1").starts_with("EF0303"));
}

TEST_CASE("numbers are exact: zero fractions, NaN and infinity") {
  Fixture whole({{.name = "n", .type = Type::int64}});
  CHECK(whole.decode("1823239875545723918.0") == "1823239875545723918\n");
  CHECK(whole.decode("9223372036854775807.000") == "9223372036854775807\n");
  CHECK(whole.decode("-9.223372036854775808e18") == "-9223372036854775808\n");
  CHECK(whole.decode("9223372036854775808").starts_with("EF0603"));
  CHECK(whole.decode("1.5").starts_with("EF0604"));
  Fixture real({{.name = "d", .type = Type::float64}});
  CHECK(real.decode("nan") == "NaN\n");
  CHECK(real.decode("-inf\n+Infinity") == "-Infinity\nInfinity\n");
  CHECK(real.decode("nan(1)").starts_with("EF0604"));
  CHECK(real.decode("1e400").starts_with("EF0603"));
  CHECK(real.decode("1e-400") == "0.0\n");
}

TEST_CASE("a header binds by name, and again when another one comes") {
  Fixture fixture(trade, {{"has-header", "true"}, {"mapping.size", "qty"}});
  CHECK(fixture.decode("A,1,2").starts_with("EF0601"));
  CHECK(fixture.decode("qty,x,symbol,price").empty());
  CHECK(fixture.decode("3,-,IBM,1.5") == "IBM\t1.5\t3\n");
  CHECK(fixture.decode("symbol,price,qty\nIBM,1,2\n") == "IBM\t1.0\t2\n");
}

TEST_CASE("marks, NULL, comments and blanks are what the parameters say") {
  Fixture fixture(trade, {{"delimiter", "\\t"},
                          {"quote", "'"},
                          {"escape", "\\"},
                          {"null", "NA"},
                          {"trim", "true"},
                          {"comment", "#"}});
  CHECK(fixture.decode("# a comment\n'it\\'s'\tNA\t1\n  x \t2\tNA") == "it's\t\t1\nx\t2.0\t\n");
  CHECK(fixture.decode("'NA'\t1\t1") == "NA\t1.0\t1\n");
  Fixture times({{.name = "t", .type = Type::timestamp}}, {{"timestamp.unit", "s"}});
  CHECK(times.decode("1") == "1970-01-01T00:00:01Z\n");
  Fixture dates({{.name = "t", .type = Type::timestamp}}, {{"date-format", "dd/MM/yyyy"}});
  CHECK(dates.decode("02/01/1970") == "1970-01-02T00:00:00Z\n");
}

TEST_CASE("what does not fit fails with its code") {
  Fixture fixture(trade);
  CHECK(fixture.decode("A,x,1") == "EF0604: column 'price': 'x' is not a DOUBLE");
  CHECK(fixture.decode("A,1,9223372036854775808").starts_with("EF0603"));
  CHECK(fixture.decode("\"A,1,2").starts_with("EF0601"));
  CHECK(fixture.decode("\"A\"x,1,2").starts_with("EF0601"));
  Fixture strict({{.name = "a", .type = Type::int64, .default_value = Value(4)},
                  {.name = "b", .type = Type::int64, .not_null = true}});
  CHECK(strict.decode(",5") == "4\t5\n");
  CHECK(strict.decode("1,") == "EF0602: column 'b' is NOT NULL and has no value");
  CHECK(Fixture(trade, {{"delimiter", ";;"}}).decode("").starts_with("EF0303"));
  CHECK(Fixture(trade, {{"mapping.size", "x"}}).decode("").starts_with("EF0303"));
  CHECK(Fixture(trade, {{"mapping.siz", "1"}}).decode("").starts_with("EF0203"));
}

TEST_CASE("rows encode with the quotes they need and a header on request") {
  const Schema schema{{{"s", Type::string}, {"d", Type::float64}, {"t", Type::timestamp}}};
  CHECK(encode(schema, {"a,\"b\"", 1.5, Timestamp{0}}) ==
        "\"a,\"\"b\"\"\",1.5,1970-01-01T00:00:00.000000Z");
  CHECK(encode(schema, {"", Value(), Value()}) == "\"\",,");
  CHECK(encode(schema, {"NA", Value(), Value()}, {{"null", "NA"}}) == "\"NA\",NA,NA");
  CHECK(encode(schema, {"a", 2.0, Value()}, {{"quoting", "all"}, {"delimiter", ";"}}) ==
        "\"a\";\"2.0\";");
  const ParamValues header{{"include-header", "true"}, {"newline", "\\r\\n"}};
  CHECK(encoder(schema, header)->prologue() == "s,d,t\r\n");
  CHECK(encoder(schema, {})->prologue().empty());
  Registry registry;
  register_extension(registry);
  const MapperEntry* csv = registry.find_mapper("csv");
  CHECK(csv->encoder({{"header-names", "a, b"}, {"include-header", "true"}}, schema).error().code ==
        Code::wrong_column_count);
  CHECK(csv->encoder({{"newline", "x"}}, schema).error().code == Code::invalid_value);
}

TEST_CASE("text of any kind reads back the same") {
  Rng rng(5);
  constexpr std::string_view bytes = "a,\"\n\r \\";
  Fixture fixture({{.name = "a", .type = Type::string}, {.name = "b", .type = Type::string}});
  for (int i = 0; i < 2000; ++i) {
    std::array<std::string, 2> text;
    for (std::string& cell : text) {
      for (std::uint64_t n = rng.below(6); n > 0; --n)
        cell += bytes[rng.below(bytes.size())];
    }
    CAPTURE(text[0]);
    const std::string line = encode(fixture.schema(), {text[0], text[1]});
    CHECK(fixture.decode(line) == text[0] + "\t" + text[1] + "\n");
  }
}

TEST_CASE("DECIMAL, BYTES and DURATION go out as they come in") {
  const Schema schema{{{"x", Type::decimal_of(20, 2)}, {"b", Type::bytes}, {"d", Type::duration}}};
  auto out = encoder(schema, {});
  BatchBuilder rows(schema);
  const std::vector<Value> row{Value("123456789012345678.90"), Value(std::string("\x00\xff", 2)),
                               Duration(1'500'000)};
  REQUIRE(rows.append(row, {}).ok());
  std::vector<Column> columns;
  std::string text;
  REQUIRE(out->encode(rows.view(0, 1, columns), 0, text).ok());
  CHECK(text == "123456789012345678.90,AP8=,1500ms");
  Fixture fixture({{.name = "x", .type = Type::decimal_of(20, 2)},
                   {.name = "b", .type = Type::bytes},
                   {.name = "d", .type = Type::duration}});
  CHECK(fixture.decode(text + "\n") == "123456789012345678.90\t\\x00ff\t1500ms\n");
}

}  // namespace eventflux::mappers::csv
