#pragma once

#include <concepts>
#include <cstddef>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "eventflux/batch.hpp"
#include "eventflux/function.hpp"
#include "eventflux/state_ops.hpp"

namespace eventflux {

/// What an aggregate is made of: plain static functions over a State.
///   using Input, Output                     as in functions; Input is void for count(*)
///   struct State                            empty when value-initialised; moved with memcpy, so
///                                           it is Relocatable
///   add(State&, Input)                      NULL inputs are skipped, unless add_null exists
///   add_null(State&)                        optional
///   remove(State&, Input)                   optional: takes a value out exactly
///   merge(State&, const State& newer)       optional: needed in windows that overlap or merge,
///                                           and in sliding ones when there is no remove
///   using Packed, neutral, pack(Input) -> Packed, merge_packed(Packed, Packed newer) -> Packed,
///   unpack(Packed, std::uint32_t values) -> State
///                                           optional, with merge(): a smaller form of a State that
///                                           does not know how many values it holds
///   note_type(State&, Type)                 optional: called before add(); a DECIMAL's scale
///   result(const State&) -> optional<Output>
///   overflows(const State&) -> bool         optional: the result does not fit; a row error
///   save(const State&, SnapshotWriter&), load(State&, SnapshotReader&)
///                                           needed when State is not trivially copyable
///   State::shared = true                    optional: every aggregate of this State and Input adds
///                                           alike, so that one state serves those of an argument
///   static constexpr bool forever = true    optional: never forgets, in any window
///   static constexpr bool widens = true     optional: of DECIMAL, the result has 38 digits
///   fetch(const AggregateBatch&)            optional: sees rows first, to bring states into cache
///   using Sliding                           optional: takes its place in windows that rows leave
///                                           one by one
template <class A>
concept Aggregate = requires(const typename A::State& state) {
  typename A::Input;
  { A::result(state) } -> std::convertible_to<std::optional<typename A::Output>>;
};

/// Rows on their way into groups. Shape: groups[row] for every selected row.
struct AggregateBatch {
  StateLane lane;
  const std::uint32_t* groups = nullptr;
  Column input{};
  Selection rows{};
};

struct SlideBatch;  // window.hpp

/// Who reads a state after each row: writes a result to row `row` of `out`.
struct StateReader {
  void (*write)(const std::byte* state, ColumnWriter& out, std::uint32_t row) = nullptr;
  ColumnWriter* out = nullptr;
};

/// An aggregate as the engine runs it: one indirect call per batch, a tight loop inside.
struct AggregateFunction {
  std::string name;
  std::string text;
  std::optional<Type> input;  ///< Nothing: takes no argument.
  Type output = Type::int64;
  bool forever = false;
  bool widens = false;  ///< Of DECIMAL: the result has 38 digits, not those of the argument.
  StateOps state;
  /// Aggregates of one argument with the same may keep one state; null pointer: its own.
  const void* shared_state = nullptr;
  void (*add)(const AggregateBatch&) = nullptr;
  /// Adds each row and writes its group's result to the row.
  void (*add_and_result)(const AggregateBatch&, ColumnWriter&) = nullptr;
  /// The same, and others who share the state write to the row what they read.
  void (*add_and_results)(const AggregateBatch&, ColumnWriter&,
                          std::span<const StateReader> others) = nullptr;
  /// Writes the result of one state to a row.
  void (*write)(const std::byte* state, ColumnWriter& out, std::uint32_t row) = nullptr;
  /// Writes the result of groups[i] to out row i, 0 ≤ i < count.
  void (*result)(StateLane, const std::uint32_t* groups, std::uint32_t count,
                 ColumnWriter&) = nullptr;
  /// Merges the state at `from.groups[i]` into that at `into.groups[i]`, 0 ≤ i < count: rows that
  /// came later. Null pointer: not possible.
  void (*merge)(GroupLane into, GroupLane from, std::uint32_t count) = nullptr;
  StateOps slide_state;  ///< Size 0: not possible in windows that rows leave one by one.
  void (*slide)(const SlideBatch&, ColumnWriter&) = nullptr;
};

namespace detail {

template <class A>
inline constexpr bool has_input = !std::is_void_v<typename A::Input>;

template <class A>
inline constexpr bool has_add_null = requires(typename A::State& s) {
  A::add_null(s);
};

template <class A>
inline constexpr bool is_forever = requires {
  requires A::forever;
};

template <class A>
concept Packable = requires(typename A::Packed value) {
  A::unpack(value, 1U);
};

template <class A>
struct InSliding {
  using Type = A;
};

template <class A>
requires requires {
  typename A::Sliding;
}

struct InSliding<A> {
  using Type = typename A::Sliding;
};

/// Text lives as long as its batch, so that it cannot wait in a ring.
template <class A>
concept Removable = !std::same_as<typename A::Input, std::string_view> && requires {
  &A::remove;
};

template <class A>
[[gnu::always_inline]] inline void add_row(typename A::State& state, const Column& input,
                                           std::uint32_t row) {
  if constexpr (!has_input<A>) {
    A::add(state);
  } else {
    if constexpr (requires { A::note_type(state, input.type); }) A::note_type(state, input.type);
    if (!input.is_null(row)) {
      A::add(state, read<typename A::Input>(input, row));
    } else if constexpr (has_add_null<A>) {
      A::add_null(state);
    }
  }
}

template <class A>
[[gnu::always_inline]] inline void write_result(const typename A::State& state, ColumnWriter& out,
                                                std::uint32_t row) {
  if constexpr (requires { A::overflows(state); }) {
    if (A::overflows(state) && out.errors != nullptr) {
      const Error error{Code::out_of_range, "the result does not fit its type",
                        "CAST the argument to DOUBLE"};
      return out.errors->fail(row, error);
    }
  }
  const std::optional<typename A::Output> value = A::result(state);
  if (!value) return out.set_null(row);
  if constexpr (std::is_same_v<typename A::Output, std::string_view>) {
    out.set_text(row, *value);
  } else if constexpr (std::is_same_v<typename A::Output, Timestamp>) {
    out.data<std::int64_t>()[row] = value->us;
  } else if constexpr (std::is_same_v<typename A::Output, Duration>) {
    out.data<std::int64_t>()[row] = value->count();
  } else {
    out.data<typename ArgumentType<typename A::Output>::Stored>()[row] =
        static_cast<typename ArgumentType<typename A::Output>::Stored>(*value);
  }
}

template <class A>
void add(const AggregateBatch& batch) {
  const AggregateBatch b = batch;
  if constexpr (requires { A::fetch(b); }) A::fetch(b);
  for_each_row(b.rows, [&](std::uint32_t row) {
    add_row<A>(b.lane.template at<typename A::State>(b.groups[row]), b.input, row);
  });
}

template <class A>
void add_and_result(const AggregateBatch& batch, ColumnWriter& out) {
  const AggregateBatch b = batch;
  if constexpr (requires { A::fetch(b); }) A::fetch(b);
  for_each_row(b.rows, [&](std::uint32_t row) {
    auto& state = b.lane.template at<typename A::State>(b.groups[row]);
    add_row<A>(state, b.input, row);
    write_result<A>(state, out, row);
  });
}

template <class A>
void write(const std::byte* state, ColumnWriter& out, std::uint32_t row) {
  write_result<A>(*std::launder(reinterpret_cast<const typename A::State*>(state)), out, row);
}

template <class A>
void add_and_results(const AggregateBatch& batch, ColumnWriter& out,
                     std::span<const StateReader> others) {
  const AggregateBatch b = batch;
  for_each_row(b.rows, [&](std::uint32_t row) {
    auto& state = b.lane.template at<typename A::State>(b.groups[row]);
    add_row<A>(state, b.input, row);
    write_result<A>(state, out, row);
    for (const StateReader& other : others)
      other.write(b.lane.place(b.groups[row]), *other.out, row);
  });
}

template <class A>
void result(StateLane lane, const std::uint32_t* groups, std::uint32_t count, ColumnWriter& out) {
  for (std::uint32_t i = 0; i < count; ++i)
    write_result<A>(lane.template at<typename A::State>(groups[i]), out, i);
}

template <class A>
concept Mergeable = requires {
  &A::merge;
};

template <Mergeable A>
void merge(GroupLane into, GroupLane from, std::uint32_t count) {
  using State = typename A::State;
  for (std::uint32_t i = 0; i < count; ++i)
    A::merge(into.lane.template at<State>(into.groups[i]),
             from.lane.template at<State>(from.groups[i]));
}

/// Returns what an aggregate does but for sliding windows.
template <class A>
AggregateFunction unsliding_function() {
  AggregateFunction made;
  if constexpr (has_input<A>) made.input = ArgumentType<typename A::Input>::type;
  made.output = ArgumentType<typename A::Output>::type;
  made.forever = is_forever<A>;
  if constexpr (requires { A::widens; }) made.widens = A::widens;
  made.state = state_ops<typename A::State>();
  made.shared_state = shared_state<typename A::State>();
  made.add = &add<A>;
  made.add_and_result = &add_and_result<A>;
  made.add_and_results = &add_and_results<A>;
  made.write = &write<A>;
  made.result = &result<A>;
  if constexpr (Mergeable<A>) made.merge = &merge<A>;
  return made;
}

}  // namespace detail
}  // namespace eventflux
