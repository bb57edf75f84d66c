#include <array>
#include <charconv>
#include <limits>

#include "eventflux/row_text.hpp"
#include "eventflux/text.hpp"

#include "base/text.hpp"
#include "model/number_text.hpp"

namespace eventflux {
namespace {

Error not_a(std::string_view text, Type type) {
  return {Code::wrong_type, "'" + std::string(text.substr(0, 32)) + "' is not " + a_type(type)};
}

Error out_of_range(std::string_view text, Type type) {
  return {Code::out_of_range, "'" + std::string(text.substr(0, 32)) + "' is out of range for " +
                                  std::string(type_name(type))};
}

Error not_base64(std::string_view text) {
  return {Code::wrong_type, "'" + std::string(text.substr(0, 32)) + "' is not BYTES",
          "octets are written in base64"};
}

template <class T>
Result<T> checked(const model::NumberInText<T>& number, std::string_view text, Type type) {
  if (number.ok()) return number.value;
  return number.fault == model::NumberFault::out_of_range ? out_of_range(text, type)
                                                          : not_a(text, type);
}

Result<std::int64_t> read_time(std::string_view text, const TimeStyle& times) {
  constexpr std::array<std::int64_t, 4> power{6, 3, 0, -3};
  if (const auto time = times.parse(text); time.ok()) return time->us;
  return checked(model::read_scaled(text, power[static_cast<std::size_t>(times.unit)]), text,
                 Type::timestamp);
}

Result<void> append_whole(std::string_view text, const TimeStyle& times, ColumnBuilder& column) {
  const Type type = column.type();
  auto whole = checked(model::read_integer(text), text, type);
  if (!whole.ok() && times.pattern)
    if (const auto time = times.parse(text); time.ok()) whole = time->us / 1000;
  EF_TRY(const std::int64_t value, std::move(whole));
  if (type == Type::int64) {
    column.append(value);
    return {};
  }
  if (value > std::numeric_limits<std::int32_t>::max() ||
      value < std::numeric_limits<std::int32_t>::min())
    return out_of_range(text, type);
  column.append(static_cast<std::int32_t>(value));
  return {};
}

Result<void> append_octets(std::string_view text, ColumnBuilder& column) {
  const auto octets = from_base64(text);
  if (!octets) return not_base64(text);
  column.append(*octets);
  return {};
}

Result<void> append_boolean(std::string_view text, ColumnBuilder& column) {
  const bool yes = base::equal_fold(text, "true");
  if (!yes && !base::equal_fold(text, "false")) return not_a(text, Type::boolean);
  column.append(yes);
  return {};
}

template <class T>
Result<void> append_value(Result<T> value, ColumnBuilder& column) {
  if (!value.ok()) return std::move(value).error();
  column.append(*value);
  return {};
}

}  // namespace

Result<Timestamp> TimeStyle::parse(std::string_view text) const {
  EF_TRY(const ParsedDate date, pattern ? pattern->parse(text) : parse_rfc3339(text));
  return to_time(date, zone ? &*zone : nullptr);
}

Result<void> append_text(std::string_view text, const TimeStyle& times, ColumnBuilder& column) {
  const Type type = column.type();
  const std::string_view trimmed = base::trim(text);
  switch (type) {
    case Type::string:
    case Type::json:
      column.append(text);
      return {};
    case Type::bytes:
      return append_octets(trimmed, column);
    case Type::int32:
    case Type::int64:
      return append_whole(trimmed, times, column);
    case Type::float64:
      return append_value(checked(model::read_double(trimmed), trimmed, type), column);
    case Type::float32:
      return append_value(checked(model::read_float(trimmed), trimmed, type), column);
    case Type::decimal: {
      EF_TRY(const Int128 number, parse_decimal(trimmed, type, Rounding::refuse));
      *column.extend<Int128>(1) = number;
      return {};
    }
    case Type::timestamp: {
      EF_TRY(const std::int64_t us, read_time(trimmed, times));
      column.append(Timestamp{us});
      return {};
    }
    case Type::duration: {
      const auto duration = parse_duration(trimmed);
      if (!duration.ok()) return not_a(trimmed, type);
      column.append(*duration);
      return {};
    }
    case Type::boolean:
      return append_boolean(trimmed, column);
  }
  return {};
}

void write_cell(const Column& column, std::uint32_t row, std::string& out) {
  std::array<char, 40> buffer{};
  const auto number = [&](auto value) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  };
  switch (column.type) {
    case Type::boolean:
      out += column.at<std::uint8_t>(row) != 0 ? "true" : "false";
      return;
    case Type::int32:
      return number(column.at<std::int32_t>(row));
    case Type::int64:
      return number(column.at<std::int64_t>(row));
    case Type::float32:
      out += real_text(column.at<float>(row));
      return;
    case Type::float64:
      out += real_text(column.at<double>(row));
      return;
    case Type::decimal:
      out += to_text(Decimal{column.at<Int128>(row), column.type.scale});
      return;
    case Type::bytes:
      out += octets_text(column.at<Text>(row).view());
      return;
    case Type::timestamp:
      out += to_text(Timestamp{column.at<std::int64_t>(row)});
      return;
    case Type::duration:
      out += to_text(Duration(column.at<std::int64_t>(row)));
      return;
    case Type::string:
    case Type::json:
      out += column.at<Text>(row).view();
      return;
  }
}

void write_field(const Column& column, std::uint32_t row, std::string& out) {
  if (column.type != Type::bytes) return write_cell(column, row, out);
  out += to_base64(column.at<Text>(row).view());
}

}  // namespace eventflux
