#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "eventflux/batch_builder.hpp"
#include "eventflux/extension.hpp"

#include "base/text.hpp"

namespace eventflux {

TEST_CASE("times print as RFC 3339 and read back") {
  CHECK(to_text(Timestamp{0}) == "1970-01-01T00:00:00Z");
  CHECK(to_text(Timestamp{1'500'000}) == "1970-01-01T00:00:01.500Z");
  CHECK(to_text(Timestamp{-1}) == "1969-12-31T23:59:59.999999Z");
  CHECK(parse_timestamp("2026-01-31 12:00:00.250+01:00").value() ==
        parse_timestamp("2026-01-31T11:00:00.25Z").value());
  CHECK(parse_timestamp("2024-02-29").ok());
  CHECK_FALSE(parse_timestamp("2025-02-29").ok());
  CHECK(to_text(parse_timestamp("1900-03-01T00:00:00Z").value()) == "1900-03-01T00:00:00Z");
  CHECK(code_text(parse_timestamp("soon").error().code) == "EF0109");
}

TEST_CASE("durations read units and print the largest exact one") {
  CHECK(parse_duration("1500").value() == Duration(1'500'000));
  CHECK(parse_duration("2 m").value() == Duration(120'000'000));
  CHECK(parse_duration("10 seconds").value() == Duration(10'000'000));
  CHECK(to_text(Duration(1'500'000)) == "1500ms");
  CHECK(parse_duration("2 parsecs").error().message ==
        "'2 parsecs' is not a duration: expected a unit");
}

TEST_CASE("values read as their type and print the shortest exact text") {
  CHECK(to_text(Value(0.1), Type::float64) == "0.1");
  CHECK(to_text(Value(10.0), Type::float64) == "10.0");
  CHECK(parse_value(" 42 ", Type::int32).value() == Value(42));
  CHECK(parse_value("3000000000", Type::int32).error().code == Code::out_of_range);
  CHECK(parse_value("4.5", Type::int64).error().code == Code::wrong_type);
  CHECK(convert(Value(2.5), Type::int64).error().code == Code::row_mismatch);
  CHECK(convert(Value(2), Type::float64).value() == Value(2.0));
}

TEST_CASE("a builder keeps NULLs and long text, and forgets what is truncated") {
  BatchBuilder rows(Schema{{{"name", Type::string}, {"n", Type::int64}}});
  const std::vector<Value> first{"a text that is longer than twelve bytes", 1};
  const std::vector<Value> second{Value(), 2};
  REQUIRE(rows.append(first, Timestamp{5}).ok());
  REQUIRE(rows.append(second, Timestamp{6}).ok());
  std::vector<Column> columns;
  Batch batch = rows.view(0, 2, columns);
  CHECK(batch.text(0, 0) == "a text that is longer than twelve bytes");
  CHECK(batch.is_null(1, 0));
  CHECK(batch.integer(1, 1) == 2);
  rows.truncate(1);
  REQUIRE(rows.append(std::vector<Value>{"b", Value()}, Timestamp{7}).ok());
  batch = rows.view(0, 2, columns);
  CHECK_FALSE(batch.is_null(1, 0));
  CHECK(batch.is_null(1, 1));
  CHECK(rows.append(std::vector<Value>{1}, Timestamp{8}).error().code == Code::row_mismatch);
}

namespace {

/// Returns what stands in a column of a type after `value` was appended, or why it does not.
template <class T>
std::string appended(Type type, const T& value) {
  BatchBuilder rows(Schema{{{"x", type}}});
  rows.column(0).append(value);
  rows.end_row({});
  std::vector<Column> columns;
  const Batch batch = rows.view(0, 1, columns);
  if (rows.column(0).mismatch()) {
    CHECK(batch.is_null(0, 0));
    CHECK(rows.column(0).mismatch()->code == Code::row_mismatch);
    rows.truncate(0);
    CHECK_FALSE(rows.column(0).mismatch());
    return "refused";
  }
  if (batch.is_null(0, 0)) return "null";
  if (is_text(type)) return std::string(batch.text(0, 0));
  return is_real(type) ? real_text(batch.real(0, 0)) : std::to_string(batch.integer(0, 0));
}

}  // namespace

TEST_CASE("a column takes what its type can hold, and nothing else") {
  CHECK(appended(Type::string, "IBM") == "IBM");
  CHECK(appended(Type::string, std::string("IBM")) == "IBM");
  CHECK(appended(Type::json, std::string_view("{}")) == "{}");
  CHECK(appended(Type::string, static_cast<const char*>(nullptr)) == "null");
  CHECK(appended(Type::string, nullptr) == "null");
  CHECK(appended(Type::string, Value()) == "null");
  CHECK(appended(Type::boolean, "IBM") == "refused");
  CHECK(appended(Type::string, true) == "refused");
  CHECK(appended(Type::string, 1) == "refused");
  CHECK(appended(Type::float64, 1) == "1.0");
  CHECK(appended(Type::float32, 2U) == "2.0");
  CHECK(appended(Type::float64, 0.5F) == "0.5");
  CHECK(appended(Type::int64, 2.0) == "2");
  CHECK(appended(Type::int64, 2.5) == "refused");
  CHECK(appended(Type::int64, std::size_t{3}) == "3");
  CHECK(appended(Type::int64, ~std::uint64_t{0}) == "refused");
  CHECK(appended(Type::int32, std::int64_t{4}) == "4");
  CHECK(appended(Type::int32, std::int64_t{1} << 40) == "refused");
  CHECK(appended(Type::timestamp, Timestamp{5}) == "5");
  CHECK(appended(Type::timestamp, 5) == "5");
  CHECK(appended(Type::int64, Timestamp{5}) == "refused");
  CHECK(appended(Type::duration, Duration(6)) == "6");
  CHECK(appended(Type::float64, Duration(6)) == "refused");
  CHECK(appended(Type::float64, Value(7)) == "7.0");
  CHECK(appended(Type::boolean, Value("x")) == "refused");
}

TEST_CASE("a value is made of any number, text, or nothing") {
  CHECK(*Value(7U).integer() == 7);
  CHECK(*Value(7ULL).integer() == 7);
  CHECK(*Value(-7L).integer() == -7);
  CHECK(*Value(std::uint8_t{7}).integer() == 7);
  CHECK(Value(~0ULL).integer() == nullptr);
  CHECK(*Value(0.5F).real() == 0.5);
  CHECK(*Value(Duration(8)).integer() == 8);
  CHECK(*Value(false).boolean() == false);
  CHECK(Value(nullptr).is_null());
  CHECK(Value(static_cast<const char*>(nullptr)).is_null());
  static_assert(!std::is_constructible_v<Value, const int*>);
  static_assert(!std::is_constructible_v<Value, char>);
}

namespace {

struct Pointing {
  static constexpr bool relocatable = true;
  std::unique_ptr<std::string> text;
};

struct Holding {
  std::string text;
};

}  // namespace

TEST_CASE("states of aggregates may be moved byte by byte, or do not compile") {
  static_assert(Relocatable<std::int64_t>);
  static_assert(Relocatable<Pointing>);
  static_assert(!Relocatable<Holding>);
}

TEST_CASE("a near miss is suggested, a far one is not") {
  const std::vector<std::string> names{"price", "qty"};
  CHECK(base::closest_match("prise", names) == "price");
  CHECK_FALSE(base::closest_match("volume", names).has_value());
  CHECK_FALSE(base::closest_match("n", std::vector<std::string>{"IN", "x"}).has_value());
  CHECK(base::edit_distance("ab", "ba") == 1);
}

struct TestOptions {
  Duration interval = std::chrono::seconds(1);
  std::string url{};
  Secret password{};
  ParamMap headers{};
};

TEST_CASE("parameters are checked against what is declared") {
  const ParamSpec<TestOptions> spec{
      param("interval", &TestOptions::interval, "Time between rows."),
      param("url", &TestOptions::url, "Where to.").required("ws://localhost"),
      param("password", &TestOptions::password, "The password."),
      param("headers.", &TestOptions::headers, "Sent with the handshake.")};
  CHECK(spec[0].info.default_value == "1s");
  CHECK(spec[2].info.secret);
  const auto options =
      parse_params("test", spec, {{"url", "x"}, {"headers.A", "b"}, {"interval", "5"}});
  REQUIRE(options.ok());
  CHECK(options->interval == std::chrono::milliseconds(5));
  CHECK(options->headers.at("A") == "b");
  const auto unknown = parse_params("test", spec, {{"url", "x"}, {"intervall", "5"}});
  CHECK(to_text(unknown.error()) ==
        "EF0301: unknown parameter 'intervall' for test (did you mean 'interval'?)");
  CHECK(parse_params("test", spec, {}).error().code == Code::missing_parameter);
  CHECK(parse_params("test", spec, {{"url", "x"}, {"interval", "soon"}}).error().message ==
        "interval = 'soon' is not a duration: expected a number");
  CHECK(parse_params("test", spec, {{"url", ""}}).error().message == "url = '' is empty");
}

TEST_CASE("values stay within their bounds, and what is open is read later") {
  struct Bounded {
    std::int64_t count = 1;
    Duration wait = std::chrono::seconds(1);
    ByteSize size{1};
  };

  const ParamSpec<Bounded> spec{
      param("count", &Bounded::count, "How many.").at_least(1).at_most(3),
      param("wait", &Bounded::wait, "How long.").at_most(std::chrono::seconds(10)),
      param("size", &Bounded::size, "How much.").at_least(1)};
  const auto refusal = [&](const char* name, const char* text) {
    return to_text(parse_params("test", spec, {{name, text}}).error());
  };
  CHECK(refusal("count", "0") == "EF0303: count = '0' is too small (at least 1)");
  CHECK(refusal("count", "4") == "EF0303: count = '4' is too large (at most 3)");
  CHECK(refusal("wait", "1m") == "EF0303: wait = '1m' is too large (at most 10s)");
  CHECK(refusal("size", "0KiB") == "EF0303: size = '0KiB' is too small (at least 1)");
  CHECK(parse_params("test", spec, {{"count", "3"}, {"wait", "10s"}})->count == 3);
  const ParamValue open{.name = "count", .text = "${N}", .open = true};
  CHECK(parse_params("test", spec, {open})->count == 1);
}

TEST_CASE("what acts only beside another parameter is refused alone") {
  struct Paired {
    std::string mode = "plain";
    std::string mark{};
    std::string wait_for{};
    std::int64_t count = 1;
    std::string beat{};
    std::string url{};
    bool verify = true;
    std::string ca{};
    std::string name{};
    std::int64_t index = 0;
  };

  const ParamSpec<Paired> spec{
      param("mode", &Paired::mode, "Mode.").choice_needs("marked", "mark"),
      param("mark", &Paired::mark, "Mark.").example("|").needs("mode", "marked"),
      param("wait.for", &Paired::wait_for, "Answer."),
      param("count", &Paired::count, "Answers.").needs_one_of({"wait.for", "beat"}),
      param("beat", &Paired::beat, "Beat."),
      param("url", &Paired::url, "Place."),
      param("verify", &Paired::verify, "Verifies.").needs("url", "wss://…"),
      param("ca", &Paired::ca, "CA.").needs("url", "wss://…").needs("verify", "true"),
      param("name", &Paired::name, "Name."),
      param("index", &Paired::index, "Place.").excludes("name")};
  const auto result = [&](const ParamValues& values) {
    const auto read = parse_params("test", spec, values);
    return read.ok() ? "ok" : to_text(read.error());
  };
  CHECK(result({{"count", "2"}}) ==
        "EF0313: count needs wait.for or beat (set wait.for or beat, or leave out count)");
  CHECK(result({{"count", "2"}, {"beat", ""}}).starts_with("EF0313"));
  CHECK(result({{"count", "2"}, {"beat", "x"}}) == "ok");
  CHECK(result({{"mark", "|"}}) ==
        "EF0313: mark needs mode='marked' (set mode='marked', or leave out mark)");
  CHECK(result({{"mark", ""}}) == "ok");
  CHECK(result({{"mark", "|"}, {"mode", "marked"}}) == "ok");
  CHECK(result({{"mode", "marked"}}) == "EF0312: mode='marked' needs mark (for example mark='|')");
  CHECK(result({{"ca", "a"}, {"url", "ws://a"}}).starts_with("EF0313: ca needs url='wss://…'"));
  CHECK(result({{"ca", "a"}, {"url", "WSS://a"}}) == "ok");
  CHECK(result({{"ca", "a"}, {"url", "wss://a"}, {"verify", "FALSE"}}) ==
        "EF0313: ca needs verify='true' (set verify='true', or leave out ca)");
  CHECK(result({{"index", "1"}, {"name", "a"}}) ==
        "EF0313: index has no effect beside name (leave out one of the two)");
  const ParamValue place{.name = "url", .text = "${URL}", .open = true};
  CHECK(result({{"ca", "a"}, place}) == "ok");
}

TEST_CASE("a name means its own parameter before it means one of a family") {
  struct Families {
    std::int64_t count = 0;
    ParamMap columns{};
    ParamMap words{};
  };

  const auto no_x = [](const ParamValue& value) -> Result<void> {
    if (value.text != "x") return {};
    return Error{Code::invalid_value, "'x' is out of place"};
  };
  const ParamSpec<Families> spec{param("", &Families::columns, "Columns.").valid(no_x),
                                 param("word.", &Families::words, "Words.").secret().valid(no_x),
                                 param("count", &Families::count, "How many.")};
  const auto read = parse_params("test", spec, {{"count", "2"}, {"a", "b"}, {"word.c", "d"}});
  REQUIRE(read.ok());
  CHECK(read->count == 2);
  CHECK(read->columns == ParamMap{{"a", "b"}});
  CHECK(read->words == ParamMap{{"c", "d"}});
  CHECK(parse_params("test", spec, {{"a", "x"}}).error().message == "a = 'x' is out of place");
  CHECK(parse_params("test", spec, {{"word.a", "x"}}).error().message ==
        "word.a has a value that cannot be used");
}

struct Total {
  using Input = double;
  using Output = double;

