#include "eventflux/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "eventflux/decimal.hpp"

#include "base/text.hpp"
#include "model/civil.hpp"
#include "model/decimal_math.hpp"

namespace eventflux {
namespace {

using model::days_from_civil;
using model::days_in_month;
using model::us_per_day;
using model::us_per_second;

/// Reads digits from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<int> digits(std::size_t count) {
    if (text_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return std::nullopt;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value;
  }

  bool accept(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  /// Reads up to nine digits; returns microseconds.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; count < text_.size() && text_[count] >= '0' && text_[count] <= '9'; ++count)
      if (count < 6) value = value * 10 + (text_[count] - '0');
    if (count == 0 || count > 9) return std::nullopt;
    for (std::size_t i = count; i < 6; ++i)
      value *= 10;
    text_.remove_prefix(count);
    return value;
  }

  bool at_end() const { return text_.empty(); }

 private:
  std::string_view text_;
};

std::optional<std::int64_t> read_time_of_day(Scanner& in) {
  const auto hour = in.digits(2);
  if (!hour || *hour > 23 || !in.accept(':')) return std::nullopt;
  const auto minute = in.digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t us = (std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60) * us_per_second;
  if (!in.accept(':')) return us;
  const auto second = in.digits(2);
  if (!second || *second > 60) return std::nullopt;
  us += std::int64_t{*second} * us_per_second;
  if (!in.accept('.')) return us;
  const auto fraction = in.fraction();
  if (!fraction) return std::nullopt;
  return us + *fraction;
}

std::optional<std::int64_t> read_offset(Scanner& in) {
  if (in.accept('Z') || in.accept('z') || in.at_end()) return 0;
  const bool east = in.accept('+');
  if (!east && !in.accept('-')) return std::nullopt;
  const auto hour = in.digits(2);
  in.accept(':');
  const auto minute = in.at_end() ? std::optional<int>(0) : in.digits(2);
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  const std::int64_t us = (std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60) * us_per_second;
  return east ? us : -us;
}

std::optional<ParsedDate> read_timestamp(std::string_view text) {
  Scanner in(text);
  const auto year = in.digits(4);
  if (!year || !in.accept('-')) return std::nullopt;
  const auto month = in.digits(2);
  if (!month || *month < 1 || *month > 12 || !in.accept('-')) return std::nullopt;
  const auto day = in.digits(2);
  const auto month_number = static_cast<unsigned>(*month);
  if (!day || *day < 1 || static_cast<unsigned>(*day) > days_in_month(*year, month_number))
    return std::nullopt;
  Timestamp time{days_from_civil(*year, month_number, static_cast<unsigned>(*day)) * us_per_day};
  if (in.at_end()) return ParsedDate{time};
  if (!in.accept('T') && !in.accept(' ') && !in.accept('t')) return std::nullopt;
  const auto of_day = read_time_of_day(in);
  if (!of_day) return std::nullopt;
  const bool zoned = !in.at_end();
  const auto offset = read_offset(in);
  if (!offset || !in.at_end()) return std::nullopt;
  return ParsedDate{Timestamp{time.us + *of_day - *offset}, zoned};
}

struct Unit {
  std::string_view name;
  std::int64_t us;
};

constexpr std::array units{Unit{"d", us_per_day},
                           Unit{"h", 3600 * us_per_second},
                           Unit{"m", 60 * us_per_second},
                           Unit{"s", us_per_second},
                           Unit{"ms", 1000},
                           Unit{"us", 1}};

std::optional<std::int64_t> unit_us(std::string_view name) {
  std::string folded = base::lower(name);
  if (folded.size() > 2 && folded.back() == 's') folded.pop_back();
  constexpr std::array words{Unit{"", 1000},
                             Unit{"day", us_per_day},
                             Unit{"hour", 3600 * us_per_second},
                             Unit{"min", 60 * us_per_second},
                             Unit{"minute", 60 * us_per_second},
                             Unit{"sec", us_per_second},
                             Unit{"second", us_per_second},
                             Unit{"milli", 1000},
                             Unit{"millisecond", 1000},
                             Unit{"microsecond", 1},
                             Unit{"week", 7 * us_per_day},
                             Unit{"w", 7 * us_per_day}};
  for (const Unit& unit : units)
    if (folded == unit.name) return unit.us;
  for (const Unit& unit : words)
    if (folded == unit.name) return unit.us;
  return std::nullopt;
}

}  // namespace

std::string to_text(Timestamp time) {
  std::array<char, rfc3339_size_max> buffer{};
  const char* end = write_rfc3339(time, buffer.data());
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  text.remove_suffix(1);
  if (text.ends_with(".000000")) {
    text.remove_suffix(7);
  } else if (text.ends_with("000")) {
    text.remove_suffix(3);
  }
  return std::string(text) + "Z";
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  EF_TRY(const ParsedDate date, parse_rfc3339(text));
  return date.time;
}

Result<ParsedDate> parse_rfc3339(std::string_view text) {
  if (const auto date = read_timestamp(base::trim(text))) return *date;
  return Error{Code::invalid_duration, "'" + std::string(text) + "' is not a time",
               "write it like 2026-01-31T12:00:00.250Z"};
}

std::string to_text(Duration duration) {
  const std::int64_t us = duration.count();
  if (us == 0) return "0s";
  for (const Unit& unit : units)
    if (us % unit.us == 0) return std::to_string(us / unit.us) + std::string(unit.name);
  return std::to_string(us) + "us";
}

Result<Duration> parse_duration(std::string_view text) {
  const std::string_view trimmed = base::trim(text);
  double count = 0;
  const auto [end, code] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), count);
  const auto bad = [&](const char* why) {
    return Error{Code::invalid_value, "'" + std::string(text) + "' is not a duration: " + why,
                 "write it like 500ms, 30s, 2m, 1h"};
  };
  if (code != std::errc()) return bad("expected a number");
  const auto unit =
      unit_us(base::trim({end, static_cast<std::size_t>(trimmed.data() + trimmed.size() - end)}));
  if (!unit) return bad("expected a unit");
  // By its digits: a double has too few for microseconds. What is below one is cut.
  const auto number =
      parse_decimal({trimmed.data(), static_cast<std::size_t>(end - trimmed.data())});
  if (!number.ok()) return bad("expected a number");
  Int128 us = 0;
  if (__builtin_mul_overflow(number->unscaled, Int128{*unit}, &us)) return bad("too long");
  us /= model::power_of_ten(number->scale);
  if (us > std::numeric_limits<std::int64_t>::max() ||
      us < std::numeric_limits<std::int64_t>::min())
    return bad("too long");
  return Duration(static_cast<std::int64_t>(us));
}

void VirtualClock::wait_until(Timestamp until, const StopSignal& stop) {
  if (!stop.stopping() && until > now_.load()) now_ = until;
}

}  // namespace eventflux
