#include <algorithm>
#include <array>
#include <optional>

#include "eventflux/time.hpp"

#include "base/text.hpp"
#include "model/civil.hpp"

namespace eventflux {
namespace {

constexpr std::int64_t seconds_per_half_day = 43'200;
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::size_t short_name_size = 3;

Error does_not_fit(std::string_view text) {
  return {Code::invalid_duration, "'" + std::string(text) + "' does not match the date pattern"};
}

Error unknown_letter(char letter) {
  return {Code::invalid_value, "'" + std::string(1, letter) + "' is not a letter of a date pattern",
          "write it like yyyy-MM-dd'T'HH:mm:ss.SSS or %Y-%m-%d %H:%M:%S"};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append_digits(std::int64_t value, std::size_t width, std::string& out) {
  const std::string digits = std::to_string(value < 0 ? -value : value);
  if (value < 0) out += '-';
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

void append_offset(Duration offset, std::string_view separator, std::string& out) {
  const std::int64_t minutes = offset.count() / (60 * model::us_per_second);
  out += minutes < 0 ? '-' : '+';
  append_digits(std::abs(minutes) / 60, 2, out);
  out += separator;
  append_digits(std::abs(minutes) % 60, 2, out);
}

}  // namespace

/// Reads the parts of a date from the front of a text.
class DatePattern::Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), rest_(text) {}

  Result<std::int64_t> digits(std::size_t least, std::size_t most) {
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9';
         ++count)
      value = value * 10 + (rest_[count] - '0');
    if (count < least) return does_not_fit(text_);
    rest_.remove_prefix(count);
    return value;
  }

  Result<void> fraction() {
    const std::size_t before = rest_.size();
    EF_TRY(std::int64_t value, digits(1, 9));
    for (std::size_t count = before - rest_.size(); count < 9; ++count)
      value *= 10;
    us = value / 1000;
    return {};
  }

  Result<void> literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return does_not_fit(text_);
    rest_.remove_prefix(expected.size());
    return {};
  }

  template <std::size_t N>
  Result<std::int64_t> name(const std::array<std::string_view, N>& names, std::size_t size_max) {
    for (std::size_t i = 0; i < N; ++i) {
      const std::string_view wanted = names[i].substr(0, size_max);
      if (!base::equal_fold(rest_.substr(0, wanted.size()), wanted)) continue;
      rest_.remove_prefix(wanted.size());
      return static_cast<std::int64_t>(i);
    }
    return does_not_fit(text_);
  }

  Result<void> offset() {
    zoned = true;
    if (rest_.starts_with('Z') || rest_.starts_with('z')) return literal(rest_.substr(0, 1));
    const bool west = rest_.starts_with('-');
    if (!west && !rest_.starts_with('+')) return does_not_fit(text_);
    rest_.remove_prefix(1);
    EF_TRY(const std::int64_t hours, digits(2, 2));
    if (rest_.starts_with(':')) rest_.remove_prefix(1);
    const std::size_t minute_digits = rest_.empty() ? 0 : 2;
    EF_TRY(const std::int64_t minutes, digits(minute_digits, minute_digits));
    offset_us = (hours * 60 + minutes) * 60 * model::us_per_second * (west ? -1 : 1);
    return {};
  }

  Result<ParsedDate> finish() const {
    const std::int64_t hour_of_day = afternoon ? hour % 12 + (*afternoon ? 12 : 0) : hour;
    const bool day_fits = month >= 1 && month <= 12 && day >= 1 &&
                          day <= model::days_in_month(year, static_cast<unsigned>(month)) &&
                          day_of_year <= 366;
    if (!rest_.empty() || !day_fits || hour_of_day > 23 || minute > 59 || second > 60)
      return does_not_fit(text_);
    std::int64_t days =
        model::days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    if (day_of_year > 0) days = model::days_from_civil(year, 1, 1) + day_of_year - 1;
    const std::int64_t seconds = hour_of_day * 3600 + minute * 60 + second;
    return ParsedDate{{days * model::us_per_day + seconds * model::us_per_second + us - offset_us},
                      zoned};
  }

  std::int64_t year = 1970;
  std::int64_t month = 1;
  std::int64_t day = 1;
  std::int64_t day_of_year = 0;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t us = 0;
  std::int64_t offset_us = 0;
  std::optional<bool> afternoon{};
  bool zoned = false;

 private:
  std::string_view text_;
  std::string_view rest_;
};

void DatePattern::add_literal(std::string_view text) {
  if (items_.empty() || items_.back().part != Part::literal) items_.push_back({});
  items_.back().text += text;
}

