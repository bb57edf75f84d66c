// Numbers are read from their own text, never through a double: 9007199254740993 and "0.1" arrive
// as written. The short forms (up to 19 digits, exponent within ±22) take one pass; everything else
// goes to std::from_chars.
#include "scalar.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "short_number.hpp"

namespace eventflux::mappers::json {
namespace {

constexpr std::size_t sample_size_max = 32;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A number as mantissa × 10^exponent.
struct Decimal {
  std::uint64_t mantissa = 0;
  int exponent = 0;
  int digits = 0;  ///< Significant digits; the mantissa holds them all when ≤ 19.
  bool negative = false;
  int cut = 0;  ///< Digits after the mantissa, up to the last that is not zero.
};

constexpr int mantissa_digits_max = 19;
constexpr int exponent_max = 10'000;

struct DecimalReader {
  const char* next;
  const char* end;
  Decimal value{};

  void take(char c) {
    if (value.digits == 0 && c == '0') return;
    if (value.digits++ < mantissa_digits_max) {
      value.mantissa = value.mantissa * 10 + static_cast<std::uint64_t>(c - '0');
    } else {
      ++value.exponent;
      if (c != '0') value.cut = value.digits - mantissa_digits_max;
    }
  }

  bool integer() {
    const char* begin = next;
    for (; next != end && is_digit(*next); ++next)
      take(*next);
    return next - begin == 1 || (next != begin && *begin != '0');
  }

  bool fraction() {
    if (next == end || *next != '.') return true;
    const char* begin = ++next;
    for (; next != end && is_digit(*next); ++next) {
      take(*next);
      --value.exponent;
    }
    return next != begin;
  }

  bool scale() {
    if (next == end || (*next != 'e' && *next != 'E')) return true;
    ++next;
    const bool negative = next != end && *next == '-';
    if (negative || (next != end && *next == '+')) ++next;
    const char* begin = next;
    int exponent = 0;
    for (; next != end && is_digit(*next); ++next)
      exponent = std::min(exponent * 10 + (*next - '0'), exponent_max);
    value.exponent += negative ? -exponent : exponent;
    return next != begin;
  }
};

/// Reads any JSON number; nothing when the text is none.
std::optional<Decimal> read_long_decimal(std::string_view text) {
  DecimalReader reader{text.data(), text.data() + text.size()};
  if (reader.next != reader.end && *reader.next == '-') {
    reader.value.negative = true;
    ++reader.next;
  }
  if (!reader.integer() || !reader.fraction() || !reader.scale()) return std::nullopt;
  if (reader.next != reader.end) return std::nullopt;
  return reader.value;
}

// Most numbers: up to 18 digits, perhaps with a point, no exponent.
inline std::optional<Decimal> read_decimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const ShortNumber number = read_short(text.data());
  if (number.end != text.data() + text.size()) return read_long_decimal(text);
  return Decimal{number.mantissa, -static_cast<int>(number.fraction),
                 static_cast<int>(number.digits), number.negative};
}

enum class Fit : std::uint8_t { exact, fraction, range };

struct Whole {
  Fit fit = Fit::exact;
  std::int64_t value = 0;
};

Whole to_whole(Decimal decimal) {
  if (decimal.cut > 0) return {decimal.exponent < decimal.cut ? Fit::fraction : Fit::range, 0};
  for (; decimal.exponent < 0; ++decimal.exponent) {
    if (decimal.mantissa % 10 != 0) return {Fit::fraction, 0};
    if (decimal.mantissa == 0) break;
    decimal.mantissa /= 10;
  }
  constexpr std::uint64_t positive_max = std::numeric_limits<std::int64_t>::max();
  for (; decimal.exponent > 0 && decimal.mantissa != 0; --decimal.exponent) {
    if (decimal.mantissa > positive_max / 10 + 1) return {Fit::range, 0};
    decimal.mantissa *= 10;
  }
  if (decimal.mantissa > positive_max + (decimal.negative ? 1 : 0)) return {Fit::range, 0};
  const auto value =
      static_cast<std::int64_t>(decimal.negative ? 0 - decimal.mantissa : decimal.mantissa);
  return {Fit::exact, value};
}

/// Reads a real of type T; nothing when it is out of range.
template <class T>
std::optional<T> to_real(const Decimal& decimal, std::string_view text) {
  if constexpr (std::is_same_v<T, double>) {
    const int exponent = decimal.exponent;
    if (decimal.digits <= mantissa_digits_max && decimal.mantissa <= exact_mantissa_max &&
        exponent >= -22 && exponent <= 22) {
      if (exponent <= 0)
        return exact_real(decimal.mantissa, static_cast<unsigned>(-exponent), decimal.negative);
      const double value = static_cast<double>(decimal.mantissa) *
                           exact_powers_of_ten[static_cast<std::size_t>(exponent)];
      return decimal.negative ? -value : value;
    }
  }
  T value = 0;
  const auto [last, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc()) return value;
  // from_chars also reports what is too small for a number above zero: that is nought.
  if (decimal.mantissa == 0 || decimal.digits + decimal.exponent < 0)
    return decimal.negative ? -T{0} : T{0};
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// Brings text that people write into the form that JSON knows: no sign in front, no leading zeros.
std::string_view as_json_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1]))
    text.remove_prefix(1);
  return text;
}

