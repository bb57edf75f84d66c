#include "pieces.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "words.hpp"

namespace eventflux::mappers::json {
namespace {

char* write_text(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

template <class T>
char* write_shortest(T value, char* out) {
  if (!std::isfinite(value)) return write_text("null", out);
  char* end = std::to_chars(out, out + scalar_size_max, value).ptr;
  if (value != std::trunc(value)) return end;
  const std::string_view text(out, static_cast<std::size_t>(end - out));
  return text.find_first_of(".e") == std::string_view::npos ? write_text(".0", end) : end;
}

constexpr std::int64_t fixed_scale = 100'000'000;
constexpr int fixed_digits = 8;

/// Returns eight digits as text, the first of them in the lowest byte.
std::uint64_t eight_characters(std::uint64_t value) {
  const std::uint64_t halves = value / 10'000 | (value % 10'000) << 32U;
  const std::uint64_t hundreds = ((halves * 10'486) >> 20U) & 0x7F0000007FULL;
  const std::uint64_t pairs = hundreds | (halves - hundreds * 100) << 16U;
  const std::uint64_t tens = ((pairs * 103) >> 10U) & 0x000F000F000F000FULL;
  return tens | (pairs - tens * 10) << 8U;
}

/// Writes units / 10^8 without trailing zeros, with one digit behind the point at least.
char* write_fixed(std::int64_t units, char* out) {
  if (units < 0) *out++ = '-';
  const std::int64_t magnitude = std::abs(units);
  out = std::to_chars(out, out + 20, magnitude / fixed_scale).ptr;
  *out++ = '.';
  const std::uint64_t digits =
      eight_characters(static_cast<std::uint64_t>(magnitude % fixed_scale));
  const std::uint64_t text = digits | each_byte * '0';
  std::memcpy(out, &text, sizeof text);
  const int zeros = digits == 0 ? fixed_digits - 1 : std::countl_zero(digits) / 8;
  return out + fixed_digits - zeros;
}

char* write_escape(unsigned char c, char* out) {
  constexpr std::string_view hex = "0123456789abcdef";
  *out++ = '\\';
  switch (c) {
    case '"':
    case '\\':
      *out++ = static_cast<char>(c);
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    case '\t':
      *out++ = 't';
      return out;
    default:
      out = write_text("u00", out);
      *out++ = hex[c >> 4U];
      *out++ = hex[c & 15U];
      return out;
  }
}

template <class T>
char* write_integer(T value, Integers form, char* out) {
  if (form == Integers::string) *out++ = '"';
  out = std::to_chars(out, out + 20, value).ptr;
  if (form == Integers::string) *out++ = '"';
  return out;
}

char* write_exact(Decimal value, Integers form, char* out) {
  if (form == Integers::string) *out++ = '"';
  out = write_decimal(value, out);
  if (form == Integers::string) *out++ = '"';
  return out;
}

char* write_time(std::int64_t us, Timestamps form, char* out) {
  if (form == Timestamps::us) return std::to_chars(out, out + 20, us).ptr;
  if (form == Timestamps::ms) {
    const std::int64_t ms = us / 1000 - (us % 1000 < 0 ? 1 : 0);
    return std::to_chars(out, out + 20, ms).ptr;
  }
  *out++ = '"';
  out = write_rfc3339(Timestamp{us}, out);
  *out++ = '"';
  return out;
}

}  // namespace

// A double that is a whole number of 10^-8 with at most 15 digits prints as that decimal: division
// of two exact numbers is rounded once, so it reads back to the same bits, and no shorter decimal
// does. Everything else takes the general shortest form.
char* write_real(double value, char* out) {
  constexpr double fixed_max = 1e15;
  const double scaled = value * static_cast<double>(fixed_scale);
  if (std::fabs(scaled) < fixed_max) {
    const auto units = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    const auto whole = static_cast<double>(units);
    // Both the division and the product above are off by 2^-53 at most, so most numbers of another
    // kind show themselves without the division.
    if (std::fabs(scaled - whole) > std::fabs(scaled) * 0x1p-51) return write_shortest(value, out);
    const bool negative_zero = units == 0 && std::signbit(value);
    if (whole / static_cast<double>(fixed_scale) == value && !negative_zero)
      return write_fixed(units, out);
  }
  return write_shortest(value, out);
}

char* write_real(float value, char* out) {
  return write_shortest(value, out);
}

// A word with an escape is written up to it; the last word is padded with blanks.
EscapedText write_escaped(std::string_view text, char* out) {
  const char* next = text.data();
  const char* end = next + text.size();
  std::uint64_t seen = 0;
  while (next != end) {
    const auto size = std::min<std::size_t>(static_cast<std::size_t>(end - next), 8);
    std::uint64_t word = each_byte * ' ';
    if (size == 8) {
      word = load_word(next);
    } else {
      for (std::size_t i = 0; i < size; ++i)
        word ^= std::uint64_t{static_cast<unsigned char>(next[i]) ^ 0x20U} << (8 * i);
    }
    seen |= word;
    const std::uint64_t marks = mark_escapes(word);
    const std::size_t plain = std::min<std::size_t>(first_marked(marks), size);
    std::memcpy(out, &word, sizeof word);
    next += plain;
    out += plain;
    if (plain < size) out = write_escape(static_cast<unsigned char>(*next++), out);
  }
  return {out, (seen & top_bits) == 0};
}

char* write_scalar(const Column& column, std::uint32_t row, ValueStyle style, char* out) {
  switch (column.type) {
    case Type::boolean:
      return write_text(column.at<std::uint8_t>(row) != 0 ? "true" : "false", out);
    case Type::int32:
      return std::to_chars(out, out + 12, column.at<std::int32_t>(row)).ptr;
    case Type::int64:
      return write_integer(column.at<std::int64_t>(row), style.bigint, out);
    case Type::float32:
      return write_real(column.at<float>(row), out);
    case Type::float64:
      return write_real(column.at<double>(row), out);
    case Type::timestamp:
      return write_time(column.at<std::int64_t>(row), style.timestamps, out);
    case Type::decimal:
      return write_exact({column.at<Int128>(row), column.type.scale}, style.decimal, out);
    case Type::duration:
      *out++ = '"';
      out = write_text(to_text(Duration(column.at<std::int64_t>(row))), out);
      *out++ = '"';
      return out;
    case Type::string:
    case Type::bytes:
    case Type::json:
      return out;  // JsonEncoder writes them: they have no largest size
  }
  return out;
}

}  // namespace eventflux::mappers::json
