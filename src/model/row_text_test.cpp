#include "eventflux/row_text.hpp"

#include <doctest/doctest.h>

namespace eventflux {
namespace {

const Schema bars{{{"window_end", Type::timestamp},
                   {"product_id", Type::string},
                   {"vwap", Type::float64},
                   {"trades", Type::int64}}};

struct Rows {
  Rows() : builder(bars) {
    const std::vector<Value> first{Timestamp{1'000'000}, "BTC-USD", 67012.41, 412};
    const std::vector<Value> second{Timestamp{1'000'000}, "a,\"é\"", 3120.9, Value()};
    CHECK(builder.append(first, Timestamp{1}).ok());
    CHECK(builder.append(second, Timestamp{1}).ok());
    batch = builder.view(0, 2, columns);
  }

  BatchBuilder builder;
  std::vector<Column> columns;
  Batch batch;
};

std::string read_back(Type type, std::string_view text, const TimeStyle& times = {}) {
  const Schema schema{{{"x", type}}};
  BatchBuilder rows(schema);
  if (const auto appended = append_text(text, times, rows.column(0)); !appended.ok())
    return code_text(appended.error().code);
  rows.end_row(Timestamp{});
  std::vector<Column> columns;
  rows.view(0, 1, columns);
  std::string out;
  write_cell(columns[0], 0, out);
  return out;
}

}  // namespace

TEST_CASE("a box has names, types and aligned numbers") {
  Rows rows;
  CHECK(render_rows(bars, rows.batch, RowFormat::box) ==
        "┌─────────────────────┬────────────┬───────────┬────────┐\n"
        "│ window_end          │ product_id │ vwap      │ trades │\n"
        "│ timestamp           │ string     │ double    │ bigint │\n"
        "├─────────────────────┼────────────┼───────────┼────────┤\n"
        "│ 1970-01-01 00:00:01 │ BTC-USD    │ 67,012.41 │    412 │\n"
        "│ 1970-01-01 00:00:01 │ a,\"é\"      │  3,120.90 │   null │\n"
        "└─────────────────────┴────────────┴───────────┴────────┘\n");
}

TEST_CASE("a running box prints its header once") {
  Rows rows;
  RowRenderer renderer(bars, RowFormat::box);
  const std::string first = renderer.rows(rows.batch);
  const std::string second = renderer.rows(rows.batch);
  CHECK(first.ends_with(second));
  CHECK(second.starts_with("│ 1970"));
  CHECK(renderer.end().starts_with("└"));
  CHECK(renderer.end().empty());
}

namespace {

/// Renders one row of two columns.
std::string shown(const std::string& text, RowFormat format, const std::string& title = {},
                  std::size_t columns = 0) {
  const Schema schema{{{"n", Type::int64}, {"s", Type::string}}};
  BatchBuilder rows(schema);
  CHECK(rows.append(std::vector<Value>{1, text}, Timestamp{}).ok());
  std::vector<Column> places;
  RowRenderer renderer(schema, format, title, columns);
  const std::string out = renderer.rows(rows.view(0, 1, places));
  return out + renderer.end();
}

}  // namespace

TEST_CASE("a box is as wide as its text is shown, and obeys no data") {
  CHECK(shown("日本\x1b[31m\n", RowFormat::box) ==
        "┌────────┬──────────────┐\n"
        "│ n      │ s            │\n"
        "│ bigint │ string       │\n"
        "├────────┼──────────────┤\n"
        "│      1 │ 日本\\e[31m\\n │\n"
        "└────────┴──────────────┘\n");
  CHECK(shown("a\nb\x1b", RowFormat::line) == "n = 1\ns = a\\nb\\e\n\n");
  CHECK(shown("a\nb", RowFormat::changelog) == "+ | 1 | a\\nb\n");
}

TEST_CASE("a box that is wider than the terminal is cut") {
  CHECK(shown("a rather long text", RowFormat::box, {}, 22) ==
        "┌────────┬───────────┐\n"
        "│ n      │ s         │\n"
        "│ bigint │ string    │\n"
        "├────────┼───────────┤\n"
        "│      1 │ a rather… │\n"
        "└────────┴───────────┘\n");
  CHECK(shown("text", RowFormat::box, {}, 12) ==
        "┌──────┬───┐\n"
        "│ n    │ … │\n"
        "│ big… │ … │\n"
        "├──────┼───┤\n"
        "│    1 │ … │\n"
        "└──────┴───┘\n");
}

TEST_CASE("bars and line ends do not break a Markdown table") {
  CHECK(shown("a|b\\\nc", RowFormat::markdown) == "| n | s |\n|--:|---|\n| 1 | a\\|b\\\\<br>c |\n");
}

TEST_CASE("where streams share the output, rows say which one they are of") {
  CHECK(shown("x", RowFormat::json, "bars") == "{\"_stream\":\"bars\",\"n\":1,\"s\":\"x\"}\n");
  CHECK(shown("x", RowFormat::csv, "bars") == "_stream,n,s\nbars,1,x\n");
  CHECK(shown("x", RowFormat::markdown, "bars") ==
        "| _stream | n | s |\n|---|--:|---|\n| bars | 1 | x |\n");
  CHECK(shown("x", RowFormat::changelog, "bars") == "+ | bars | 1 | x\n");
  CHECK(shown("x", RowFormat::line, "bars") == "_stream = bars\n      n = 1\n      s = x\n\n");
  CHECK(shown("x", RowFormat::box, "bars").starts_with("bars\n┌"));
  CHECK(shown("x", RowFormat::raw, "bars") == "1\tx\n");
}

TEST_CASE("the other formats are for programs") {
  Rows rows;
  CHECK(render_rows(bars, rows.batch, RowFormat::json) ==
        "{\"window_end\":\"1970-01-01T00:00:01.000000Z\",\"product_id\":\"BTC-USD\","
        "\"vwap\":67012.41,\"trades\":412}\n"
        "{\"window_end\":\"1970-01-01T00:00:01.000000Z\",\"product_id\":\"a,\\\"é\\\"\","
        "\"vwap\":3120.9,\"trades\":null}\n");
  CHECK(render_rows(bars, rows.batch, RowFormat::csv) ==
        "window_end,product_id,vwap,trades\n1970-01-01T00:00:01Z,BTC-USD,67012.41,412\n"
        "1970-01-01T00:00:01Z,\"a,\"\"é\"\"\",3120.9,\n");
  CHECK(render_rows(bars, rows.batch, RowFormat::changelog) ==
        "+ | 1970-01-01T00:00:01Z | BTC-USD | 67012.41 | 412\n"
        "+ | 1970-01-01T00:00:01Z | a,\"é\" | 3120.9 | null\n");
  CHECK(render_rows(bars, rows.batch, RowFormat::raw).starts_with("1970-01-01T00:00:01Z\tBTC"));
  CHECK(render_rows(bars, rows.batch, RowFormat::markdown)
            .starts_with("| window_end | product_id | vwap | trades |\n|---|---|--:|--:|\n| 1970"));
  CHECK(render_rows(bars, rows.batch, RowFormat::line)
            .starts_with("window_end = 1970-01-01T00:00:01Z\nproduct_id = BTC-USD\n"));
}

TEST_CASE("text reads as the type of its column, or not at all") {
  CHECK(read_back(Type::int64, " 12.0 ") == "12");
  CHECK(read_back(Type::int64, "1.2e1") == "12");
  CHECK(read_back(Type::int64, "-9223372036854775808") == "-9223372036854775808");
  CHECK(read_back(Type::int64, "9223372036854775808") == "EF0603");
  CHECK(read_back(Type::int64, "12.5") == "EF0604");
  CHECK(read_back(Type::int64, "") == "EF0604");
  CHECK(read_back(Type::int32, "3000000000") == "EF0603");
  CHECK(read_back(Type::float64, "+20060.59") == "20060.59");
  CHECK(read_back(Type::float64, "1e-400") == "0.0");
  CHECK(read_back(Type::float64, "1e400") == "EF0603");
  CHECK(read_back(Type::float64, "x") == "EF0604");
  CHECK(read_back(Type::float32, "0.1") == "0.1");
  CHECK(read_back(Type::boolean, "TRUE") == "true");
  CHECK(read_back(Type::boolean, "1") == "EF0604");
  CHECK(read_back(Type::string, " a ") == " a ");
  CHECK(read_back(Type::duration, "2m") == "2m");
  CHECK(read_back(Type::timestamp, "1500") == "1970-01-01T00:00:01.500Z");
  CHECK(read_back(Type::timestamp, "1.5", {.unit = TimeUnit::s}) == "1970-01-01T00:00:01.500Z");
  CHECK(read_back(Type::timestamp, "soon") == "EF0604");
  const TimeStyle days{.pattern = DatePattern::compile("dd.MM.yyyy").value()};
  CHECK(read_back(Type::timestamp, "02.01.1970", days) == "1970-01-02T00:00:00Z");
  CHECK(read_back(Type::int64, "02.01.1970", days) == "86400000");
}

TEST_CASE("rates read and print") {
  CHECK(parse_rate("100/s").value().count == 100);
  CHECK(parse_rate(" 5 / 2m ").value().per == Duration(120'000'000));
  CHECK(to_text(parse_rate("0.5/1s").value()) == "0.5/s");
  CHECK(to_text(parse_rate("7").value()) == "7/s");
  CHECK(code_text(parse_rate("fast").error().code) == "EF0303");
  CHECK_FALSE(parse_rate("-1/s").ok());
  CHECK_FALSE(parse_rate("1/parsec").ok());
}

TEST_CASE("DECIMAL, BYTES and DURATION are shown to people and to programs") {
  const Schema schema{{{"x", Type::decimal_of(6, 2)}, {"b", Type::bytes}, {"d", Type::duration}}};
  BatchBuilder builder(schema);
  const std::vector<Value> row{Value("-0.50"), Value(std::string("\x00\xff", 2)),
                               Duration(1'500'000)};
  REQUIRE(builder.append(row, {}).ok());
  std::vector<Column> columns;
  const Batch batch = builder.view(0, 1, columns);
  CHECK(render_rows(schema, batch, RowFormat::json) == R"({"x":-0.50,"b":"AP8=","d":"1500ms"})"
                                                       "\n");
  CHECK(render_rows(schema, batch, RowFormat::csv) == "x,b,d\n-0.50,AP8=,1500ms\n");
  CHECK(render_rows(schema, batch, RowFormat::raw) == "-0.50\t\\x00ff\t1500ms\n");
  CHECK(render_rows(schema, batch, RowFormat::box) ==
        "┌──────────────┬────────┬──────────┐\n"
        "│ x            │ b      │ d        │\n"
        "│ decimal(6,2) │ bytes  │ duration │\n"
        "├──────────────┼────────┼──────────┤\n"
        "│        -0.50 │ \\x00ff │ 1500ms   │\n"
        "└──────────────┴────────┴──────────┘\n");
  CHECK(read_back(Type::decimal_of(6, 2), " 12.5 ") == "12.50");
  CHECK(read_back(Type::decimal_of(6, 2), "12.555") == "EF0604");
  CHECK(read_back(Type::decimal_of(6, 2), "12345") == "EF0603");
  CHECK(read_back(Type::bytes, "AP8=") == "\\x00ff");
  CHECK(read_back(Type::bytes, "?") == "EF0604");
}

}  // namespace eventflux