Result<void> DatePattern::add_letters(char letter, std::size_t count) {
  const bool is_long = count >= 4;
  switch (letter) {
    case 'y':
      items_.push_back({count == 2 ? Part::short_year : Part::year, 4, {}});
      break;
    case 'M':
      if (count >= 3) {
        items_.push_back({is_long ? Part::month_name : Part::short_month_name, 0, {}});
      } else {
        items_.push_back({Part::month, count, {}});
      }
      break;
    case 'd':
      items_.push_back({Part::day, count, {}});
      break;
    case 'D':
      items_.push_back({Part::day_of_year, count, {}});
      break;
    case 'H':
      items_.push_back({Part::hour, count, {}});
      break;
    case 'h':
      items_.push_back({Part::half_day_hour, count, {}});
      break;
    case 'm':
      items_.push_back({Part::minute, count, {}});
      break;
    case 's':
      items_.push_back({Part::second, count, {}});
      break;
    case 'S':
      items_.push_back({Part::fraction, std::min<std::size_t>(count, 9), {}});
      break;
    case 'a':
      items_.push_back({Part::half_day, 0, {}});
      break;
    case 'E':
      items_.push_back({is_long ? Part::weekday : Part::short_weekday, 0, {}});
      break;
    case 'X':
      items_.push_back({Part::zulu_offset, 0, {}});
      break;
    case 'Z':
      items_.push_back({Part::offset, 0, {}});
      break;
    default:
      return unknown_letter(letter);
  }
  return {};
}

Result<void> DatePattern::add_percent(char letter) {
  switch (letter) {
    case 'Y':
      return add_letters('y', 4);
    case 'y':
      return add_letters('y', 2);
    case 'm':
      return add_letters('M', 2);
    case 'b':
      return add_letters('M', 3);
    case 'B':
      return add_letters('M', 4);
    case 'd':
      return add_letters('d', 2);
    case 'e':
      return add_letters('d', 1);
    case 'j':
      return add_letters('D', 3);
    case 'H':
      return add_letters('H', 2);
    case 'I':
      return add_letters('h', 2);
    case 'M':
      return add_letters('m', 2);
    case 'S':
      return add_letters('s', 2);
    case 'f':
      return add_letters('S', 6);
    case 'p':
      return add_letters('a', 1);
    case 'a':
      return add_letters('E', 3);
    case 'A':
      return add_letters('E', 4);
    case 'z':
      return add_letters('Z', 1);
    case 'T':
      return compile_letters("HH:mm:ss");
    case 'F':
      return compile_letters("yyyy-MM-dd");
    case '%':
      add_literal("%");
      return {};
    default:
      return unknown_letter(letter);
  }
}

Result<DatePattern> DatePattern::compile(std::string_view pattern) {
  DatePattern made;
  if (pattern.find('%') == std::string_view::npos) {
    EF_CHECK(made.compile_letters(pattern));
  } else {
    EF_CHECK(made.compile_percent(pattern));
  }
  return made;
}

Result<void> DatePattern::compile_percent(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      add_literal(pattern.substr(i, 1));
      continue;
    }
    EF_CHECK(add_percent(++i < pattern.size() ? pattern[i] : ' '));
  }
  return {};
}

Result<void> DatePattern::compile_letters(std::string_view pattern) {
  bool quoted = false;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    const bool repeats = !quoted && is_letter(c);
    const std::size_t end = repeats ? std::min(pattern.find_first_not_of(c, i), pattern.size())
                            : pattern.substr(i).starts_with("''") ? i + 2
                                                                  : i + 1;
    Result<void> added;
    if (repeats) {
      added = add_letters(c, end - i);
    } else if (c != '\'' || end == i + 2) {
      add_literal(pattern.substr(i, 1));
    } else {
      quoted = !quoted;
    }
    EF_CHECK(added);
    i = end;
  }
  return {};
}

Result<void> DatePattern::read_number(const Item& item, Reader& in) {
  const auto read = [&](std::int64_t& field, std::size_t most) -> Result<void> {
    EF_TRY(field, in.digits(item.width, std::max(item.width, most)));
    return {};
  };
  switch (item.part) {
    case Part::year:
      return read(in.year, 4);
    case Part::month:
      return read(in.month, 2);
    case Part::day:
      return read(in.day, 2);
    case Part::day_of_year:
      return read(in.day_of_year, 3);
    case Part::hour:
    case Part::half_day_hour:
      return read(in.hour, 2);
    case Part::minute:
      return read(in.minute, 2);
    default:
      return read(in.second, 2);
  }
}

