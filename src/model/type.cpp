#include "eventflux/type.hpp"

#include <array>
#include <charconv>
#include <vector>

#include "eventflux/decimal.hpp"

#include "base/text.hpp"

namespace eventflux {
namespace {

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
                             Alias{"NUMERIC", Type::decimal},
                             Alias{"VARCHAR", Type::string},
                             Alias{"TEXT", Type::string},
                             Alias{"CHAR", Type::string},
                             Alias{"BINARY", Type::bytes},
                             Alias{"BLOB", Type::bytes},
                             Alias{"DATETIME", Type::timestamp},
                             Alias{"INTERVAL", Type::duration},
                             Alias{"OBJECT", Type::json}};

constexpr std::size_t scales = Decimal::digits_max + 1;

/// Names of all DECIMAL(p,s), so that a name is a view of something that lives.
std::vector<std::string> decimal_names() {
  std::vector<std::string> names(scales * scales);
  for (std::size_t p = 1; p < scales; ++p)
    for (std::size_t s = 0; s <= p; ++s)
      names[p * scales + s] = "DECIMAL(" + std::to_string(p) + "," + std::to_string(s) + ")";
  return names;
}

std::string_view decimal_name(Type type) {
  static const std::vector<std::string> names = decimal_names();
  if (type.precision == 0) return "DECIMAL";
  return names[type.precision * scales + type.scale];
}

/// Reads `18,3)`.
std::optional<Type> parse_digits(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<int> {
    digits = base::trim(digits);
    int value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const auto precision = number(text.substr(0, comma));
  const auto scale = number(text.substr(comma + 1, text.size() - comma - 2));
  if (!precision || !scale || *precision < 1 || *precision > Decimal::digits_max || *scale < 0 ||
      *scale > *precision)
    return std::nullopt;
  return Type::decimal_of(*precision, *scale);
}

}  // namespace

std::string_view type_name(Type type) {
  switch (type) {
    case Type::boolean:
      return "BOOLEAN";
    case Type::int32:
      return "INT";
    case Type::int64:
      return "BIGINT";
    case Type::float32:
      return "FLOAT";
    case Type::float64:
      return "DOUBLE";
    case Type::decimal:
      return decimal_name(type);
    case Type::timestamp:
      return "TIMESTAMP";
    case Type::duration:
      return "DURATION";
    case Type::string:
      return "STRING";
    case Type::bytes:
      return "BYTES";
    case Type::json:
      return "JSON";
  }
  return {};
}

std::string a_type(Type type) {
  const std::string_view article = type == Type::int32 ? "an " : type == Type::bytes ? "" : "a ";
  return std::string(article) + std::string(type_name(type));
}

std::size_t type_width(Type type) {
  switch (type) {
    case Type::boolean:
      return 1;
    case Type::int32:
    case Type::float32:
      return 4;
    case Type::int64:
    case Type::float64:
    case Type::timestamp:
    case Type::duration:
      return 8;
    case Type::decimal:
    case Type::string:
    case Type::bytes:
    case Type::json:
      return 16;
  }
  return 0;
}

std::optional<Type> parse_type(std::string_view name) {
  for (int kind = 0; kind < type_count; ++kind) {
    const Type type(static_cast<Type::Kind>(kind));
    if (base::equal_fold(type_name(type), name)) return type;
  }
  for (const Alias& alias : aliases)
    if (base::equal_fold(alias.name, name)) return alias.type;
  const std::size_t open = std::min(name.find('('), name.size());
  const std::string_view word = base::trim(name.substr(0, open));
  if (open == name.size() ||
      !(base::equal_fold(word, "DECIMAL") || base::equal_fold(word, "NUMERIC")))
    return std::nullopt;
  return parse_digits(name.substr(open + 1));
}

}  // namespace eventflux
