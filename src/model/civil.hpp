#pragma once

#include <cstdint>

#include "eventflux/time.hpp"

namespace eventflux::model {

inline constexpr std::int64_t us_per_second = 1'000'000;
inline constexpr std::int64_t us_per_day = 86'400 * us_per_second;

/// A day of the proleptic Gregorian calendar.
struct Civil {
  std::int64_t year = 1970;
  unsigned month = 1;
  unsigned day = 1;
};

/// Returns days since 1970-01-01.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day);
Civil civil_from_days(std::int64_t days);
unsigned days_in_month(std::int64_t year, unsigned month);

/// A time split into a day and microseconds of that day.
struct DayAndTime {
  std::int64_t days = 0;
  std::int64_t us = 0;
};

DayAndTime split_day(Timestamp time);

}  // namespace eventflux::model