  struct State {
    double sum = 0;
  };

  static void add(State& state, double value) { state.sum += value; }

  static void merge(State& state, const State& newer) { state.sum += newer.sum; }

  static std::optional<double> result(const State& state) { return state.sum; }
};

TEST_CASE("a sliding sum of doubles is right after a large value left") {
  const AggregateFunction total = aggregate_function<Total>("total", "Adds.");
  std::vector<double> input{1e17, 1, 1, 1, 1, 1, 1, 1};
  std::vector<std::uint32_t> groups(8, 0);
  std::vector<std::uint32_t> expired(8, 0);
  const std::vector<std::uint32_t> ends{0, 0, 0, 1, 2, 3, 4, 5};  // the last three rows
  std::vector<std::byte> lane(total.slide_state.size);
  total.slide_state.construct(lane.data());
  std::vector<double> output(8);
  std::vector<std::uint64_t> valid(1, ~std::uint64_t{0});
  ColumnWriter out{Type::float64, output.data(), valid.data(), false, nullptr};
  std::byte* const chunk = lane.data();
  total.slide({{&chunk, lane.size()},
               groups.data(),
               {Type::float64, Shape::flat, input.data(), nullptr},
               {nullptr, 8},
               expired.data(),
               ends.data(),
               nullptr},
              out);
  CHECK(output[3] == 3);
  CHECK(output[7] == 3);
  total.slide_state.destroy(lane.data());
}

}  // namespace eventflux
