#include <algorithm>
#include <array>
#include <limits>

#include <date/date.h>

#include "time_functions.hpp"

namespace eventflux::functions::time {
namespace {

constexpr std::int64_t us_per_day = 86'400'000'000;
constexpr std::int64_t days_per_week = 7;

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

// Monday is 1, Sunday 7. 1970-01-01 was a Thursday.
std::int64_t iso_weekday(std::int64_t days) {
  return floor_divide(days + 3, days_per_week) * -days_per_week + days + 4;
}

// The week of a year is that of its Thursday. Source: ISO 8601.
std::int64_t iso_week(std::int64_t days) {
  const std::int64_t thursday = days - iso_weekday(days) + 4;
  const Parts parts = split(Timestamp{thursday * us_per_day});
  const std::int64_t first = join(parts.year, 1, 1, 0).us / us_per_day;
  return (thursday - first) / days_per_week + 1;
}

Error out_of_range() {
  return {Code::out_of_range, "the result is beyond the range of TIMESTAMP"};
}

std::string lower(std::string_view text) {
  std::string folded;
  for (const char c : text)
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return folded;
}

std::int64_t month_number(const Parts& parts) {
  return parts.year * 12 + parts.month - 1;
}

// Fields of the clock need no date.
std::int64_t clock_field(Unit unit, Timestamp time) {
  const std::int64_t us = time.us - floor_divide(time.us, us_per_day) * us_per_day;
  switch (unit) {
    case Unit::microsecond:
      return us % 60'000'000;
    case Unit::millisecond:
      return us / 1'000 % 60'000;
    case Unit::second:
      return us / 1'000'000 % 60;
    case Unit::minute:
      return us / 60'000'000 % 60;
    default:
      return us / 3'600'000'000;
  }
}

std::int64_t field_of(Unit unit, Timestamp time) {
  if (unit <= Unit::hour) return clock_field(unit, time);
  const Parts parts = split(time);
  switch (unit) {
    case Unit::day:
      return parts.day;
    case Unit::week:
      return iso_week(parts.days);
    case Unit::month:
      return parts.month;
    case Unit::quarter:
      return (parts.month - 1) / 3 + 1;
    default:
      return parts.year;
  }
}

Result<Timestamp> truncate_in(std::string_view name, Timestamp time, std::string_view zone) {
  EF_TRY(const Unit unit, find_unit(name));
  EF_TRY(const Duration offset, zone_offset(zone, time));
  return from_local(zone, truncate(time + offset, unit));
}

void register_fields(Registry& registry) {
  registry.function(
      "extract", "A field of a time in UTC: year, month, dow, epoch …",
      [](std::string_view field, Timestamp time) { return extract(field, time); },
      {constant_check(0, [](std::string_view field) { return extract(field, Timestamp{}); })});
  const auto field = [&](const char* name, const char* text, Unit unit) {
    registry.function(name, text, [unit](Timestamp time) {
      return static_cast<std::int32_t>(field_of(unit, time));
    });
  };
  field("hour", "Hour in UTC, 0 to 23.", Unit::hour);
  field("minute", "Minute, 0 to 59.", Unit::minute);
  field("second", "Second, 0 to 59.", Unit::second);
  field("day", "Day of the month in UTC.", Unit::day);
  field("month", "Month in UTC, 1 to 12.", Unit::month);
  field("year", "Year in UTC.", Unit::year);
  registry.function(
      "day_of_week", "Day of the week in UTC: Monday is 1, Sunday 7.",
      [](Timestamp time) { return static_cast<std::int32_t>(iso_weekday(split(time).days)); });
}

}  // namespace

Parts split(Timestamp time) {
  const std::int64_t days = floor_divide(time.us, us_per_day);
  const date::year_month_day date{date::sys_days{date::days{days}}};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), days, time.us - days * us_per_day};
}

Timestamp join(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t us) {
  const date::year_month_day date{date::year(static_cast<int>(year)),
                                  date::month(static_cast<unsigned>(month)),
                                  date::day(static_cast<unsigned>(day))};
  const std::int64_t days = date::sys_days{date}.time_since_epoch().count();
  return {days * us_per_day + us};
}

