#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "eventflux/argument.hpp"
#include "eventflux/batch.hpp"

namespace eventflux {

/// One evaluation of a function over the rows of a batch.
/// Shape: the body writes out.values[row] for every selected row, or calls out.set_null(row).
struct FunctionCall {
  std::span<const Column> arguments;
  Selection selection;
  ColumnWriter& out;
  ErrorLane& errors;
  const std::int64_t* time = nullptr;     ///< Event time per row.
  const std::int64_t* arrived = nullptr;  ///< Arrival per row: now().
  const std::uint32_t* origin = nullptr;
  std::uint64_t first_sequence = 0;
  std::uint64_t seed = 0;  ///< Of the app and the place in the query: rand(), uuid().

  /// Returns a number that depends on the app's seed and the row's position only.
  std::uint64_t random(std::uint32_t row) const;
};

using FunctionBody = std::function<void(FunctionCall&)>;

/// A constant argument that no row could make right.
struct BadArgument {
  std::size_t index = 0;
  Error error;
};

/// Looks at the constant arguments of a call when a query is compiled, not row by row.
/// Shape: one text per argument; nothing where it is no constant text.
using ConstantCheck =
    std::function<std::optional<BadArgument>(std::span<const std::optional<std::string_view>>)>;

/// Checks one argument: `check` returns a Result.
template <class F>
ConstantCheck constant_check(std::size_t index, F check) {
  return [index, check](auto texts) -> std::optional<BadArgument> {
    if (!texts[index]) return std::nullopt;
    auto checked = check(*texts[index]);
    if (checked.ok()) return std::nullopt;
    return BadArgument{index, std::move(checked).error()};
  };
}

/// A scalar function as a query sees it.
struct ScalarFunction {
  std::string name;
  std::string text;
  std::vector<Type> arguments{};  ///< Fixed signature, when `infer` is empty.
  Type result = Type::int64;
  /// Says the result type for given argument types, or nothing when they do not fit.
  std::function<std::optional<Type>(std::span<const Type>)> infer{};
  std::string signature{};  ///< For messages; made from `arguments` when empty.
  bool stable = true;       ///< Same arguments, same result: constants are folded.
  FunctionBody body{};
  std::vector<ConstantCheck> constants{};  ///< Wrong patterns, units and zones.
};

namespace detail {

template <class T>
T read(const Column& column, std::uint32_t row) {
  if constexpr (is_optional<T>) {
    if (column.is_null(row)) return std::nullopt;
    return T(read<typename T::value_type>(column, row));
  } else {
    using Stored = typename ArgumentType<T>::Stored;
    const auto& value = column.at<Stored>(row);
    if constexpr (std::is_same_v<T, std::string_view>) {
      return value.view();
    } else if constexpr (std::is_same_v<T, Octets>) {
      return Octets{value.view()};
    } else if constexpr (std::is_same_v<T, Decimal>) {
      return Decimal{value, column.type.scale};
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      return Timestamp{value};
    } else if constexpr (std::is_same_v<T, Duration>) {
      return Duration(value);
    } else if constexpr (std::is_same_v<T, bool>) {
      return value != 0;
    } else {
      return value;
    }
  }
}

template <class T>
void write(FunctionCall& call, std::uint32_t row, T&& value) {
  using Plain = std::decay_t<T>;
  if constexpr (is_result<Plain>) {
    if (!value.ok()) return call.errors.fail(row, std::forward<T>(value).error());
    write(call, row, *std::forward<T>(value));
  } else if constexpr (is_optional<Plain>) {
    if (!value) return call.out.set_null(row);
    write(call, row, *std::forward<T>(value));
  } else if constexpr (std::is_same_v<Plain, std::string> ||
                       std::is_same_v<Plain, std::string_view>) {
    call.out.set_text(row, value);
  } else if constexpr (std::is_same_v<Plain, Octets>) {
    call.out.set_text(row, value.view);
  } else if constexpr (std::is_same_v<Plain, Timestamp>) {
    call.out.data<std::int64_t>()[row] = value.us;
  } else if constexpr (std::is_same_v<Plain, Duration>) {
    call.out.data<std::int64_t>()[row] = value.count();
  } else {
    using Stored = typename ArgumentType<Plain>::Stored;
    call.out.data<Stored>()[row] = static_cast<Stored>(value);
  }
}

template <class F>
struct Signature : Signature<decltype(&F::operator())> {};

template <class F, class R, class... A>
struct Signature<R (F::*)(A...) const> {
  using Return = std::decay_t<R>;
  using Arguments = std::tuple<std::decay_t<A>...>;
  static constexpr bool takes_arena = false;
};

template <class F, class R, class... A>
struct Signature<R (F::*)(Arena&, A...) const> {
  using Return = std::decay_t<R>;
  using Arguments = std::tuple<std::decay_t<A>...>;
  static constexpr bool takes_arena = true;
};

template <class R, class... A>
struct Signature<R (*)(A...)> {
  using Return = std::decay_t<R>;
  using Arguments = std::tuple<std::decay_t<A>...>;
  static constexpr bool takes_arena = false;
};

template <class F, class... A, std::size_t... I>
void run(const F& body, FunctionCall& call, std::tuple<A...>*, std::index_sequence<I...>) {
  [[maybe_unused]] const std::array<Column, sizeof...(A)> columns{call.arguments[I]...};
  for_each_row(call.selection, [&](std::uint32_t row) {
    if ((... || (!is_optional<A> && columns[I].is_null(row)))) return call.out.set_null(row);
    if constexpr (Signature<F>::takes_arena) {
      write(call, row, body(*call.out.arena, read<A>(columns[I], row)...));
    } else {
      write(call, row, body(read<A>(columns[I], row)...));
    }
  });
}

template <class... A>
std::vector<Type> argument_types(std::tuple<A...>*) {
  return {ArgumentType<A>::type...};
}

}  // namespace detail

/// Makes a function from a C++ callable: its parameters are the arguments (bool, std::int32_t,
/// std::int64_t, float, double, std::string_view, Octets, Timestamp, Duration; std::optional of
/// these takes NULL, otherwise NULL in gives NULL out), its result may be std::optional (NULL) or
/// Result (a row error). A first parameter `Arena&` is memory for text that is returned as
/// std::string_view. A Decimal is an argument; a function that returns one needs `infer`.
template <class F>
ScalarFunction scalar_function(std::string name, std::string text, F body) {
  using Traits = detail::Signature<F>;
  using Arguments = typename Traits::Arguments;
  ScalarFunction made;
  made.name = std::move(name);
  made.text = std::move(text);
  made.arguments = detail::argument_types(static_cast<Arguments*>(nullptr));
  made.result = detail::ArgumentType<typename Traits::Return>::type;
  made.body = [body](FunctionCall& call) {
    detail::run(body, call, static_cast<Arguments*>(nullptr),
                std::make_index_sequence<std::tuple_size_v<Arguments>>{});
  };
  return made;
}

}  // namespace eventflux
