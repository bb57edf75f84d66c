#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/time.hpp"

namespace eventflux {

/// A date as a pattern found it.
struct ParsedDate {
  Timestamp time{};    ///< In UTC when `zoned`, else as a clock on the wall shows it.
  bool zoned = false;  ///< The text held an offset.
};

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