Result<Timestamp> add(Timestamp time, std::int64_t count, Unit unit) {
  if (const std::int64_t us = unit_us(unit); us != 0) {
    std::int64_t step = 0;
    std::int64_t result = 0;
    if (__builtin_mul_overflow(count, us, &step) || __builtin_add_overflow(time.us, step, &result))
      return out_of_range();
    return Timestamp{result};
  }
  constexpr std::int64_t months_max = 32'000LL * 12;
  if (count > months_max || count < -months_max) return out_of_range();
  const Parts parts = split(time);
  const std::int64_t months = month_number(parts) + count * unit_months(unit);
  const std::int64_t year = floor_divide(months, 12);
  if (year > 32'000 || year < -32'000) return out_of_range();
  // The 31st of a shorter month is its last day.
  const date::year_month_day_last last{
      date::year(static_cast<int>(year)),
      date::month_day_last(date::month(static_cast<unsigned>(months - year * 12 + 1)))};
  const unsigned day = std::min(parts.day, static_cast<unsigned>(last.day()));
  return join(year, months - year * 12 + 1, day, parts.us);
}

Timestamp truncate(Timestamp time, Unit unit) {
  if (unit == Unit::week) {
    const std::int64_t days = floor_divide(time.us, us_per_day);
    return {(days - iso_weekday(days) + 1) * us_per_day};
  }
  if (const std::int64_t us = unit_us(unit); us != 0) return {floor_divide(time.us, us) * us};
  const Parts parts = split(time);
  if (unit == Unit::year) return join(parts.year, 1, 1, 0);
  const std::int64_t month = unit == Unit::month ? parts.month : (parts.month - 1) / 3 * 3 + 1;
  return join(parts.year, month, 1, 0);
}

std::int64_t difference(Unit unit, Timestamp a, Timestamp b) {
  if (const std::int64_t months = unit_months(unit); months != 0) {
    return floor_divide(month_number(split(b)), months) -
           floor_divide(month_number(split(a)), months);
  }
  const std::int64_t us = unit_us(unit);
  return floor_divide(truncate(b, unit).us, us) - floor_divide(truncate(a, unit).us, us);
}

Result<std::int64_t> extract(std::string_view field, Timestamp time) {
  const std::string name = lower(field);
  const Parts parts = split(time);
  if (name == "epoch") return floor_divide(time.us, 1'000'000);
  if (name == "dow") return iso_weekday(parts.days) % days_per_week;
  if (name == "isodow" || name == "day_of_week") return iso_weekday(parts.days);
  if (name == "doy" || name == "day_of_year")
    return parts.days - join(parts.year, 1, 1, 0).us / us_per_day + 1;
  const auto unit = parse_unit(name);
  if (!unit) return unknown_unit(field);
  return field_of(*unit, time);
}

void register_calendar(Registry& registry) {
  const ConstantCheck unit_first = constant_check(0, find_unit);
  registry.function("date_trunc", "Start of the unit in UTC that holds a time.",
                    [](std::string_view name, Timestamp time) -> Result<Timestamp> {
                      EF_TRY(const Unit unit, find_unit(name));
                      return truncate(time, unit);
                    },
                    {unit_first});
  registry.function("date_trunc", "Start of the unit in a zone that holds a time.",
                    [](std::string_view name, Timestamp time, std::string_view zone) {
                      return truncate_in(name, time, zone);
                    },
                    {unit_first, constant_check(2, check_zone)});
  registry.function(
      "date_add", "A time so many units later; months end with their last day.",
      [](Timestamp time, std::int64_t count, std::string_view name) -> Result<Timestamp> {
        EF_TRY(const Unit unit, find_unit(name));
        return add(time, count, unit);
      },
      {constant_check(2, find_unit)});
  registry.function("date_diff", "Boundaries of a unit between two times, in UTC.",
                    [](std::string_view name, Timestamp a, Timestamp b) -> Result<std::int64_t> {
                      EF_TRY(const Unit unit, find_unit(name));
                      return difference(unit, a, b);
                    },
                    {unit_first});
  register_fields(registry);
}

}  // namespace eventflux::functions::time
