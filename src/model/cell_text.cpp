#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "eventflux/row_text.hpp"

#include "base/text.hpp"

namespace eventflux {
namespace {

Error not_a(std::string_view text, Type type) {
  return {Code::wrong_type, "'" + std::string(text.substr(0, 32)) + "' is not " + a_type(type)};
}

Error out_of_range(std::string_view text, Type type) {
  return {Code::out_of_range, "'" + std::string(text.substr(0, 32)) + "' is out of range for " +
                                  std::string(type_name(type))};
}

bool all_zeros(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

template <class T>
Result<T> read_real(std::string_view text, Type type) {
  const std::string_view digits = text.substr(text.starts_with('+') ? 1 : 0);
  const char* end = digits.data() + digits.size();
  T value = 0;
  const auto [last, code] = std::from_chars(digits.data(), end, value);
  if (last != end || digits.empty()) return not_a(text, type);
  // Too small for a number above zero is nought; the exponent tells it from too large.
  const bool small = digits.find("e-") != std::string_view::npos ||
                     digits.find("E-") != std::string_view::npos || digits.starts_with("0.") ||
                     digits.starts_with("-0.");
  if (code == std::errc::result_out_of_range && !small) return out_of_range(text, type);
  return value;
}

Result<std::int64_t> read_whole(std::string_view text, Type type) {
  const std::string_view digits = text.substr(text.starts_with('+') ? 1 : 0);
  const char* end = digits.data() + digits.size();
  std::int64_t value = 0;
  const auto [last, code] = std::from_chars(digits.data(), end, value);
  const std::string_view rest(last, static_cast<std::size_t>(end - last));
  const bool plain =
      last != digits.data() && (rest.empty() || (rest.front() == '.' && all_zeros(rest.substr(1))));
  if (code == std::errc::result_out_of_range && plain) return out_of_range(text, type);
  if (code == std::errc() && plain) return value;
  constexpr double exact_max = 9007199254740992.0;
  EF_TRY(const double real, read_real<double>(text, type));
  if (std::floor(real) != real) return not_a(text, type);
  if (std::fabs(real) > exact_max) return out_of_range(text, type);
  return static_cast<std::int64_t>(real);
}

Result<std::int64_t> read_number_time(std::string_view text, TimeUnit unit) {
  constexpr std::array<std::int64_t, 3> us{1'000'000, 1000, 1};
  auto whole = read_whole(text, Type::timestamp);
  if (whole.ok()) {
    std::int64_t value = *whole;
    if (unit == TimeUnit::ns) return value / 1000;
    if (__builtin_mul_overflow(value, us[static_cast<std::size_t>(unit)], &value))
      return out_of_range(text, Type::timestamp);
    return value;
  }
  EF_TRY(const double real, read_real<double>(text, Type::timestamp));
  const double scaled = unit == TimeUnit::ns
                            ? real / 1000
                            : real * static_cast<double>(us[static_cast<std::size_t>(unit)]);
  if (!(std::fabs(scaled) < 9e18)) return out_of_range(text, Type::timestamp);
  return static_cast<std::int64_t>(std::llround(scaled));
}

Result<std::int64_t> read_time(std::string_view text, const TimeStyle& times) {
  if (times.pattern) {
    if (const auto date = times.pattern->parse(text); date.ok()) return date->time.us;
  } else if (const auto time = parse_timestamp(text); time.ok()) {
    return time->us;
  }
  auto number = read_number_time(text, times.unit);
  if (number.ok() || number.error().code == Code::out_of_range) return number;
  return not_a(text, Type::timestamp);
}

Result<void> append_whole(std::string_view text, const TimeStyle& times, ColumnBuilder& column) {
  const Type type = column.type();
  auto whole = read_whole(text, type);
  if (!whole.ok() && times.pattern)
    if (const auto date = times.pattern->parse(text); date.ok()) whole = date->time.us / 1000;
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

}  // namespace

Result<void> append_text(std::string_view text, const TimeStyle& times, ColumnBuilder& column) {
  const Type type = column.type();
  if (is_text(type)) {
    column.append(text);
    return {};
  }
  text = base::trim(text);
  if (is_integer(type)) return append_whole(text, times, column);
  if (type == Type::float64) {
    EF_TRY(const double value, read_real<double>(text, type));
    column.append(value);
  } else if (type == Type::float32) {
    EF_TRY(const float value, read_real<float>(text, type));
    column.append(value);
  } else if (type == Type::timestamp) {
    EF_TRY(const std::int64_t us, read_time(text, times));
    column.append(Timestamp{us});
  } else if (type == Type::duration) {
    const auto duration = parse_duration(text);
    if (!duration.ok()) return not_a(text, type);
    column.append(*duration);
  } else {
    const bool yes = base::equal_fold(text, "true");
    if (!yes && !base::equal_fold(text, "false")) return not_a(text, type);
    column.append(yes);
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

}  // namespace eventflux
