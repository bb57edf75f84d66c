// Values are chosen, never computed: the bytes of a column's value are copied as they are.
#include <cmath>

#include "eventflux/extension.hpp"

namespace eventflux::functions::conditional {
namespace {

using Types = std::span<const Type>;

void copy_value(const Column& from, std::uint32_t row, ColumnWriter& to) {
  switch (from.type) {
    case Type::boolean:
      to.data<std::uint8_t>()[row] = from.at<std::uint8_t>(row);
      return;
    case Type::int32:
    case Type::float32:
      to.data<std::uint32_t>()[row] = from.at<std::uint32_t>(row);
      return;
    case Type::int64:
    case Type::float64:
    case Type::timestamp:
    case Type::duration:
      to.data<std::uint64_t>()[row] = from.at<std::uint64_t>(row);
      return;
    case Type::decimal:
      to.data<Int128>()[row] = from.at<Int128>(row);
      return;
    case Type::string:
    case Type::bytes:
    case Type::json:
      return to.set_text(row, from.at<Text>(row).view());
  }
}

std::optional<Type> same_types(Types types) {
  for (const Type type : types)
    if (type != types[0]) return std::nullopt;
  return types.empty() ? std::nullopt : std::optional(types[0]);
}

std::optional<Type> two_of_a_type(Types types) {
  return types.size() == 2 ? same_types(types) : std::nullopt;
}

// NaN is greater than every number and equals itself, as in ordering and grouping.
template <class T>
int compare(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return (std::isnan(a) ? 1 : 0) - (std::isnan(b) ? 1 : 0);
  }
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare(const Column& a, const Column& b, std::uint32_t row) {
  switch (a.type) {
    case Type::boolean:
      return compare(a.at<std::uint8_t>(row), b.at<std::uint8_t>(row));
    case Type::int32:
      return compare(a.at<std::int32_t>(row), b.at<std::int32_t>(row));
    case Type::float32:
      return compare(a.at<float>(row), b.at<float>(row));
    case Type::float64:
      return compare(a.at<double>(row), b.at<double>(row));
    case Type::string:
    case Type::bytes:
    case Type::json:
      return a.at<Text>(row).view().compare(b.at<Text>(row).view());
    case Type::decimal:
      return compare(a.at<Int128>(row), b.at<Int128>(row));
    case Type::int64:
    case Type::timestamp:
    case Type::duration:
      return compare(a.at<std::int64_t>(row), b.at<std::int64_t>(row));
  }
  return 0;
}

void coalesce(FunctionCall& call) {
  for_each_row(call.selection, [&](std::uint32_t row) {
    for (const Column& column : call.arguments)
      if (!column.is_null(row)) return copy_value(column, row, call.out);
    call.out.set_null(row);
  });
}

void null_if(FunctionCall& call) {
  const Column& value = call.arguments[0];
  const Column& other = call.arguments[1];
  for_each_row(call.selection, [&](std::uint32_t row) {
    const bool same = !value.is_null(row) && !other.is_null(row) && compare(value, other, row) == 0;
    if (same || value.is_null(row)) return call.out.set_null(row);
    copy_value(value, row, call.out);
  });
}

// Sign 1 looks for the greatest, -1 for the least.
void extreme(FunctionCall& call, int sign) {
  for_each_row(call.selection, [&](std::uint32_t row) {
    const Column* best = nullptr;
    for (const Column& column : call.arguments) {
      if (column.is_null(row)) continue;
      if (best == nullptr || compare(column, *best, row) * sign > 0) best = &column;
    }
    if (best == nullptr) return call.out.set_null(row);
    copy_value(*best, row, call.out);
  });
}

void choose(FunctionCall& call) {
  const Column& condition = call.arguments[0];
  for_each_row(call.selection, [&](std::uint32_t row) {
    const bool yes = !condition.is_null(row) && condition.at<std::uint8_t>(row) != 0;
    const Column& column = call.arguments[yes ? 1 : 2];
    if (column.is_null(row)) return call.out.set_null(row);
    copy_value(column, row, call.out);
  });
}

std::optional<Type> choice_type(Types types) {
  if (types.size() != 3 || types[0] != Type::boolean) return std::nullopt;
  return two_of_a_type(types.subspan(1));
}

}  // namespace

void register_extension(Registry& registry) {
  const auto add = [&](const char* name, const char* text, const char* signature, auto infer,
                       FunctionBody body) {
    ScalarFunction function;
    function.name = name;
    function.text = text;
    function.infer = infer;
    function.signature = signature;
    function.body = std::move(body);
    registry.function(std::move(function));
  };
  add("coalesce", "First value that is not NULL.", "coalesce(a, …)", same_types, coalesce);
  add("ifnull", "x, or d when x is NULL.", "ifnull(x, d)", two_of_a_type, coalesce);
  registry.alias("default", "ifnull");
  add("nullif", "NULL when a = b, else a.", "nullif(a, b)", two_of_a_type, null_if);
  add("greatest", "Largest value; NULLs are skipped.", "greatest(a, …)", same_types,
      [](FunctionCall& call) { extreme(call, 1); });
  registry.alias("maximum", "greatest");
  add("least", "Smallest value; NULLs are skipped.", "least(a, …)", same_types,
      [](FunctionCall& call) { extreme(call, -1); });
  registry.alias("minimum", "least");
  add("if", "a when the condition is TRUE, else b.", "if(condition, a, b)", choice_type, choose);
}

}  // namespace eventflux::functions::conditional
