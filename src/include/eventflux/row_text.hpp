#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/params.hpp"
#include "eventflux/time.hpp"
#include "eventflux/time_zone.hpp"

namespace eventflux {

/// Unit of a number that stands for a time.
enum class TimeUnit : std::uint8_t { s, ms, us, ns };

template <>
struct ParamCodec<TimeUnit> : ChoiceCodec<TimeUnit, ParamCodec<TimeUnit>> {
  static constexpr std::array<std::string_view, 4> choices{"s", "ms", "us", "ns"};
};

/// Shape: not empty. An option without a pattern is an optional.
template <>
struct ParamCodec<DatePattern> {
  static constexpr std::string_view type = "pattern";
  static Result<DatePattern> parse(std::string_view text);

  static std::string print(const DatePattern&) { return {}; }

  static std::vector<std::string> names() { return {}; }
};

/// So many rows in so long a time. Shape: a count of 0 is no limit.
struct RowRate {
  double count = 0;
  Duration per = std::chrono::seconds(1);
};

/// Reads "100/s", "5/2m", "0.5/1s"; a bare number is per second. Fails: EF0303.
Result<RowRate> parse_rate(std::string_view text);
std::string to_text(RowRate rate);

template <>
struct ParamCodec<RowRate> : ParsedCodec<RowRate, parse_rate> {
  static constexpr std::string_view type = "rate";

  static std::string print(RowRate value) { return to_text(value); }
};

/// Shape: not empty. An option without a zone is an optional.
template <>
struct ParamCodec<TimeZone> {
  static constexpr std::string_view type = "zone";
  static Result<TimeZone> parse(std::string_view text);

  static std::string print(const TimeZone& zone) { return zone.name(); }

  static std::vector<std::string> names() { return {}; }
};

/// How text that holds times is read.
struct TimeStyle {
  TimeUnit unit = TimeUnit::ms;
  std::optional<DatePattern> pattern{};  ///< Nothing: RFC 3339.
  std::optional<TimeZone> zone{};        ///< Of text without an offset; nothing: UTC.

  /// Reads a time by the pattern, or as RFC 3339. Fails: EF0109.
  Result<Timestamp> parse(std::string_view text) const;
};

/// Appends the value that a text stands for: numbers are trimmed and exact, `12.0` is an integer,
/// NaN and Infinity are floating-point values, a date in a BIGINT column becomes milliseconds when
/// there is a pattern, DECIMAL takes no more decimals than it keeps, BYTES are read as base64.
/// Fails: EF0603 out of range, EF0604 no value of the column's type; nothing is appended.
Result<void> append_text(std::string_view text, const TimeStyle& times, ColumnBuilder& column);

/// Appends the text of a value that is not NULL: floating-point values in their shortest exact
/// form, TIMESTAMP as RFC 3339 in UTC with as many fraction digits as it needs,
/// BYTES as hexadecimal digits behind `\x`.
void write_cell(const Column& column, std::uint32_t row, std::string& out);
/// Appends what append_text() reads: the same, but BYTES in base64.
void write_field(const Column& column, std::uint32_t row, std::string& out);

/// How rows are shown to people and programs.
enum class RowFormat : std::uint8_t { box, json, csv, markdown, line, changelog, raw };

template <>
struct ParamCodec<RowFormat> : ChoiceCodec<RowFormat, ParamCodec<RowFormat>> {
  static constexpr std::array<std::string_view, 7> choices{"box",  "json",      "csv", "markdown",
                                                           "line", "changelog", "raw"};
};

/// Renders all rows of a batch with what the format puts before and after them.
std::string render_rows(const Schema& schema, const Batch& batch, RowFormat format);

/// Renders the rows of one stream as they come, batch after batch: one header, and another one only
/// when a column has become wider. For people, control characters are written as escapes, columns
/// are as wide as a terminal shows their text, and what does not fit ends in `…`.
class RowRenderer {
 public:
  /// `title` is the stream's name, shown before its rows where several streams share the output;
  /// empty: not shown. `columns` is the width of the terminal; 0: unlimited.
  RowRenderer(Schema schema, RowFormat format, std::string title = {}, std::size_t columns = 0)
      : schema_(std::move(schema)), format_(format), title_(std::move(title)), columns_(columns) {}

  /// Returns the text of the rows.
  std::string rows(const Batch& batch);
  /// Returns what closes the output, for example the lower edge of a box; empty without rows.
  std::string end();

  /// The next rows begin with a header again.
  void restart() { started_ = false; }

 private:
  std::string table(const Batch& batch);
  std::string header();

  Schema schema_;
  RowFormat format_;
  std::string title_;
  std::size_t columns_;
  std::vector<std::size_t> widths_{};
  bool started_ = false;
};

}  // namespace eventflux
