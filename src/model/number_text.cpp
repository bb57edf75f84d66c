#include "model/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "base/text.hpp"

namespace eventflux::model {
namespace {

constexpr std::int64_t exponent_max = 100'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A decimal number as its significant digits × 10^exponent.
struct Decimal {
  bool negative = false;
  std::string digits{};  // without zeros at either side; empty for zero
  std::int64_t exponent = 0;
};

/// Takes the digits at the front of a text.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// Takes `e-12` at the end of a number; nothing when what is left is not an exponent.
std::optional<std::int64_t> take_exponent(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() != 'e' && text.front() != 'E') return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  if (digits.empty() || !text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char digit : digits)
    value = std::min(value * 10 + (digit - '0'), exponent_max);
  return negative ? -value : value;
}

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative || text.starts_with('+')) text.remove_prefix(1);
  decimal.digits = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (decimal.digits.empty() && fraction.empty()) return std::nullopt;
  decimal.digits += fraction;
  const auto exponent = take_exponent(text);
  if (!exponent) return std::nullopt;
  decimal.exponent = *exponent - static_cast<std::int64_t>(fraction.size());
  const std::size_t significant = decimal.digits.find_last_not_of('0') + 1;  // 0 when there is none
  decimal.exponent += static_cast<std::int64_t>(decimal.digits.size() - significant);
  decimal.digits.resize(significant);
  decimal.digits.erase(0, decimal.digits.find_first_not_of('0'));
  if (decimal.digits.empty()) decimal.exponent = 0;
  return decimal;
}

/// Returns the exponent of the first significant digit.
std::int64_t magnitude(const Decimal& decimal) {
  return decimal.exponent + static_cast<std::int64_t>(decimal.digits.size()) - 1;
}

/// Shape: the exponent is not negative.
NumberInText<std::int64_t> to_integer(const Decimal& decimal) {
  constexpr std::int64_t digits_max = 19;
  if (decimal.digits.empty()) return {0};
  if (magnitude(decimal) >= digits_max) return {0, NumberFault::out_of_range};
  std::string plain = decimal.negative ? "-" : "";
  plain += decimal.digits;
  plain.append(static_cast<std::size_t>(decimal.exponent), '0');
  std::int64_t value = 0;
  const auto parsed = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (parsed.ec != std::errc()) return {0, NumberFault::out_of_range};
  return {value};
}

template <class T>
std::optional<T> read_special(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (base::equal_fold(text, "nan")) return std::numeric_limits<T>::quiet_NaN();
  const bool infinite = base::equal_fold(text, "infinity") || base::equal_fold(text, "inf");
  if (!infinite) return std::nullopt;
  return negative ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::infinity();
}

template <class T>
NumberInText<T> read_real(std::string_view text) {
  const bool plus = text.starts_with('+');
  const std::string_view digits = text.substr(plus ? 1 : 0);
  const bool begins = !digits.empty() && (is_digit(digits.front()) || digits.front() == '.' ||
                                          (digits.front() == '-' && !plus));
  T value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [last, code] = std::from_chars(digits.data(), end, value);
  if (begins && last == end && code == std::errc() && is_digit(digits[digits.size() - 1]))
    return {value};
  if (const auto special = read_special<T>(text)) return {*special};
  const auto decimal = read_decimal(text);
  if (!decimal) return {{}, NumberFault::not_a_number};
  if (code == std::errc::result_out_of_range && !decimal->digits.empty() && magnitude(*decimal) > 0)
    return {{}, NumberFault::out_of_range};
  if (code == std::errc::result_out_of_range) return {decimal->negative ? -T{0} : T{0}};
  return {value};
}

}  // namespace

NumberInText<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [last, code] = std::from_chars(text.data(), end, value);
  if (code == std::errc() && last == end) return {value};
  const auto decimal = read_decimal(text);
  if (!decimal) return {0, NumberFault::not_a_number};
  if (decimal->exponent < 0) return {0, NumberFault::has_fraction};
  return to_integer(*decimal);
}

NumberInText<std::int64_t> read_scaled(std::string_view text, std::int64_t power) {
  auto decimal = read_decimal(text);
  if (!decimal) return {0, NumberFault::not_a_number};
  if (decimal->digits.empty()) return {0};
  decimal->exponent += power;
  if (decimal->exponent < 0) {
    const auto cut = std::min(static_cast<std::uint64_t>(-decimal->exponent),
                              static_cast<std::uint64_t>(decimal->digits.size()));
    decimal->digits.resize(decimal->digits.size() - cut);
    decimal->exponent = 0;
  }
  return to_integer(*decimal);
}

NumberInText<double> read_double(std::string_view text) {
  return read_real<double>(text);
}

NumberInText<float> read_float(std::string_view text) {
  return read_real<float>(text);
}

}  // namespace eventflux::model
