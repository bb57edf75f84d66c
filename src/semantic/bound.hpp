#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventflux/extension.hpp"

#include "model/shared_params.hpp"

/// The typed tree: what an app means once every name and type is known. It holds no text of the
/// program but spans into it, and borrows extensions from the Registry that bound it.
namespace eventflux::semantic {

enum class Operator : std::uint8_t {
  negate,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  concat,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logic_and,
  logic_or,
  logic_not,
  is_null,
  is_not_null,
  is_distinct,
  is_not_distinct,
  like,
  ilike,    ///< text, pattern, escape (a constant of one character or empty)
  in_list,  ///< the value, then the list; three-valued
};

/// Where the value of a column comes from.
enum class ColumnSource : std::uint8_t {
  input,         ///< Column of the stream that the query reads.
  group_key,     ///< GROUP BY key, by position in Query::keys.
  aggregate,     ///< Result, by position in Query::aggregates.
  window_bound,  ///< 0 window_start, 1 window_end.
};

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

/// One node of a typed expression.
/// Shape: operands of arithmetic and comparison have one common type (casts are explicit nodes),
/// except TIMESTAMP ± DURATION, TIMESTAMP − TIMESTAMP, DURATION × and ÷ a number, and that DECIMAL
/// operands keep their own digits.
struct Expression {
  enum class Kind : std::uint8_t { column, constant, operation, cast, call, choice };

  Kind kind = Kind::constant;
  Type type = Type::int64;
  Span span{};
  ColumnSource space = ColumnSource::input;  // column
  std::size_t index = 0;                     // column
  Value value{};                             // constant; NULL has the type that its place needs
  std::optional<Decimal> exact{};            // constant: a literal with a point, by its digits
  Operator op = Operator::add;               // operation
  bool null_on_failure = false;              // cast: TRY_CAST
  const ScalarFunction* function = nullptr;  // call
  std::uint32_t call_id = 0;                 // call: number in the app, seeds rand() and uuid()
  /// operation, cast, call: operands. choice (CASE): condition, result, …, and the ELSE at the end.
  std::vector<ExpressionPtr> operands{};
};

/// What becomes of a row whose event time is too far ahead of its arrival.
enum class AheadAction : std::uint8_t { dlq, drop, clamp };

struct Watermark {
  std::size_t column = 0;
  Duration delay{};
  bool milliseconds = false;            ///< The column is BIGINT in epoch milliseconds.
  std::optional<Duration> max_ahead{};  ///< As written; empty: the default of live input.
  AheadAction ahead = AheadAction::dlq;
};

/// CHECKPOINT (cursor, info…) PER (key…) MONOTONIC; columns by index.
struct CheckpointClause {
  std::size_t cursor = 0;
  std::vector<std::size_t> info;
  std::vector<std::size_t> per;
  bool monotonic = false;
};

/// What happens to rows that fail in an expression: @onerror of a query; automatic means the policy
/// of section "errors in rows": dlq with a state directory, else drop.
enum class RowErrorAction : std::uint8_t { automatic, drop, log, dlq, fail };

/// A stream: declared, inferred from the query that fills it, or made by a resource.
struct Stream {
  std::string name;
  Schema schema;
  std::optional<Watermark> watermark{};
  std::optional<CheckpointClause> checkpoint{};
  bool anonymous = false;  ///< Made for a bare SELECT; its rows go to the console.
  Span span{};
};

/// The part of a source that feeds one stream.
struct Resource {
  std::size_t stream = 0;
  ExpressionPtr when{};  ///< Over `when_fields`; null takes every payload.
  std::vector<FieldSpec> when_fields{};
  DecoderSpec decoder{};
  std::vector<Span> path_spans{};  ///< Parallel to decoder.fields; empty where no PATH is written.
  Span each_span{};
  std::optional<TableProjection> rows{};  ///< Of what a source of typed rows offers.
  Span span{};
};

struct Mapper {
  const MapperEntry* entry = nullptr;  ///< Null: the connector handles typed rows.
  ParamValues params{};
  Span span{};  ///< The word that names it, else that of the connector.
};

struct Source {
  std::string name;
  const SourceEntry* entry = nullptr;
  ParamValues params{};         ///< The connector's own, variables unresolved.
  ParamValues shared_params{};  ///< The runtime's, variables unresolved.
  Mapper mapper{};
  std::vector<Resource> resources{};
  bool anonymous = false;  ///< From @source on a stream.
  Span span{};
};

struct Sink {
  std::string name;  ///< "<stream>.<type>", with "#2" … when there are several.
  std::size_t stream = 0;
  const SinkEntry* entry = nullptr;
  ParamValues params{};
  ParamValues shared_params{};
  Mapper mapper{};
  Span span{};
};

struct Window {
  const WindowEntry* entry = nullptr;
  std::vector<WindowArgument> arguments{};
  std::vector<ExpressionPtr> per{};  ///< Over input.
  bool batch = false;                ///< Emits when an instance closes, and has bounds.
  bool by_time = false;              ///< Instances close by time alone.
  bool merges = false;               ///< Instances are merged from slices, or with each other.
  Span span{};
};

struct AggregateCall {
  const AggregateFunction* function = nullptr;
  ExpressionPtr argument{};  ///< Over input, of the function's input type; null for count(*).
};

struct SelectItem {
  std::string name;
  ExpressionPtr value;
};

struct OrderItem {
  ExpressionPtr value;  ///< In the same spaces as SelectItem.
  bool descending = false;
  bool nulls_first = false;
};

/// Which rows INSERT writes: those that enter the window, those that leave it, or both.
enum class EmittedEvents : std::uint8_t { current, expired, all };

/// One continuous query.
/// Spaces: `filter`, `where`, keys, aggregate arguments and PER see input. In an aggregated query,
/// select, having and order see key, aggregate and bound, and input too unless the window is a
/// batch window (a plain column over one is bound as the aggregate `last`). In others they see
/// input and bound.
struct Query {
  std::string name;  ///< From @info, else "q1", "q2" … by position in the text.
  std::string id{};  ///< From @id; empty: made by the planner.
  std::size_t input = 0;
  ExpressionPtr filter{};
  std::optional<Window> window{};
  ExpressionPtr where{};
  bool aggregated = false;
  std::vector<ExpressionPtr> keys{};
  std::vector<AggregateCall> aggregates{};
  std::vector<SelectItem> select{};  ///< Already cast to the columns of the target, in its order.
  ExpressionPtr having{};
  std::vector<OrderItem> order{};
  std::optional<std::uint64_t> limit{};
  std::uint64_t offset = 0;
  std::size_t target = 0;
  EmittedEvents events = EmittedEvents::current;
  RowErrorAction on_error = RowErrorAction::automatic;
  Span span{};
};

/// A whole program.
/// Shape: queries in the order of the text; streams in order of declaration, then implicit ones.
struct App {
  model::AppOptions options;
  Span delivery_span{};  ///< Of the value in @app(delivery='…').
  std::vector<Stream> streams;
  std::vector<Source> sources;
  std::vector<Sink> sinks;
  std::vector<Query> queries;
};

}  // namespace eventflux::semantic
