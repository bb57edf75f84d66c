#include <array>
#include <charconv>
#include <cmath>

#include "eventflux/row_text.hpp"

#include "string.hpp"

namespace eventflux::functions::string {
namespace {

using Types = std::span<const Type>;

std::optional<Type> any_values(Types types) {
  return types.empty() ? std::nullopt : std::optional(Type::string);
}

std::optional<Type> text_and_values(Types types) {
  const bool fits = !types.empty() && types[0] == Type::string;
  return fits ? std::optional(Type::string) : std::nullopt;
}

// One buffer serves all rows of a call, so a row costs no allocation once it has grown.
void concat(FunctionCall& call) {
  std::string text;
  for_each_row(call.selection, [&](std::uint32_t row) {
    text.clear();
    for (const Column& column : call.arguments)
      if (!column.is_null(row)) write_cell(column, row, text);
    call.out.set_text(row, text);
  });
}

void concat_with_separator(FunctionCall& call) {
  const Column& separator = call.arguments[0];
  std::string text;
  for_each_row(call.selection, [&](std::uint32_t row) {
    if (separator.is_null(row)) return call.out.set_null(row);
    text.clear();
    bool first = true;
    for (const Column& column : call.arguments.subspan(1)) {
      if (column.is_null(row)) continue;
      if (!first) text += separator.at<Text>(row).view();
      first = false;
      write_cell(column, row, text);
    }
    call.out.set_text(row, text);
  });
}

/// `{}`, `{2}`, `{:.3}` or `{2:.3}`, read from behind the brace.
struct Place {
  std::optional<std::size_t> argument{};
  std::optional<int> decimals{};
};

constexpr int decimals_max = 30;

std::optional<Place> parse_place(std::string_view text) {
  Place place;
  const char* end = text.data() + text.size();
  const char* next = text.data();
  if (next != end && *next != ':') {
    place.argument.emplace();
    const auto [last, code] = std::from_chars(next, end, *place.argument);
    if (code != std::errc()) return std::nullopt;
    next = last;
  }
  if (next == end) return place;
  if (end - next < 3 || next[0] != ':' || next[1] != '.') return std::nullopt;
  place.decimals.emplace();
  const auto [last, code] = std::from_chars(next + 2, end, *place.decimals);
  const bool whole = last == end || (last + 1 == end && *last == 'f');
  if (code != std::errc() || !whole || *place.decimals > decimals_max) return std::nullopt;
  return place;
}

double real_of(const Column& column, std::uint32_t row) {
  if (column.type == Type::decimal)
    return to_real(Decimal{column.at<Int128>(row), column.type.scale});
  if (column.type == Type::float64) return column.at<double>(row);
  if (column.type == Type::float32) return static_cast<double>(column.at<float>(row));
  if (column.type == Type::int32) return column.at<std::int32_t>(row);
  return static_cast<double>(column.at<std::int64_t>(row));
}

void append_value(const Column& column, std::uint32_t row, const Place& place, std::string& out) {
  if (column.is_null(row)) {
    out += "null";
    return;
  }
  if (!place.decimals || !is_numeric(column.type) || !std::isfinite(real_of(column, row)))
    return write_cell(column, row, out);
  if (column.type == Type::decimal) {
    const Decimal number{column.at<Int128>(row), column.type.scale};
    const Type type = Type::decimal_of(Decimal::digits_max, *place.decimals);
    if (const auto rounded = rescale(number, type, Rounding::half_away)) {
      out += to_text(Decimal{*rounded, type.scale});
      return;
    }
  }
  std::array<char, 400> digits{};
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                  real_of(column, row), std::chars_format::fixed, *place.decimals)
                        .ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

Error bad_format(std::string_view text) {
  return {Code::wrong_type,
          "'" + std::string(text.substr(0, 32)) + "' is not a format for these values",
          "write values as {}, {2} or {:.3}, and a brace as {{"};
}

// Calls text(part) for what stands between places, and value(index, place) for each place.
template <class OnText, class OnValue>
Result<void> read_format(std::string_view format, std::size_t values, OnText text, OnValue value) {
  const std::string_view whole = format;
  std::size_t next_value = 0;
  while (!format.empty()) {
    const std::size_t brace = std::min(format.find_first_of("{}"), format.size());
    text(format.substr(0, brace));
    format.remove_prefix(brace);
    if (format.empty()) return {};
    if (format.size() > 1 && format[0] == format[1]) {
      text(format.substr(0, 1));
      format.remove_prefix(2);
      continue;
    }
    const std::size_t close = format.find('}');
    if (format[0] == '}' || close == std::string_view::npos) return bad_format(whole);
    const auto place = parse_place(format.substr(1, close - 1));
    if (!place) return bad_format(whole);
    const std::size_t index = place->argument ? *place->argument - 1 : next_value++;
    if (index >= values) return bad_format(whole);
    value(index, *place);
    format.remove_prefix(close + 1);
  }
  return {};
}

Result<void> append_formatted(std::string_view format, std::span<const Column> values,
                              std::uint32_t row, std::string& out) {
  return read_format(
      format, values.size(), [&](std::string_view text) { out += text; },
      [&](std::size_t index, const Place& place) { append_value(values[index], row, place, out); });
}

std::optional<BadArgument> check_format(std::span<const std::optional<std::string_view>> texts) {
  if (!texts[0]) return std::nullopt;
  auto read = read_format(
      *texts[0], texts.size() - 1, [](std::string_view) {}, [](std::size_t, const Place&) {});
  if (read.ok()) return std::nullopt;
  return BadArgument{0, std::move(read).error()};
}

void format(FunctionCall& call) {
  const Column& pattern = call.arguments[0];
  std::string text;
  for_each_row(call.selection, [&](std::uint32_t row) {
    if (pattern.is_null(row)) return call.out.set_null(row);
    text.clear();
    auto formatted =
        append_formatted(pattern.at<Text>(row).view(), call.arguments.subspan(1), row, text);
    if (!formatted.ok()) return call.errors.fail(row, std::move(formatted).error());
    call.out.set_text(row, text);
  });
}

}  // namespace

void register_joined(Registry& registry) {
  const auto add = [&](const char* name, const char* text, const char* signature, auto infer,
                       FunctionBody body, std::vector<ConstantCheck> constants = {}) {
    ScalarFunction function;
    function.name = name;
    function.text = text;
    function.infer = infer;
    function.signature = signature;
    function.body = std::move(body);
    function.constants = std::move(constants);
    registry.function(std::move(function));
  };
  add("concat", "Text of all values, one after another; NULLs are skipped.", "concat(a, …)",
      any_values, concat);
  add("concat_ws", "Text of all values with a separator between them; NULLs are skipped.",
      "concat_ws(separator, a, …)", text_and_values, concat_with_separator);
  add("format", "Text with values for {}, {2} (the second) and {:.3} (three decimals).",
      "format(text, a, …)", text_and_values, format, {check_format});
}

}  // namespace eventflux::functions::string
