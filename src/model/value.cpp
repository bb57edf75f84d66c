#include "eventflux/value.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.hpp"
#include "model/number_text.hpp"

namespace eventflux {
namespace {

struct TypeRow {
  Type type;
  std::string_view name;
  std::size_t width;
};

constexpr std::array type_rows{
    TypeRow{Type::boolean, "BOOLEAN", 1},   TypeRow{Type::int32, "INT", 4},
    TypeRow{Type::int64, "BIGINT", 8},      TypeRow{Type::float32, "FLOAT", 4},
    TypeRow{Type::float64, "DOUBLE", 8},    TypeRow{Type::timestamp, "TIMESTAMP", 8},
    TypeRow{Type::duration, "DURATION", 8}, TypeRow{Type::string, "STRING", 16},
    TypeRow{Type::json, "JSON", 16}};

struct Alias {
  std::string_view name;
  Type type;
};

constexpr std::array aliases{Alias{"BOOL", Type::boolean},
                             Alias{"INTEGER", Type::int32},
                             Alias{"INT4", Type::int32},
                             Alias{"SMALLINT", Type::int32},
                             Alias{"TINYINT", Type::int32},
                             Alias{"LONG", Type::int64},
                             Alias{"INT8", Type::int64},
                             Alias{"REAL", Type::float32},
                             Alias{"DOUBLE PRECISION", Type::float64},
                             Alias{"VARCHAR", Type::string},
                             Alias{"TEXT", Type::string},
                             Alias{"CHAR", Type::string},
                             Alias{"DATETIME", Type::timestamp},
                             Alias{"INTERVAL", Type::duration},
                             Alias{"OBJECT", Type::json}};

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

Error does_not_fit(const Value& value, Type type) {
  const std::string_view kind = value.boolean() != nullptr   ? "a boolean"
                                : value.integer() != nullptr ? "an integer"
                                : value.real() != nullptr    ? "a number"
                                                             : "text";
  return {Code::row_mismatch, "found " + std::string(kind) + " where " + a_type(type) + " belongs"};
}

Result<Value> convert_integer(std::int64_t whole, const Value& value, Type type) {
  if (type == Type::int32 && (whole > std::numeric_limits<std::int32_t>::max() ||
                              whole < std::numeric_limits<std::int32_t>::min()))
    return Error{Code::row_mismatch, std::to_string(whole) + " is out of range for INT"};
  if (type == Type::timestamp) return Value(Timestamp{whole});
  if (is_real(type)) return Value(static_cast<double>(whole));
  if (is_integer(type) || type == Type::duration) return Value(whole);
  return does_not_fit(value, type);
}

Result<Value> convert_text(const std::string& text, const Value& value, Type type) {
  if (is_text(type)) return value;
  if (type == Type::timestamp || type == Type::duration) {
    auto parsed = parse_value(text, type);
    if (parsed.ok()) return parsed;
  }
  return does_not_fit(value, type);
}

}  // namespace

std::string_view type_name(Type type) {
  return type_rows[static_cast<std::size_t>(type)].name;
}

std::string a_type(Type type) {
  return (type == Type::int32 ? "an " : "a ") + std::string(type_name(type));
}

std::size_t type_width(Type type) {
  return type_rows[static_cast<std::size_t>(type)].width;
}

std::optional<Type> parse_type(std::string_view name) {
  for (const TypeRow& row : type_rows)
    if (base::equal_fold(row.name, name)) return row.type;
  for (const Alias& alias : aliases)
    if (base::equal_fold(alias.name, name)) return alias.type;
  return std::nullopt;
}

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
  if (const std::string* text = value.text()) return *text;
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
  const double real = *value.real();
  if (is_real(type)) return value;
  if (is_integer(type) && real == std::floor(real) && std::fabs(real) < 9.0e15)
    return convert_integer(static_cast<std::int64_t>(real), value, type);
  return does_not_fit(value, type);
}

}  // namespace eventflux
