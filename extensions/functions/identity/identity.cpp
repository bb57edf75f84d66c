#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "eventflux/extension.hpp"

namespace eventflux::functions::identity {
namespace {

using Types = std::span<const Type>;

// SplitMix64's mixer: Steele, Lea, Flood, OOPSLA 2014.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

// FNV-1a: Fowler, Noll, Vo, 1991.
std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

// Equal numbers hash alike in every type that holds them, and so do 0.0 and -0.0.
std::uint64_t hash_real(double value) {
  const double whole = std::trunc(value);
  if (whole == value && std::fabs(whole) < 9.0e18)
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(whole));
  return std::isnan(value) ? 0x7FF8000000000000ULL : std::bit_cast<std::uint64_t>(value);
}

// 1.50 hashes as 1.5, and 2.00 as the integer 2.
std::uint64_t hash_decimal(Decimal value) {
  for (; value.scale > 0 && value.unscaled % 10 == 0; --value.scale)
    value.unscaled /= 10;
  const bool whole = value.scale == 0 &&
                     value.unscaled <= std::numeric_limits<std::int64_t>::max() &&
                     value.unscaled >= std::numeric_limits<std::int64_t>::min();
  if (whole) return static_cast<std::uint64_t>(static_cast<std::int64_t>(value.unscaled));
  const auto low = static_cast<std::uint64_t>(value.unscaled);
  const auto high = static_cast<std::uint64_t>(value.unscaled >> 64);
  return mix(mix(low + value.scale) ^ high);
}

std::uint64_t hash_value(const Column& column, std::uint32_t row) {
  if (column.is_null(row)) return 0x9E3779B97F4A7C15ULL;
  switch (column.type) {
    case Type::boolean:
      return column.at<std::uint8_t>(row);
    case Type::int32:
      return static_cast<std::uint64_t>(std::int64_t{column.at<std::int32_t>(row)});
    case Type::float32:
      return hash_real(static_cast<double>(column.at<float>(row)));
    case Type::float64:
      return hash_real(column.at<double>(row));
    case Type::decimal:
      return hash_decimal({column.at<Int128>(row), column.type.scale});
    case Type::string:
    case Type::bytes:
    case Type::json:
      return hash_text(column.at<Text>(row).view());
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return static_cast<std::uint64_t>(column.at<std::int64_t>(row));
  }
  return 0;
}

ScalarFunction hash_function() {
  ScalarFunction hash;
  hash.name = "hash";
  hash.text = "A number that depends on all values and their order, the same for ever.";
  hash.signature = "hash(a, …)";
  hash.infer = [](Types types) {
    return types.empty() ? std::nullopt : std::optional(Type::int64);
  };
  hash.body = [](FunctionCall& call) {
    auto* values = call.out.data<std::int64_t>();
    for_each_row(call.selection, [&](std::uint32_t row) {
      std::uint64_t state = 0;
      for (const Column& column : call.arguments)
        state = mix(state * 31 + mix(hash_value(column, row) + 1));
      values[row] = static_cast<std::int64_t>(state);
    });
  };
  return hash;
}

// Version 4, variant 1 of RFC 9562, from two numbers that `random` gives.
std::array<char, 36> uuid_text(std::uint64_t random) {
  constexpr std::string_view hex = "0123456789abcdef";
  const std::array<std::uint64_t, 2> bits{(mix(random + 1) & ~0xF000ULL) | 0x4000ULL,
                                          (mix(random + 2) >> 2U) | 0x8000000000000000ULL};
  std::array<char, 36> text{};
  std::size_t at = 0;
  for (unsigned digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text[at++] = '-';
    text[at++] = hex[(bits[digit / 16] >> (60 - digit % 16 * 4)) & 15U];
  }
  return text;
}

ScalarFunction uuid_function() {
  ScalarFunction uuid;
  uuid.name = "uuid";
  uuid.text = "UUID of version 4 that depends on the seed of the app and the row only.";
  uuid.result = Type::string;
  uuid.stable = false;
  uuid.body = [](FunctionCall& call) {
    for_each_row(call.selection, [&](std::uint32_t row) {
      const std::array<char, 36> text = uuid_text(call.random(row));
      call.out.set_text(row, {text.data(), text.size()});
    });
  };
  return uuid;
}

Result<Type> find_type(std::string_view name) {
  const auto type = parse_type(name);
  if (!type) return Error{Code::wrong_type, "'" + std::string(name) + "' is no type"};
  return *type;
}

ScalarFunction instance_function() {
  ScalarFunction instance;
  instance.name = "instance_of";
  instance.text = "Whether a value has a type, by any of the type's names; NULL for NULL.";
  instance.signature = "instance_of(x, 'TYPE')";
  instance.infer = [](Types types) {
    return types.size() == 2 && types[1] == Type::string ? std::optional(Type::boolean)
                                                         : std::nullopt;
  };
  instance.constants = {constant_check(1, find_type)};
  instance.body = [](FunctionCall& call) {
    const Column& value = call.arguments[0];
    const Column& name = call.arguments[1];
    for_each_row(call.selection, [&](std::uint32_t row) {
      if (value.is_null(row) || name.is_null(row)) return call.out.set_null(row);
      const std::string_view text = name.at<Text>(row).view();
      auto type = find_type(text);
      if (!type.ok()) return call.errors.fail(row, std::move(type).error());
      // DECIMAL without digits is any DECIMAL.
      const bool same = type->precision == 0 ? type->kind == value.type.kind : *type == value.type;
      call.out.data<std::uint8_t>()[row] = same ? 1 : 0;
    });
  };
  return instance;
}

}  // namespace

void register_extension(Registry& registry) {
  registry.function(hash_function());
  registry.function(uuid_function());
  registry.function(instance_function());
}

}  // namespace eventflux::functions::identity
