#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventflux/extension.hpp"

namespace eventflux::functions {

/// A value with its type, as an argument of a function under test; a type alone is its NULL.
struct Argument {
  Type type;
  Value value{};

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(Type null) : type(null) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(Type::Kind null) : type(null) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(bool flag) : type(Type::boolean), value(flag) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(int whole) : type(Type::int32), value(whole) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(std::int64_t whole) : type(Type::int64), value(whole) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(double real) : type(Type::float64), value(real) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(float real) : type(Type::float32), value(static_cast<double>(real)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(const char* text) : type(Type::string), value(text) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(std::string text) : type(Type::string), value(std::move(text)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a call is written `{-1}`
  Argument(Timestamp time) : type(Type::timestamp), value(time) {}

  Argument(Type of, Value what) : type(of), value(std::move(what)) {}
};

/// Calls functions of one extension on single rows, and shows results as text.
class Calls final : private ErrorLane {
 public:
  explicit Calls(void (*register_extension)(Registry&)) { register_extension(registry_); }

  /// Returns the result as text, "null", or the code of a row error; "no such function" when no
  /// overload takes exactly these types.
  std::string operator()(std::string_view name, const std::vector<Argument>& arguments) {
    std::vector<Type> types;
    Schema schema;
    std::vector<Value> row;
    for (const Argument& argument : arguments) {
      types.push_back(argument.type);
      schema.fields.push_back({"a", argument.type});
      row.push_back(argument.value);
    }
    for (const ScalarFunction* function : registry_.find_functions(name)) {
      const auto inferred =
          function->infer
              ? function->infer(types)
              : (takes(*function, types) ? std::optional(function->result) : std::nullopt);
      if (inferred) return run(*function, *inferred, schema, row);
    }
    return "no such function";
  }

  /// Returns the results of a function of text over all rows of columns.
  std::vector<std::string> texts(std::string_view name, std::span<const Column> columns,
                                 std::uint32_t rows) {
    std::vector<Type> types;
    for (const Column& column : columns)
      types.push_back(column.type);
    std::vector<Text> place(rows);
    std::vector<std::uint64_t> valid(rows / 64 + 1, ~std::uint64_t{0});
    ColumnWriter out{Type::string, place.data(), valid.data(), false, &arena_};
    FunctionCall call{
        .arguments = columns, .selection = {nullptr, rows}, .out = out, .errors = *this};
    for (const ScalarFunction* function : registry_.find_functions(name))
      if (function->arguments == types) function->body(call);
    const Column column{Type::string, Shape::flat, place.data(), valid.data()};
    std::vector<std::string> texts;
    for (std::uint32_t row = 0; row < rows; ++row)
      texts.emplace_back(column.is_null(row) ? "null" : place[row].view());
    return texts;
  }

  const Registry& registry() const { return registry_; }

  std::int64_t time = 1'000'000;
  std::int64_t arrived = 2'000'000;
  std::uint64_t sequence = 0;
  std::uint64_t seed = 1;

 private:
  void fail(std::uint32_t, Error error) override { failed_ = code_text(error.code); }

  // DECIMAL without digits takes any.
  static bool takes(const ScalarFunction& function, const std::vector<Type>& types) {
    return std::equal(function.arguments.begin(), function.arguments.end(), types.begin(),
                      types.end(), [](Type wanted, Type given) {
                        return wanted == Type::decimal ? given == Type::decimal : wanted == given;
                      });
  }

  std::string run(const ScalarFunction& function, Type result, const Schema& schema,
                  const std::vector<Value>& row) {
    BatchBuilder rows(schema);
    if (const auto appended = rows.append(row, Timestamp{1}); !appended.ok())
      return to_text(appended.error());
    std::vector<Column> columns;
    rows.view(0, 1, columns);
    alignas(16) std::array<std::byte, 16> place{};
    std::uint64_t valid = ~std::uint64_t{0};
    ColumnWriter out{result, place.data(), &valid, false, &arena_};
    FunctionCall call{.arguments = columns,
                      .selection = {nullptr, 1},
                      .out = out,
                      .errors = *this,
                      .time = &time,
                      .arrived = &arrived,
                      .first_sequence = sequence,
                      .seed = seed};
    failed_.clear();
    function.body(call);
    if (!failed_.empty()) return failed_;
    Batch batch;
    const Column column{result, Shape::flat, place.data(), &valid};
    batch.columns = {&column, 1};
    batch.selection = {nullptr, 1};
    batch.rows = 1;
    return to_text(batch.value(0, 0), result);
  }

  Registry registry_;
  Arena arena_;
  std::string failed_{};
};

}  // namespace eventflux::functions
