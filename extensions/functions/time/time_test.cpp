#include <array>
#include <limits>

#include <doctest/doctest.h>

#include "../testing.hpp"

namespace eventflux::functions::time {

void register_extension(Registry& registry);

namespace {

Argument at(const char* text) {
  return parse_timestamp(text).value();
}

Argument n(std::int64_t value) {
  return value;
}

}  // namespace

TEST_CASE("now is the arrival of the row, event_timestamp its event time") {
  Calls call(register_extension);
  CHECK(call("now", {}) == "1970-01-01T00:00:02Z");
  CHECK(call("current_timestamp", {}) == "1970-01-01T00:00:02Z");
  CHECK(call("event_timestamp", {}) == "1970-01-01T00:00:01Z");
  CHECK_FALSE(call.registry().find_functions("now")[0]->stable);
}

TEST_CASE("numbers and text become times") {
  Calls call(register_extension);
  CHECK(call("to_timestamp", {n(1'700'000'000'000)}) == "2023-11-14T22:13:20Z");
  CHECK(call("to_timestamp", {n(1'700'000'000), "s"}) == "2023-11-14T22:13:20Z");
  CHECK(call("to_timestamp", {n(-1), "ns"}) == "1969-12-31T23:59:59.999999Z");
  CHECK(call("to_timestamp", {1.5, "seconds"}) == "1970-01-01T00:00:01.500Z");
  CHECK(call("to_timestamp", {"2026-01-31 12:00:00+01:00"}) == "2026-01-31T11:00:00Z");
  CHECK(call("to_timestamp", {"31.01.2026", "dd.MM.yyyy"}) == "2026-01-31T00:00:00Z");
  CHECK(call("to_timestamp", {"soon"}) == "EF0604");
  CHECK(call("to_timestamp", {"soon", "dd.MM.yyyy"}) == "EF0604");
  CHECK(call("to_timestamp", {"31.01.2026", "QQ"}) == "EF0604");
  CHECK(call("to_timestamp", {n(1), "fortnight"}) == "EF0604");
  CHECK(call("to_timestamp", {1.0, "month"}) == "EF0604");
  CHECK(call("to_timestamp", {std::numeric_limits<std::int64_t>::max()}) == "EF0603");
  CHECK(call("to_timestamp", {1e300, "s"}) == "EF0603");
  CHECK(call("to_timestamp", {Type::int64}) == "null");
  CHECK(call("epoch_ms", {at("1970-01-01T00:00:01.5009Z")}) == "1500");
  CHECK(call("epoch_ms", {Timestamp{-1}}) == "-1");
}

TEST_CASE("dates are written and read in any zone") {
  Calls call(register_extension);
  const Argument summer = at("2026-07-01T12:00:00Z");
  CHECK(call("format_date", {summer, "yyyy-MM-dd HH:mm"}) == "2026-07-01 12:00");
  CHECK(call("formatDate", {summer, "%H:%M %z", "Europe/Berlin"}) == "14:00 +0200");
  CHECK(call("format_date", {at("2026-01-01T12:00:00Z"), "HH:mm", "America/New_York"}) == "07:00");
  CHECK(call("format_date", {summer, "HH:mm", "Mars/Olympus"}) == "EF0604");
  CHECK(call("format_date", {summer, "QQ"}) == "EF0604");
  CHECK(call("parse_date", {"2026-07-01 14:00", "yyyy-MM-dd HH:mm", "Europe/Berlin"}) ==
        "2026-07-01T12:00:00Z");
  CHECK(call("parseDate", {"2026-07-01 14:00", "yyyy-MM-dd HH:mm"}) == "2026-07-01T14:00:00Z");
  CHECK(call("parse_date", {"2026-07-01 14:00Z", "yyyy-MM-dd HH:mmX", "Europe/Berlin"}) ==
        "2026-07-01T14:00:00Z");
  CHECK(call("parse_date", {"x", "yyyy", "Europe/Berlin"}) == "EF0604");
  CHECK(call("parse_date", {"2026", "yyyy", "Nowhere"}) == "EF0604");
}

TEST_CASE("where clocks are moved a local time is the earlier or the moment of the move") {
  Calls call(register_extension);
  CHECK(call("parse_date", {"2026-10-25 02:30", "yyyy-MM-dd HH:mm", "Europe/Berlin"}) ==
        "2026-10-25T00:30:00Z");
  CHECK(call("parse_date", {"2026-03-29 02:30", "yyyy-MM-dd HH:mm", "Europe/Berlin"}) ==
        "2026-03-29T01:00:00Z");
}

TEST_CASE("summer time goes on after the last year that a zone file lists") {
  Calls call(register_extension);
  const std::string pattern = "yyyy-MM-dd HH:mm XXX";
  const auto shown = [&](const char* time, const char* zone) {
    return call("format_date", {parse_timestamp(time).value(), pattern, zone});
  };
  CHECK(shown("2037-07-15T12:00:00Z", "Europe/Berlin") == "2037-07-15 14:00 +02:00");
  CHECK(shown("2038-07-15T12:00:00Z", "Europe/Berlin") == "2038-07-15 14:00 +02:00");
  CHECK(shown("2038-01-15T12:00:00Z", "Europe/Berlin") == "2038-01-15 13:00 +01:00");
  CHECK(shown("2100-07-15T12:00:00Z", "America/New_York") == "2100-07-15 08:00 -04:00");
  CHECK(shown("2500-01-15T12:00:00Z", "Australia/Sydney") == "2500-01-15 23:00 +11:00");
  CHECK(call("parse_date", {"15.07.2050 14:00", "dd.MM.yyyy HH:mm", "Europe/Berlin"}) ==
        "2050-07-15T12:00:00Z");
  CHECK(call("date_trunc", {"day", parse_timestamp("2060-07-15T12:00:00Z").value(),
                            "Europe/Berlin"}) == "2060-07-14T22:00:00Z");
}

TEST_CASE("a time is cut to its unit, in any zone") {
  Calls call(register_extension);
  const Argument time = at("2026-11-21T13:45:30.123456Z");
  CHECK(call("date_trunc", {"hour", time}) == "2026-11-21T13:00:00Z");
  CHECK(call("date_trunc", {"MILLISECONDS", time}) == "2026-11-21T13:45:30.123Z");
  CHECK(call("date_trunc", {"week", time}) == "2026-11-16T00:00:00Z");
  CHECK(call("date_trunc", {"month", time}) == "2026-11-01T00:00:00Z");
  CHECK(call("date_trunc", {"quarter", time}) == "2026-10-01T00:00:00Z");
  CHECK(call("date_trunc", {"year", time}) == "2026-01-01T00:00:00Z");
  CHECK(call("date_trunc", {"day", Timestamp{-1}}) == "1969-12-31T00:00:00Z");
  CHECK(call("date_trunc", {"day", time, "America/New_York"}) == "2026-11-21T05:00:00Z");
  CHECK(call("date_trunc", {"eon", time}) == "EF0604");
  CHECK(call("date_trunc", {"eon", time, "UTC"}) == "EF0604");
  CHECK(call("date_trunc", {"day", time, "Nowhere"}) == "EF0604");
}

TEST_CASE("months end with their last day") {
  Calls call(register_extension);
  const Argument last = at("2024-01-31T10:00:00Z");
  CHECK(call("date_add", {last, n(1), "month"}) == "2024-02-29T10:00:00Z");
  CHECK(call("dateAdd", {last, n(-2), "months"}) == "2023-11-30T10:00:00Z");
  CHECK(call("date_add", {last, n(1), "quarter"}) == "2024-04-30T10:00:00Z");
  CHECK(call("date_add", {at("2024-02-29"), n(-1), "year"}) == "2023-02-28T00:00:00Z");
  CHECK(call("date_add", {last, n(90), "min"}) == "2024-01-31T11:30:00Z");
  CHECK(call("date_add", {last, n(1), "eon"}) == "EF0604");
  CHECK(call("date_add", {last, std::numeric_limits<std::int64_t>::max(), "day"}) == "EF0603");
  CHECK(call("date_add", {last, n(1'000'000), "year"}) == "EF0603");
  CHECK(call("date_add", {last, n(380'000), "year"}) == "EF0603");
}

TEST_CASE("a difference counts the boundaries between two times") {
  Calls call(register_extension);
  const Argument a = at("2025-12-31T23:59:59Z");
  const Argument b = at("2026-01-01T00:00:01Z");
  CHECK(call("date_diff", {"second", a, b}) == "2");
  CHECK(call("date_diff", {"day", a, b}) == "1");
  CHECK(call("date_diff", {"year", a, b}) == "1");
  CHECK(call("date_diff", {"month", b, a}) == "-1");
  CHECK(call("date_diff", {"week", at("2026-11-22"), at("2026-11-23")}) == "1");
  CHECK(call("date_diff", {"quarter", a, at("2026-07-01")}) == "3");
  CHECK(call("date_diff", {"eon", a, b}) == "EF0604");
}

TEST_CASE("fields of a time are numbers") {
  Calls call(register_extension);
  const Argument time = at("2026-11-22T13:45:30.123456Z");

  struct Expected {
    const char* field;
    const char* value;
  };

  const std::vector<Expected> all{{"year", "2026"},        {"quarter", "4"},
                                  {"month", "11"},         {"week", "47"},
                                  {"day", "22"},           {"dow", "0"},
                                  {"isodow", "7"},         {"doy", "326"},
                                  {"hour", "13"},          {"MINUTE", "45"},
                                  {"second", "30"},        {"millisecond", "30123"},
                                  {"epoch", "1795355130"}, {"microseconds", "30123456"}};
  for (const Expected& expected : all) {
    CAPTURE(expected.field);
    CHECK(call("extract", {expected.field, time}) == expected.value);
  }
  CHECK(call("extract", {"eon", time}) == "EF0604");
  CHECK(call("extract", {"week", at("2027-01-01")}) == "53");
  CHECK(call("hour", {time}) == "13");
  CHECK(call("minute", {time}) == "45");
  CHECK(call("second", {time}) == "30");
  CHECK(call("day", {time}) == "22");
  CHECK(call("month", {time}) == "11");
  CHECK(call("year", {Timestamp{-1}}) == "1969");
  CHECK(call("day_of_week", {time}) == "7");
  CHECK(call("day_of_week", {Timestamp{0}}) == "4");
  CHECK(call("day_of_week", {at("2026-11-23")}) == "1");
}

TEST_CASE("a batch of times has the texts that its times have alone") {
  Calls call(register_extension);
  Rng rng(7);
  BatchBuilder rows({{{"time", Type::timestamp}, {"pattern", Type::string}}});
  for (const char* text : {"yyyy-MM-dd", "HH:mm", "D a", "mm:ss", "s.SSS EEE", "XXX yy"}) {
    rows.clear();
    for (int i = 0; i < 500; ++i) {
      const auto us = static_cast<std::int64_t>(rng.below(300'000'000'000)) - 150'000'000'000;
      std::array<Value, 2> row{us >> rng.below(30), text};
      if (rng.below(9) == 0) row[0] = Value{};
      REQUIRE(rows.append(row, Timestamp{1}).ok());
    }
    std::vector<Column> columns;
    rows.view(0, rows.rows(), columns);
    const std::vector<std::string> apart = call.texts("format_date", columns, rows.rows());
    columns[1].shape = Shape::constant;
    CHECK(call.texts("format_date", columns, rows.rows()) == apart);
  }
}

}  // namespace eventflux::functions::time
