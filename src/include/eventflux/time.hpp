#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/error.hpp"

namespace eventflux {

/// A length of time. Units: microseconds.
using Duration = std::chrono::microseconds;

/// A point in time. Units: microseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
struct Timestamp {
  std::int64_t us = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 finds a null pointer in the generated code
  auto operator<=>(const Timestamp&) const = default;

  static constexpr Timestamp min() { return {std::numeric_limits<std::int64_t>::min()}; }

  static constexpr Timestamp max() { return {std::numeric_limits<std::int64_t>::max()}; }
};

constexpr Timestamp operator+(Timestamp time, Duration step) {
  return {time.us + step.count()};
}

constexpr Timestamp operator-(Timestamp time, Duration step) {
  return {time.us - step.count()};
}

constexpr Duration operator-(Timestamp a, Timestamp b) {
  return Duration(a.us - b.us);
}

/// Returns RFC 3339 text in UTC with as many fraction digits as needed: none, 3 or 6.
std::string to_text(Timestamp time);

inline constexpr std::size_t rfc3339_size_max = 40;

/// Writes RFC 3339 text in UTC with six fraction digits; returns one past its last byte.
/// Shape: 27 bytes for the years 0 … 9999, at most rfc3339_size_max for any other.
char* write_rfc3339(Timestamp time, char* out);

/// Reads RFC 3339 text: 'T' or a blank between date and time, time and offset optional, a fraction
/// of up to nine digits that is cut to microseconds. Fails: EF0109.
Result<Timestamp> parse_timestamp(std::string_view text);

/// Returns a duration in the largest unit of us, ms, s, m, h, d that is exact, for example
/// "1500ms".
std::string to_text(Duration duration);

/// Reads "500ms", "30s", "2 m", "1h", "1d"; a bare number is milliseconds. Fails: EF0303.
Result<Duration> parse_duration(std::string_view text);

/// Ends the waits of other threads; the only way a wait is cut short.
class StopSignal {
 public:
  virtual ~StopSignal() = default;
  virtual bool stopping() const noexcept = 0;
};

/// The one place from which the product learns what time it is.
/// Thread: all members may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Returns the time of day; it may jump.
  virtual Timestamp now() const = 0;
  /// Returns a time that never goes back, with an unknown origin.
  virtual Timestamp steady() const = 0;
  /// Blocks: until steady() reaches `until` or `stop` says so, at most 100 ms late.
  virtual void wait_until(Timestamp until, const StopSignal& stop) = 0;
};

/// A clock that stands still until it is moved, so that every run of a test is the same.
/// Thread: one thread moves it, any may read it.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Timestamp start = {}) : now_(start) {}

  Timestamp now() const override { return now_.load(); }

  Timestamp steady() const override { return now_.load(); }

  /// Moves the clock to `until` instead of waiting.
  void wait_until(Timestamp until, const StopSignal& stop) override;

  void set(Timestamp time) { now_ = time; }

 private:
  std::atomic<Timestamp> now_;
};

/// A date as a pattern found it.
struct ParsedDate {
  Timestamp time{};    ///< In UTC when `zoned`, else as a clock on the wall shows it.
  bool zoned = false;  ///< The text held an offset.
};

/// Reads RFC 3339 text as parse_timestamp() does, and tells whether it held an offset. Fails:
/// EF0109.
Result<ParsedDate> parse_rfc3339(std::string_view text);

/// A way to write dates: letters as in `yyyy-MM-dd'T'HH:mm:ss.SSSXXX`, or strftime when there is
/// a `%`.
/// Shape: letters y M d D H h m s S a E X Z, text in single quotes; strftime Y m d H M S f y j b B
/// a A p I z e T F %.
class DatePattern {
 public:
  /// Fails: EF0303 with the letter that is not known.
  static Result<DatePattern> compile(std::string_view pattern);

  /// Reads text that fits the pattern to its end; what the pattern does not name is that of
  /// 1970-01-01 00:00:00. Fails: EF0109.
  Result<ParsedDate> parse(std::string_view text) const;

  /// Appends a time, shown by a clock that is `offset` ahead of UTC.
  void format(Timestamp time, Duration offset, std::string& out) const;

  /// Returns a length that divides the day: times shown within the same multiple of it, with the
  /// same offset, have the same text.
  Duration step() const;

 private:
  enum class Part : std::uint8_t {
    literal,
    year,
    short_year,
    month,
    short_month_name,
    month_name,
    day,
    day_of_year,
    hour,
    half_day_hour,
    minute,
    second,
    fraction,
    half_day,
    short_weekday,
    weekday,
    offset,
    zulu_offset,
  };

  struct Item {
    Part part = Part::literal;
    std::size_t width = 0;  ///< Digits at least; of a fraction, exactly.
    std::string text{};
  };

  class Reader;

  Result<void> compile_letters(std::string_view pattern);
  Result<void> compile_percent(std::string_view pattern);
  Result<void> add_letters(char letter, std::size_t count);
  Result<void> add_percent(char letter);
  void add_literal(std::string_view text);
  static Result<void> read_item(const Item& item, Reader& in);
  static Result<void> read_number(const Item& item, Reader& in);
  static void format_item(const Item& item, Timestamp local, Duration offset, std::string& out);
  static void format_number(const Item& item, Timestamp local, std::string& out);

  std::vector<Item> items_;
};

}  // namespace eventflux