/// Returns what stands between the quotes of a string without escapes, anything else as it is.
std::string_view bare(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') return json;
  const std::string_view inner = json.substr(1, json.size() - 2);
  return inner.find('\\') == std::string_view::npos ? inner : json;
}

Decimal from_integer(std::int64_t value) {
  const auto magnitude = static_cast<std::uint64_t>(value);
  return {value < 0 ? 0 - magnitude : magnitude, 0, mantissa_digits_max, value < 0};
}

std::string_view kind_of(std::string_view json) {
  switch (json.empty() ? '\0' : json.front()) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
      return "a boolean";
    case '"':
      return "text";
    default:
      return "a number";
  }
}

Error wrong_type(std::string_view json, Type type) {
  return value_error(Code::wrong_type, json,
                     "is " + std::string(kind_of(json)) + " where " + a_type(type) + " belongs");
}

Error not_a(std::string_view json, Type type) {
  return value_error(Code::wrong_type, json, "is not " + a_type(type));
}

Error out_of_range(std::string_view json, Type type) {
  return value_error(Code::out_of_range, json,
                     "is out of range for " + std::string(type_name(type)));
}

Error undecodable(std::string_view json, std::string_view what) {
  return value_error(Code::undecodable, json, what);
}

bool equals_folded(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] | 0x20) != lower[i]) return false;
  return true;
}

/// Returns whether a text is NaN or an infinity: JSON has no other way to write them.
bool is_special(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return equals_folded(text, "nan") || equals_folded(text, "infinity") ||
         equals_folded(text, "inf");
}

}  // namespace

Error value_error(Code code, std::string_view sample, std::string_view what) {
  std::string text = "'" + std::string(sample.substr(0, sample_size_max));
  text += sample.size() > sample_size_max ? "…' " : "' ";
  return {code, text + std::string(what)};
}

bool is_number(std::string_view text) {
  return read_decimal(text).has_value();
}

Scalars::Scalars(TimeStyle times) : times_(std::move(times)) {
  // unescape() works on a parser that has been given memory once.
  std::ignore = unescaper_.allocate(simdjson::SIMDJSON_PADDING);
}

