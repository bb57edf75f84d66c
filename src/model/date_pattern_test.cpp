#include <array>

#include <doctest/doctest.h>

#include "eventflux/time.hpp"

namespace eventflux {
namespace {

std::string rewrite(std::string_view text, std::string_view from, std::string_view to) {
  const DatePattern in = DatePattern::compile(from).value();
  const DatePattern out = DatePattern::compile(to).value();
  std::string written;
  out.format(in.parse(text).value().time, Duration(0), written);
  return written;
}

}  // namespace

TEST_CASE("a date reads by letters and prints by strftime") {
  CHECK(rewrite("2026-01-31T23:05:09.250", "yyyy-MM-dd'T'HH:mm:ss.SSS", "%F %T.%f") ==
        "2026-01-31 23:05:09.250000");
  CHECK(rewrite("31/Jan/26 11:05 pm", "%d/%b/%y %I:%M %p", "EEEE, d MMMM yyyy h 'o''clock' a") ==
        "Saturday, 31 January 2026 11 o'clock PM");
  CHECK(rewrite("20240229123456", "yyyyMMddHHmmss", "D/yy H:m:s") == "60/24 12:34:56");
}

TEST_CASE("an offset in the text makes the time UTC") {
  const DatePattern pattern = DatePattern::compile("yyyy-MM-dd HH:mm:ssXXX").value();
  const ParsedDate date = pattern.parse("2026-01-31 12:00:00+01:00").value();
  CHECK(date.zoned);
  CHECK(to_text(date.time) == "2026-01-31T11:00:00Z");
  std::string text;
  pattern.format(date.time, std::chrono::hours(-5), text);
  CHECK(text == "2026-01-31 06:00:00-05:00");
}

TEST_CASE("a text that does not fit is refused") {
  const DatePattern pattern = DatePattern::compile("yyyy-MM-dd").value();
  CHECK(code_text(pattern.parse("2025-02-29").error().code) == "EF0109");
  CHECK_FALSE(pattern.parse("2025-02-28x").ok());
  CHECK_FALSE(pattern.parse("25-2-28").ok());
  CHECK(code_text(DatePattern::compile("yyyy-QQ").error().code) == "EF0303");
  CHECK(code_text(DatePattern::compile("%Q").error().code) == "EF0303");
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

TEST_CASE("fixed RFC 3339 has six digits") {
  std::array<char, rfc3339_size_max> buffer{};
  char* end = write_rfc3339(Timestamp{-1'000'000}, buffer.data());
  CHECK(std::string(buffer.data(), end) == "1969-12-31T23:59:59.000000Z");
}

}  // namespace eventflux
