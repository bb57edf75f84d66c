#include "csv.hpp"

#include <doctest/doctest.h>

#include "eventflux/extension.hpp"

namespace eventflux::mappers::csv {

void register_extension(Registry& registry);

namespace {

const std::vector<FieldSpec> trade{{.name = "symbol", .type = Type::string},
                                   {.name = "price", .type = Type::float64},
                                   {.name = "size", .type = Type::int64}};

class Bench {
 public:
  explicit Bench(std::vector<FieldSpec> fields, const ParamValues& values = {})
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
  Bench bench(trade);
  CHECK(bench.decode("IBM,10.5,3") == "IBM\t10.5\t3\n");
  CHECK(bench.decode("\"a,\"\"b\"\"\", 1 ,\r\n\nB,2,12.0,more\n") ==
        "a,\"b\"\t1.0\t\nB\t2.0\t12\n");
  CHECK(bench.decode("A") == "A\t\t\n");
  CHECK(bench.decode("\"two\nlines\",1,2") == "two\nlines\t1.0\t2\n");
  CHECK(Bench(trade, {{"mapping.size", "0"}, {"mapping.symbol", "2"}}).decode("7,1,X") ==
        "X\t1.0\t7\n");
}

TEST_CASE("a header binds by name, and again when another one comes") {
  Bench bench(trade, {{"has-header", "true"}, {"mapping.size", "qty"}});
  CHECK(bench.decode("A,1,2").starts_with("EF0601"));
  CHECK(bench.decode("qty,x,symbol,price").empty());
  CHECK(bench.decode("3,-,IBM,1.5") == "IBM\t1.5\t3\n");
  CHECK(bench.decode("symbol,price,qty\nIBM,1,2\n") == "IBM\t1.0\t2\n");
}

TEST_CASE("marks, NULL, comments and blanks are what the parameters say") {
  Bench bench(trade, {{"delimiter", "\\t"},
                      {"quote", "'"},
                      {"escape", "\\"},
                      {"null", "NA"},
                      {"trim", "true"},
                      {"comment", "#"}});
  CHECK(bench.decode("# a comment\n'it\\'s'\tNA\t1\n  x \t2\tNA") == "it's\t\t1\nx\t2.0\t\n");
  CHECK(bench.decode("'NA'\t1\t1") == "NA\t1.0\t1\n");
  Bench times({{.name = "t", .type = Type::timestamp}}, {{"timestamp.unit", "s"}});
  CHECK(times.decode("1") == "1970-01-01T00:00:01Z\n");
  Bench dates({{.name = "t", .type = Type::timestamp}}, {{"date-format", "dd/MM/yyyy"}});
  CHECK(dates.decode("02/01/1970") == "1970-01-02T00:00:00Z\n");
}

TEST_CASE("what does not fit fails with its code") {
  Bench bench(trade);
  CHECK(bench.decode("A,x,1") == "EF0604: column 'price': 'x' is not a DOUBLE");
  CHECK(bench.decode("A,1,9223372036854775808").starts_with("EF0603"));
  CHECK(bench.decode("\"A,1,2").starts_with("EF0601"));
  CHECK(bench.decode("\"A\"x,1,2").starts_with("EF0601"));
  Bench strict({{.name = "a", .type = Type::int64, .fallback = Value(4)},
                {.name = "b", .type = Type::int64, .not_null = true}});
  CHECK(strict.decode(",5") == "4\t5\n");
  CHECK(strict.decode("1,").starts_with("EF0602"));
  CHECK(Bench(trade, {{"delimiter", ";;"}}).decode("").starts_with("EF0303"));
  CHECK(Bench(trade, {{"mapping.size", "x"}}).decode("").starts_with("EF0303"));
  CHECK(Bench(trade, {{"mapping.siz", "1"}}).decode("").starts_with("EF0203"));
}

TEST_CASE("rows encode with the quotes they need and a header on request") {
  const Schema schema{{{"s", Type::string}, {"d", Type::float64}, {"t", Type::timestamp}}};
  CHECK(encode(schema, {"a,\"b\"", 1.5, Timestamp{0}}) ==
        "\"a,\"\"b\"\"\",1.5,1970-01-01T00:00:00Z");
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
  Bench bench({{.name = "a", .type = Type::string}, {.name = "b", .type = Type::string}});
  for (int i = 0; i < 2000; ++i) {
    std::array<std::string, 2> text;
    for (std::string& cell : text) {
      for (std::uint64_t n = rng.below(6); n > 0; --n)
        cell += bytes[rng.below(bytes.size())];
    }
    CAPTURE(text[0]);
    const std::string line = encode(bench.schema(), {text[0], text[1]});
    CHECK(bench.decode(line) == text[0] + "\t" + text[1] + "\n");
  }
}

}  // namespace eventflux::mappers::csv
