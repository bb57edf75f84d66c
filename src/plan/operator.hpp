#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "semantic/bound.hpp"

namespace eventflux::plan {

/// A source: payloads, or rows where the connector makes them.
struct ReadSource {
  std::size_t source = 0;
};

/// What becomes rows of one stream: WHEN, EACH, the columns' paths, CHECKPOINT.
struct Decode {
  std::size_t source = 0;
  std::size_t resource = 0;
};

/// A stream: what fills it merged in the order of arrival, with its event time.
struct Merge {
  std::size_t stream = 0;
};

/// Hands a batch to those filters behind it that may let a row of it pass, with the rows that may.
/// All compare one column with a constant.
struct FilterIndex {
  std::size_t column = 0;  ///< Of the rows that come in.
};

struct Filter {
  semantic::ExpressionPtr condition;

  /// What the index in front of it goes by: `column comparison constant`, a part of the condition
  /// that is judged first.
  struct Term {
    semantic::Operator comparison = semantic::Operator::equal;
    Value constant{};
  };

  std::optional<Term> indexed{};
};

/// Appends columns to those that come in.
struct Compute {
  std::vector<semantic::ExpressionPtr> columns;
};

struct Window {
  semantic::Window window;
};

struct Aggregate {
  std::vector<semantic::ExpressionPtr> keys;
  std::vector<semantic::AggregateCall> calls;
};

/// The columns of the target; after them those that ORDER BY needs.
struct Project {
  std::vector<semantic::SelectItem> columns;
  std::vector<semantic::ExpressionPtr> order_keys{};
};

/// ORDER BY, LIMIT and OFFSET over the rows of one emission.
struct OrderLimit {
  std::vector<semantic::OrderItem> order;
  std::optional<std::uint64_t> limit{};
  std::uint64_t offset = 0;
};

/// Lets pass what INSERT asks for: rows that enter a window, rows that leave it, or both.
struct EmitEvents {
  semantic::EmittedEvents events = semantic::EmittedEvents::current;
};

struct WriteSink {
  std::size_t sink = 0;
};

/// The columns of the rows of an operator, and where those of each source of an expression begin.
struct ColumnLayout {
  std::vector<Type> types{};
  std::size_t input = 0;
  std::size_t group_key = 0;
  std::size_t aggregate = 0;
  std::size_t window_bound = 0;
};

/// What the rows of an operator say about those before them.
enum class Changelog : std::uint8_t {
  append,             ///< Every row is another fact.
  append_and_expire,  ///< Rows that were appended are taken back, oldest first.
};

/// Which rows have to meet in one place.
struct Distribution {
  enum class Kind : std::uint8_t {
    any,     ///< Each row is dealt with alone.
    by_key,  ///< Those that agree in `keys`.
    single,  ///< All of them.
  };

  Kind kind = Kind::any;
  std::vector<semantic::ExpressionPtr> keys{};
};

/// What an operator remembers of earlier rows.
struct StateInfo {
  std::string id;     ///< Key of stored state; stable over edits that do not change its meaning.
  std::string bound;  ///< How much it can become, in words.
};

/// What the time of rows follows: the least of some watermarks, arrival among them perhaps.
struct TimeAttribute {
  std::vector<std::size_t> watermarks{};  ///< Of these streams, ascending.
  bool arrival = false;

  bool operator==(const TimeAttribute&) const = default;
};

/// One step of a program.
/// Shape: `inputs` are indices into Plan::operators, all before this one. Expressions name columns
/// by their source; `layout` says where those are in the rows that come out.
struct Operator {
  using Body = std::variant<ReadSource, Decode, Merge, FilterIndex, Filter, Compute, Window,
                            Aggregate, Project, OrderLimit, EmitEvents, WriteSink>;

  Body body;
  std::vector<std::size_t> inputs{};
  std::optional<std::size_t> query{};  ///< Index into App::queries.
  std::string label{};                 ///< For people: "window TUMBLING(10 s)".
  ColumnLayout layout{};
  TimeAttribute time{};
  Changelog changelog = Changelog::append;
  Distribution distribution{};
  std::optional<StateInfo> state{};
  std::string id{};  ///< Of the step in counters; that of its state if it has any.
  /// Operators that run as one have the index of the first of them.
  std::size_t stage = 0;

  template <class B>
  const B* as() const {
    return std::get_if<B>(&body);
  }
};

/// Returns the id under which the operators that run as one with `at` are counted and stored: that
/// of the last of them that keeps state, else of the last.
const std::string& stage_id(const std::vector<Operator>& operators, std::size_t at);

/// Returns the label of the operator whose id that is.
const std::string& stage_label(const std::vector<Operator>& operators, std::size_t at);

/// Returns the word for an operator: "filter", "window" …
std::string_view operator_word(const Operator& op);

}  // namespace eventflux::plan