Result<void> DatePattern::read_item(const Item& item, Reader& in) {
  switch (item.part) {
    case Part::literal:
      return in.literal(item.text);
    case Part::short_year: {
      EF_TRY(in.year, in.digits(2, 2));
      in.year += in.year < 70 ? 2000 : 1900;
      return {};
    }
    case Part::short_month_name:
    case Part::month_name: {
      const bool is_short = item.part == Part::short_month_name;
      EF_TRY(in.month, in.name(months, is_short ? short_name_size : std::string_view::npos));
      ++in.month;
      return {};
    }
    case Part::fraction:
      return in.fraction();
    case Part::half_day: {
      EF_TRY(const std::int64_t half, in.name(std::array<std::string_view, 2>{"AM", "PM"}, 2));
      in.afternoon = half == 1;
      return {};
    }
    case Part::short_weekday:
    case Part::weekday: {
      const bool is_short = item.part == Part::short_weekday;
      const auto day = in.name(weekdays, is_short ? short_name_size : std::string_view::npos);
      return day.ok() ? Result<void>{} : Result<void>(day.error());
    }
    case Part::offset:
    case Part::zulu_offset:
      return in.offset();
    default:
      return read_number(item, in);
  }
}

Result<ParsedDate> DatePattern::parse(std::string_view text) const {
  Reader in(base::trim(text));
  for (const Item& item : items_)
    EF_CHECK(read_item(item, in));
  return in.finish();
}

namespace {

/// A time as its parts are printed.
struct Shown {
  model::DayAndTime split;
  model::Civil date = model::civil_from_days(split.days);
  std::int64_t seconds = split.us / model::us_per_second;
  std::size_t weekday = static_cast<std::size_t>(((split.days + 4) % 7 + 7) % 7);
};

}  // namespace

void DatePattern::format_number(const Item& item, Timestamp local, std::string& out) {
  const Shown shown{model::split_day(local)};
  const std::int64_t hour = shown.seconds / 3600;
  switch (item.part) {
    case Part::year:
      return append_digits(shown.date.year, 4, out);
    case Part::short_year:
      return append_digits((shown.date.year % 100 + 100) % 100, 2, out);
    case Part::month:
      return append_digits(shown.date.month, item.width, out);
    case Part::day:
      return append_digits(shown.date.day, item.width, out);
    case Part::day_of_year: {
      const std::int64_t first = model::days_from_civil(shown.date.year, 1, 1);
      return append_digits(shown.split.days - first + 1, item.width, out);
    }
    case Part::hour:
      return append_digits(hour, item.width, out);
    case Part::half_day_hour:
      return append_digits(hour % 12 == 0 ? 12 : hour % 12, item.width, out);
    case Part::minute:
      return append_digits(shown.seconds / 60 % 60, item.width, out);
    default:
      return append_digits(shown.seconds % 60, item.width, out);
  }
}

void DatePattern::format_item(const Item& item, Timestamp local, Duration offset,
                              std::string& out) {
  const Shown shown{model::split_day(local)};
  switch (item.part) {
    case Part::literal:
      out += item.text;
      return;
    case Part::short_month_name:
      out += months[shown.date.month - 1].substr(0, short_name_size);
      return;
    case Part::month_name:
      out += months[shown.date.month - 1];
      return;
    case Part::fraction: {
      std::string digits;
      append_digits(shown.split.us % model::us_per_second * 1000, 9, digits);
      out += digits.substr(0, item.width);
      return;
    }
    case Part::half_day:
      out += shown.seconds < seconds_per_half_day ? "AM" : "PM";
      return;
    case Part::short_weekday:
      out += weekdays[shown.weekday].substr(0, short_name_size);
      return;
    case Part::weekday:
      out += weekdays[shown.weekday];
      return;
    case Part::offset:
      return append_offset(offset, "", out);
    case Part::zulu_offset:
      if (offset.count() != 0) return append_offset(offset, ":", out);
      out += 'Z';
      return;
    default:
      return format_number(item, local, out);
  }
}

void DatePattern::format(Timestamp time, Duration offset, std::string& out) const {
  for (const Item& item : items_)
    format_item(item, time + offset, offset, out);
}

Duration DatePattern::step() const {
  std::int64_t us = model::us_per_day;
  for (const Item& item : items_) {
    switch (item.part) {
      case Part::hour:
      case Part::half_day_hour:
      case Part::half_day:
        us = std::min(us, 3600 * model::us_per_second);
        break;
      case Part::minute:
        us = std::min(us, 60 * model::us_per_second);
        break;
      case Part::second:
        us = std::min(us, model::us_per_second);
        break;
      case Part::fraction:
        us = 1;
        break;
      default:
        break;
    }
  }
  return Duration(us);
}

}  // namespace eventflux
