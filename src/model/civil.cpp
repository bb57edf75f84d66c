#include "model/civil.hpp"

#include <array>
#include <charconv>

namespace eventflux {
namespace model {

// Days from civil and back: Howard Hinnant, chrono-compatible low-level date algorithms, 2013.
std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

Civil civil_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned month_index = (5 * day_of_year + 2) / 153;
  const unsigned month = month_index < 10 ? month_index + 3 : month_index - 9;
  const std::int64_t year =
      static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, day_of_year - (153 * month_index + 2) / 5 + 1};
}

unsigned days_in_month(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (leap && month == 2 ? 1 : 0);
}

DayAndTime split_day(Timestamp time) {
  std::int64_t days = time.us / us_per_day;
  std::int64_t rest = time.us % us_per_day;
  if (rest < 0) {
    rest += us_per_day;
    --days;
  }
  return {days, rest};
}

}  // namespace model

namespace {

/// Writes `count` digits.
char* write_digits(std::int64_t value, int count, char* out) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + count;
}

char* write_year(std::int64_t year, char* out) {
  if (year >= 0 && year <= 9999) return write_digits(year, 4, out);
  return std::to_chars(out, out + 8, year).ptr;
}

}  // namespace

char* write_rfc3339(Timestamp time, char* out) {
  const model::DayAndTime split = model::split_day(time);
  const model::Civil date = model::civil_from_days(split.days);
  const std::int64_t seconds = split.us / model::us_per_second;
  out = write_year(date.year, out);
  *out++ = '-';
  out = write_digits(date.month, 2, out);
  *out++ = '-';
  out = write_digits(date.day, 2, out);
  *out++ = 'T';
  out = write_digits(seconds / 3600, 2, out);
  *out++ = ':';
  out = write_digits(seconds / 60 % 60, 2, out);
  *out++ = ':';
  out = write_digits(seconds % 60, 2, out);
  *out++ = '.';
  out = write_digits(split.us % model::us_per_second, 6, out);
  *out++ = 'Z';
  return out;
}

}  // namespace eventflux
