#include "eventflux/value.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "eventflux/text.hpp"

#include "base/text.hpp"
#include "model/number_text.hpp"

namespace eventflux {
namespace {

Error not_a(std::string_view text, Type type) {
  return {Code::wrong_type, "'" + std::string(text.substr(0, 64)) + "' is not " + a_type(type)};
}

template <class T>
std::string shortest(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::array<char, 48> buffer{};
  const auto [end, code] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

Error out_of_range(std::string_view text, Type type) {
  return {Code::out_of_range, "'" + std::string(text.substr(0, 64)) + "' is out of range for " +
                                  std::string(type_name(type))};
}

// What mappers also accept, such as 12.0, is not an integer here.
Result<Value> parse_whole(std::string_view text, Type type) {
  if (text.find_first_of(".eE") != std::string_view::npos) return not_a(text, type);
  const auto number = model::read_integer(text);
  const bool too_wide =
      type == Type::int32 && (number.value > std::numeric_limits<std::int32_t>::max() ||
                              number.value < std::numeric_limits<std::int32_t>::min());
  if (number.ok() && !too_wide) return Value(number.value);
  if (too_wide || number.fault == model::NumberFault::out_of_range) return out_of_range(text, type);
  return not_a(text, type);
}

Result<Value> parse_millis(std::string_view text) {
  EF_CHECK(parse_whole(text, Type::timestamp));
  const auto us = model::read_scaled(text, 3);
  if (us.ok()) return Value(Timestamp{us.value});
  return us.fault == model::NumberFault::out_of_range ? out_of_range(text, Type::timestamp)
                                                      : not_a(text, Type::timestamp);
}

template <class T>
Result<Value> checked(const model::NumberInText<T>& number, std::string_view text, Type type) {
  if (number.ok()) return Value(static_cast<double>(number.value));
  return number.fault == model::NumberFault::out_of_range ? out_of_range(text, type)
                                                          : not_a(text, type);
}

Result<Value> parse_number(std::string_view text, Type type) {
  return type == Type::float32 ? checked(model::read_float(text), text, type)
                               : checked(model::read_double(text), text, type);
}

Result<Value> parse_exact(std::string_view text, Type type) {
  if (type.precision == 0) {
    EF_TRY(const Decimal number, parse_decimal(text));
    return Value(number);
  }
  EF_TRY(const Int128 scaled, parse_decimal(text, type, Rounding::refuse));
  return Value(Decimal{scaled, type.scale});
}

Error does_not_fit(const Value& value, Type type) {
  const std::string_view kind = value.boolean() != nullptr   ? "a boolean"
                                : value.integer() != nullptr ? "an integer"
                                : value.real() != nullptr    ? "a number"
                                : value.decimal() != nullptr ? "a DECIMAL"
                                                             : "text";
  return {Code::row_mismatch, "found " + std::string(kind) + " where " + a_type(type) + " belongs"};
}

/// A DECIMAL without digits takes every number as it is.
Result<Value> convert_decimal(Decimal number, Type type) {
  if (type.precision == 0) return Value(number);
  const auto scaled = rescale(number, type, Rounding::refuse);
  if (scaled) return Value(Decimal{*scaled, type.scale});
  return Error{Code::row_mismatch,
               to_text(number) + " does not fit " + std::string(type_name(type))};
}

Result<Value> convert_integer(std::int64_t whole, const Value& value, Type type) {
  if (type == Type::decimal) return convert_decimal({whole, 0}, type);
  if (type == Type::int32 && (whole > std::numeric_limits<std::int32_t>::max() ||
                              whole < std::numeric_limits<std::int32_t>::min()))
    return Error{Code::row_mismatch, std::to_string(whole) + " is out of range for INT"};
  if (type == Type::timestamp) return Value(Timestamp{whole});
  if (is_real(type)) return Value(static_cast<double>(whole));
  if (is_integer(type) || type == Type::duration) return Value(whole);
  return does_not_fit(value, type);
}

Result<Value> convert_real(double real, const Value& value, Type type) {
  if (is_real(type)) return value;
  if (is_integer(type) && real == std::floor(real) && std::fabs(real) < 9.0e15)
    return convert_integer(static_cast<std::int64_t>(real), value, type);
  if (type == Type::decimal) {
    const auto number = parse_decimal(real_text(real));
    if (number.ok()) return convert_decimal(*number, type);
  }
  return does_not_fit(value, type);
}

Result<Value> convert_text(const std::string& text, const Value& value, Type type) {
  if (is_stored_as_text(type)) return value;
  if (type == Type::timestamp || type == Type::duration || type == Type::decimal) {
    auto parsed = parse_value(text, type);
    if (parsed.ok()) return parsed;
    if (type == Type::decimal) return Error{Code::row_mismatch, parsed.error().message};
  }
  return does_not_fit(value, type);
}

}  // namespace

bool Value::operator==(const Value& other) const {
  const double* a = real();
  const double* b = other.real();
  if (a != nullptr && b != nullptr && std::isnan(*a) && std::isnan(*b)) return true;
  return data_ == other.data_;
}

std::string real_text(double value) {
  return shortest(value);
}

std::string real_text(float value) {
  return shortest(value);
}

std::string to_text(const Value& value, Type type) {
  if (value.is_null()) return "null";
  if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
  if (const Decimal* number = value.decimal()) return to_text(*number);
  if (const std::string* text = value.text())
    return type == Type::bytes ? octets_text(*text) : *text;
  if (const double* real = value.real())
    return type == Type::float32 ? real_text(static_cast<float>(*real)) : real_text(*real);
  const std::int64_t whole = *value.integer();
  if (type == Type::timestamp) return to_text(Timestamp{whole});
  if (type == Type::duration) return to_text(Duration(whole));
  return std::to_string(whole);
}

Result<Value> parse_value(std::string_view text, Type type) {
  const std::string_view trimmed = base::trim(text);
  switch (type) {
    case Type::string:
    case Type::json:
      return Value(text);
    case Type::bytes: {
      EF_TRY(std::string octets, parse_octets(text));
      return Value(std::move(octets));
    }
    case Type::decimal:
      return parse_exact(trimmed, type);
    case Type::boolean:
      if (base::equal_fold(trimmed, "true")) return Value(true);
      if (base::equal_fold(trimmed, "false")) return Value(false);
      return not_a(text, type);
    case Type::int32:
    case Type::int64:
      return parse_whole(trimmed, type);
    case Type::float32:
    case Type::float64:
      return parse_number(trimmed, type);
    case Type::timestamp: {
      if (auto time = parse_timestamp(trimmed); time.ok()) return Value(*time);
      return parse_millis(trimmed);
    }
    case Type::duration: {
      auto duration = parse_duration(trimmed);
      if (!duration.ok()) return not_a(text, type);
      return Value(duration->count());
    }
  }
  return not_a(text, type);
}

Result<Value> convert(const Value& value, Type type) {
  if (value.is_null()) return value;
  if (value.boolean() != nullptr) {
    if (type == Type::boolean) return value;
    return does_not_fit(value, type);
  }
  if (const std::int64_t* whole = value.integer()) return convert_integer(*whole, value, type);
  if (const std::string* text = value.text()) return convert_text(*text, value, type);
  if (const Decimal* number = value.decimal()) {
    return type == Type::decimal ? convert_decimal(*number, type) : does_not_fit(value, type);
  }
  return convert_real(*value.real(), value, type);
}

}  // namespace eventflux
