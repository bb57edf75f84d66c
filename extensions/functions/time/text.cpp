#include <array>
#include <cmath>
#include <map>

#include "eventflux/time.hpp"

#include "time_functions.hpp"

namespace eventflux::functions::time {
namespace {

constexpr std::size_t patterns_max = 64;

// Returns a pattern that is valid until the next call on this thread.
Result<const DatePattern*> compiled(std::string_view text) {
  thread_local std::map<std::string, DatePattern, std::less<>> patterns;
  const auto found = patterns.find(text);
  if (found != patterns.end()) return &found->second;
  auto made = DatePattern::compile(text);
  if (!made.ok()) {
    Error error = std::move(made).error();
    error.code = Code::wrong_type;
    return error;
  }
  if (patterns.size() >= patterns_max) patterns.clear();
  return &patterns.emplace(text, *std::move(made)).first->second;
}

Error no_time(std::string_view text) {
  return {Code::wrong_type, "'" + std::string(text.substr(0, 32)) + "' is not a TIMESTAMP"};
}

Result<Timestamp> parse(std::string_view text, std::string_view format) {
  EF_TRY(const DatePattern* pattern, compiled(format));
  const auto date = pattern->parse(text);
  if (!date.ok()) return no_time(text);
  return date->time;
}

Result<Timestamp> parse_in(std::string_view text, std::string_view format, std::string_view zone) {
  EF_TRY(const DatePattern* pattern, compiled(format));
  const auto date = pattern->parse(text);
  if (!date.ok()) return no_time(text);
  if (date->zoned) return date->time;
  return from_local(zone, date->time);
}

Result<std::string> format(Timestamp time, std::string_view format, Duration offset) {
  EF_TRY(const DatePattern* pattern, compiled(format));
  std::string text;
  pattern->format(time, offset, text);
  return text;
}

// A row that falls into the same day (hour, minute … as the pattern shows) as the row before it
// has that row's text.
void format_by(const DatePattern& pattern, FunctionCall& call) {
  const Column& times = call.arguments[0];
  const std::int64_t step = pattern.step().count();
  std::string text;
  Text last;
  std::uint64_t from = 0;  // last is the text of the `width` microseconds from here; they may wrap
  std::uint64_t width = 0;
  for_each_row(call.selection, [&](std::uint32_t row) {
    if (times.is_null(row)) return call.out.set_null(row);
    const std::int64_t time = times.at<std::int64_t>(row);
    if (static_cast<std::uint64_t>(time) - from >= width) {
      text.clear();
      pattern.format(Timestamp{time}, Duration(0), text);
      last = call.out.arena->store(text);
      from = static_cast<std::uint64_t>(time) -
             static_cast<std::uint64_t>((time % step + step) % step);
      width = static_cast<std::uint64_t>(step);
    }
    call.out.data<Text>()[row] = last;
  });
}

void format_utc(FunctionCall& call) {
  const Column& patterns = call.arguments[1];
  const bool constant = patterns.shape == Shape::constant && !patterns.is_null(0);
  if (constant && call.selection.count != 0) {
    const auto pattern = compiled(patterns.at<Text>(0).view());
    if (pattern.ok()) return format_by(**pattern, call);
  }
  for_each_row(call.selection, [&](std::uint32_t row) {
    if (call.arguments[0].is_null(row) || patterns.is_null(row)) return call.out.set_null(row);
    const Timestamp time{call.arguments[0].at<std::int64_t>(row)};
    auto made = format(time, patterns.at<Text>(row).view(), Duration(0));
    if (!made.ok()) return call.errors.fail(row, std::move(made).error());
    call.out.set_text(row, *made);
  });
}

bool is_nanosecond(std::string_view unit) {
  return unit == "ns" || unit == "nanosecond" || unit == "nanoseconds";
}

// Units of a fixed length.
Result<std::int64_t> length_us(std::string_view unit) {
  const auto known = parse_unit(unit);
  if (!known || unit_us(*known) == 0) return unknown_unit(unit);
  return unit_us(*known);
}

// Units of whole numbers.
Result<void> check_length(std::string_view unit) {
  if (!is_nanosecond(unit)) EF_CHECK(length_us(unit));
  return {};
}

Result<Timestamp> from_number(std::int64_t value, std::string_view unit) {
  if (is_nanosecond(unit)) return Timestamp{value / 1000 - (value % 1000 < 0 ? 1 : 0)};
  EF_TRY(const std::int64_t length, length_us(unit));
  std::int64_t us = 0;
  if (__builtin_mul_overflow(value, length, &us))
    return Error{Code::out_of_range, std::to_string(value) + " is beyond the range of TIMESTAMP"};
  return Timestamp{us};
}

Result<Timestamp> from_real(double value, std::string_view unit) {
  EF_TRY(const std::int64_t length, length_us(unit));
  const double us = std::round(value * static_cast<double>(length));
  if (!(std::fabs(us) < 9.2e18))
    return Error{Code::out_of_range, std::to_string(value) + " is beyond the range of TIMESTAMP"};
  return Timestamp{static_cast<std::int64_t>(us)};
}

void register_to_timestamp(Registry& registry) {
  registry.function("to_timestamp", "Milliseconds since 1970 as a time.",
                    [](std::int64_t value) { return from_number(value, "ms"); });
  registry.function(
      "to_timestamp", "A number in a unit since 1970 as a time.",
      [](std::int64_t value, std::string_view unit) { return from_number(value, unit); },
      {constant_check(1, check_length)});
  registry.function("to_timestamp", "A number in a unit since 1970 as a time.",
                    [](double value, std::string_view unit) { return from_real(value, unit); },
                    {constant_check(1, length_us)});
  registry.function("to_timestamp", "RFC 3339 text as a time.",
                    [](std::string_view text) -> Result<Timestamp> {
                      auto time = parse_timestamp(text);
                      if (!time.ok()) return no_time(text);
                      return time;
                    });
  registry.function(
      "to_timestamp", "Text by a pattern as a time.",
      [](std::string_view text, std::string_view format) { return parse(text, format); },
      {constant_check(1, compiled)});
  registry.function("epoch_ms", "Milliseconds since 1970.",
                    [](Timestamp time) { return time.us / 1000 - (time.us % 1000 < 0 ? 1 : 0); });
}

}  // namespace

void register_text(Registry& registry) {
  const ConstantCheck pattern_check = constant_check(1, compiled);
  const ConstantCheck zone_check = constant_check(2, check_zone);
  register_to_timestamp(registry);
  registry.function({.name = "format_date",
                     .text = "A time in UTC by a pattern.",
                     .arguments = {Type::timestamp, Type::string},
                     .result = Type::string,
                     .body = format_utc,
                     .constants = {pattern_check}});
  registry.function(
      "format_date", "A time in a zone by a pattern.",
      [](Timestamp time, std::string_view pattern, std::string_view zone) -> Result<std::string> {
        EF_TRY(const Duration offset, zone_offset(zone, time));
        return format(time, pattern, offset);
      },
      {pattern_check, zone_check});
  registry.function(
      "parse_date", "Text by a pattern as a time, in UTC without an offset.",
      [](std::string_view text, std::string_view pattern) { return parse(text, pattern); },
      {pattern_check});
  registry.function("parse_date", "Text by a pattern as a time, in a zone without an offset.",
                    [](std::string_view text, std::string_view pattern, std::string_view zone) {
                      return parse_in(text, pattern, zone);
                    },
                    {pattern_check, zone_check});
}

}  // namespace eventflux::functions::time
