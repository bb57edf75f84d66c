#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "eventflux/extension.hpp"

namespace eventflux::functions::time {

/// A unit of calendar or clock.
enum class Unit : std::uint8_t {
  microsecond,
  millisecond,
  second,
  minute,
  hour,
  day,
  week,
  month,
  quarter,
  year,
};

/// Reads a unit in singular, plural or short form, in any case; nothing when there is none.
std::optional<Unit> parse_unit(std::string_view name);
Error unknown_unit(std::string_view name);
/// Fails: EF0604 an unknown unit. For constants.
Result<Unit> find_unit(std::string_view name);
/// Fails: EF0604 an unknown zone. For constants.
Result<void> check_zone(std::string_view zone);

/// Returns the microseconds of a unit up to a week; 0 for units of the calendar.
std::int64_t unit_us(Unit unit);
/// Returns the months of a unit of the calendar; 0 for others.
std::int64_t unit_months(Unit unit);

/// Returns the offset of a zone from UTC at a point in time. Fails: EF0604 an unknown zone.
Result<Duration> zone_offset(std::string_view zone, Timestamp time);
/// Returns the point in time at which clocks of a zone show `local`; of two, the earlier; where
/// clocks skip it, the moment they do. Fails: EF0604 an unknown zone.
Result<Timestamp> from_local(std::string_view zone, Timestamp local);

/// A day and the time within it.
struct Parts {
  std::int64_t year = 1970;
  unsigned month = 1;
  unsigned day = 1;
  std::int64_t days = 0;  ///< Since 1970-01-01.
  std::int64_t us = 0;    ///< Since midnight.
};

Parts split(Timestamp time);
Timestamp join(std::int64_t year, std::int64_t month, std::int64_t day, std::int64_t us);

/// Fails: EF0603 beyond the range of TIMESTAMP.
Result<Timestamp> add(Timestamp time, std::int64_t count, Unit unit);
Timestamp truncate(Timestamp time, Unit unit);
/// Returns how many boundaries of the unit lie between a and b.
std::int64_t difference(Unit unit, Timestamp a, Timestamp b);
/// Returns a field by its name, as EXTRACT does. Fails: EF0604 an unknown field.
Result<std::int64_t> extract(std::string_view field, Timestamp time);

/// date_trunc, date_add, date_diff, extract, hour …
void register_calendar(Registry& registry);
/// to_timestamp, format_date, parse_date.
void register_text(Registry& registry);

}  // namespace eventflux::functions::time
