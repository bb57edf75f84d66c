#include "pieces.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

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
  const std::string_view text(out, static_cast<std::size_t>(end - out));
  return text.find_first_of(".e") == std::string_view::npos ? write_text(".0", end) : end;
}

constexpr std::int64_t fixed_scale = 100'000'000;
constexpr int fixed_digits = 8;

/// Writes units / 10^8 without trailing zeros, with one digit behind the point at least.
char* write_fixed(std::int64_t units, char* out) {
  if (units < 0) *out++ = '-';
  const std::int64_t magnitude = std::abs(units);
  out = std::to_chars(out, out + 20, magnitude / fixed_scale).ptr;
  *out++ = '.';
  std::int64_t rest = magnitude % fixed_scale;
  int digits = fixed_digits;
  for (; digits > 1 && rest % 10 == 0; --digits)
    rest /= 10;
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return out + digits;
}

bool plain_byte(unsigned char c) {
  return c >= 0x20 && c != '"' && c != '\\';
}

// True when none of eight bytes needs an escape. Source: Warren, Hacker's Delight, 2012, 6-1: a
// zero byte is found by (x - 0x01…) & ~x & 0x80…
bool plain_word(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  constexpr std::uint64_t tops = 0x8080808080808080ULL;
  const std::uint64_t quotes = word ^ (ones * '"');
  const std::uint64_t slashes = word ^ (ones * '\\');
  const std::uint64_t below = (word - ones * 0x20) & ~word;
  const std::uint64_t found = ((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes) | below;
  return (found & tops) == 0;
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
    const bool negative_zero = units == 0 && std::signbit(value);
    if (static_cast<double>(units) / static_cast<double>(fixed_scale) == value && !negative_zero)
      return write_fixed(units, out);
  }
  return write_shortest(value, out);
}

char* write_real(float value, char* out) {
  return write_shortest(value, out);
}

char* write_escaped(std::string_view text, char* out) {
  const char* next = text.data();
  const char* end = next + text.size();
  while (next != end) {
    std::uint64_t word = 0;
    if (end - next >= 8) {
      std::memcpy(&word, next, sizeof word);
      if (plain_word(word)) {
        std::memcpy(out, &word, sizeof word);
        next += sizeof word;
        out += sizeof word;
        continue;
      }
    }
    const auto byte = static_cast<unsigned char>(*next++);
    if (plain_byte(byte))
      *out++ = static_cast<char>(byte);
    else
      out = write_escape(byte, out);
  }
  return out;
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
    default:
      break;
  }
  *out++ = '"';
  out = write_text(to_text(Duration(column.at<std::int64_t>(row))), out);
  *out++ = '"';
  return out;
}

}  // namespace eventflux::mappers::json