Result<std::string_view> Scalars::unquote(std::string_view json) {
  if (json.size() < 2 || json.back() != '"') return undecodable(json, "is not a JSON string");
  const std::string_view inner = json.substr(1, json.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return inner;
  if (unescaped_.size() < inner.size() + simdjson::SIMDJSON_PADDING)
    unescaped_.resize(2 * inner.size() + simdjson::SIMDJSON_PADDING);
  auto* place = reinterpret_cast<std::uint8_t*>(unescaped_.data());
  const simdjson::ondemand::raw_json_string raw(
      reinterpret_cast<const std::uint8_t*>(inner.data()));
  std::string_view text;
  if (unescaper_.unescape(raw, place).get(text))
    return undecodable(json, "contains an invalid escape");
  // A lone half of a surrogate pair is no character.
  if (!simdjson::validate_utf8(text)) return undecodable(json, "contains an unpaired surrogate");
  return text;
}

Result<void> Scalars::check(std::string_view json) {
  if (json.starts_with('"')) {
    if (json.find('\\') == std::string_view::npos) return {};
    auto text = unquote(json);
    if (!text.ok()) return std::move(text).error();
    return {};
  }
  if (json == "true" || json == "false" || json == "null" || is_number(json)) return {};
  return undecodable(json, "is not a JSON value");
}

Result<void> Scalars::append(std::string_view json, ColumnBuilder& column) {
  switch (column.type()) {
    case Type::int32:
    case Type::int64:
      return append_integer(json, column);
    case Type::float32:
    case Type::float64:
      return append_real(json, column);
    case Type::timestamp:
      return append_timestamp(json, column);
    case Type::duration:
      return append_duration(json, column);
    case Type::decimal:
      return append_decimal(json, column);
    case Type::bytes:
      return append_octets(json, column);
    case Type::boolean:
      return append_boolean(json, column);
    case Type::json:
      EF_CHECK(json.front() == '{' || json.front() == '[' ? Result<void>{} : check(json));
      column.append(json);
      return {};
    case Type::string:
      break;
  }
  if (json.starts_with('"')) {
    EF_TRY(const std::string_view text, unquote(json));
    column.append(text);
    return {};
  }
  EF_CHECK(json.front() == '{' || json.front() == '[' ? Result<void>{} : check(json));
  column.append(json);
  return {};
}

// Returns a number that is written as people write it into a string; fails for all else.
Result<std::string_view> Scalars::number_in_text(std::string_view json, Type type) {
  if (json.starts_with('{') || json.starts_with('[')) return wrong_type(json, type);
  EF_CHECK(check(json));
  if (!json.starts_with('"')) return wrong_type(json, type);
  EF_TRY(const std::string_view text, unquote(json));
  const std::string_view number = as_json_number(trim(text));
  if (!is_number(number)) return not_a(json, type);
  return number;
}

Result<void> Scalars::append_integer(std::string_view json, ColumnBuilder& column) {
  const Type type = column.type();
  auto decimal = read_decimal(bare(json));
  if (!decimal && times_.pattern && json.starts_with('"')) {
    EF_TRY(const std::string_view date, unquote(json));
    if (const auto us = from_pattern(date)) decimal = from_integer(*us / 1000);
  }
  if (!decimal) {
    EF_TRY(const std::string_view text, number_in_text(json, type));
    decimal = read_decimal(text);
  }
  const Whole whole = to_whole(*decimal);
  if (whole.fit == Fit::fraction) return not_a(json, type);
  constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
  const bool too_wide =
      type == Type::int32 && (whole.value > int32_max || whole.value < -int32_max - 1);
  if (whole.fit == Fit::range || too_wide) return out_of_range(json, type);
  if (type == Type::int32) {
    column.append(static_cast<std::int32_t>(whole.value));
  } else {
    column.append(whole.value);
  }
  return {};
}

Result<void> Scalars::append_real(std::string_view json, ColumnBuilder& column) {
  std::string_view text = bare(json);
  auto decimal = read_decimal(text);
  if (!decimal && json.starts_with('"') && is_special(text))
    return append_text(text, times_, column);
  if (!decimal) {
    EF_TRY(text, number_in_text(json, column.type()));
    decimal = read_decimal(text);
  }
  if (column.type() == Type::float64) {
    const auto value = to_real<double>(*decimal, text);
    if (!value) return out_of_range(json, column.type());
    column.append(*value);
  } else {
    const auto value = to_real<float>(*decimal, text);
    if (!value) return out_of_range(json, column.type());
    column.append(*value);
  }
  return {};
}

Result<void> Scalars::append_decimal(std::string_view json, ColumnBuilder& column) {
  std::string_view text = json;
  if (!is_number(json)) {
    EF_TRY(text, number_in_text(json, column.type()));
  }
  EF_TRY(const Int128 number, parse_decimal(text, column.type(), Rounding::refuse));
  *column.extend<Int128>(1) = number;
  return {};
}

Result<void> Scalars::append_octets(std::string_view json, ColumnBuilder& column) {
  if (json.starts_with('{') || json.starts_with('[')) return wrong_type(json, Type::bytes);
  EF_CHECK(check(json));
  if (!json.starts_with('"')) return wrong_type(json, Type::bytes);
  EF_TRY(const std::string_view text, unquote(json));
  return append_text(text, times_, column);
}

Result<void> Scalars::append_boolean(std::string_view json, ColumnBuilder& column) {
  std::string_view text = json;
  if (json.starts_with('"')) {
    EF_TRY(const std::string_view inner, unquote(json));
    text = trim(inner);
    if (!equals_folded(text, "true") && !equals_folded(text, "false"))
      return not_a(json, Type::boolean);
    column.append(equals_folded(text, "true"));
    return {};
  }
  if (text == "true" || text == "false") {
    column.append(text == "true");
    return {};
  }
  if (!json.starts_with('{') && !json.starts_with('[')) EF_CHECK(check(json));
  return wrong_type(json, Type::boolean);
}

std::optional<std::int64_t> Scalars::from_pattern(std::string_view text) const {
  if (!times_.pattern) return std::nullopt;
  const auto time = times_.parse(text);
  if (!time.ok()) return std::nullopt;
  return time->us;
}

// Units: of `timestamp.unit`; a fraction of it counts, what is below a microsecond is cut.
Result<std::int64_t> Scalars::to_us(std::string_view number) const {
  constexpr std::array<int, 4> shift{6, 3, 0, -3};
  auto decimal = read_decimal(number);
  if (!decimal) return not_a(number, Type::timestamp);
  decimal->exponent += shift[static_cast<std::size_t>(times_.unit)];
  for (; decimal->exponent < 0 && decimal->mantissa != 0; ++decimal->exponent)
    decimal->mantissa /= 10;
  decimal->exponent = std::max(decimal->exponent, 0);
  const Whole whole = to_whole(*decimal);
  if (whole.fit != Fit::exact) return out_of_range(number, Type::timestamp);
  return whole.value;
}

Result<void> Scalars::append_timestamp(std::string_view json, ColumnBuilder& column) {
  if (json.starts_with('{') || json.starts_with('[')) return wrong_type(json, Type::timestamp);
  if (!json.starts_with('"')) {
    EF_CHECK(check(json));
    if (!is_number(json)) return wrong_type(json, Type::timestamp);
    EF_TRY(const std::int64_t us, to_us(json));
    column.append(Timestamp{us});
    return {};
  }
  EF_TRY(const std::string_view inner, unquote(json));
  const std::string_view text = trim(inner);
  if (const auto us = from_pattern(text)) {
    column.append(Timestamp{*us});
    return {};
  }
  if (is_number(text)) {
    EF_TRY(const std::int64_t us, to_us(text));
    column.append(Timestamp{us});
    return {};
  }
  // What the pattern does not read was refused by it above.
  const auto time =
      times_.pattern ? Result<Timestamp>(not_a(json, Type::timestamp)) : times_.parse(text);
  if (!time.ok()) return not_a(json, Type::timestamp);
  column.append(*time);
  return {};
}

Result<void> Scalars::append_duration(std::string_view json, ColumnBuilder& column) {
  if (json.starts_with('{') || json.starts_with('[')) return wrong_type(json, Type::duration);
  if (!json.starts_with('"')) {
    EF_CHECK(check(json));
    if (!is_number(json)) return wrong_type(json, Type::duration);
    EF_TRY(const std::int64_t us, to_us(json));
    column.append(Duration(us));
    return {};
  }
  EF_TRY(const std::string_view text, unquote(json));
  const auto duration = parse_duration(text);
  if (!duration.ok()) return not_a(json, Type::duration);
  column.append(*duration);
  return {};
}

}  // namespace eventflux::mappers::json
