#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "syntax/ast_expression.hpp"
#include "syntax/ast_query.hpp"

// Statements and annotations of the syntax tree.
namespace eventflux::syntax {

enum class OptionKind : std::uint8_t { text, number, boolean, duration };

/// The value of an annotation key or a WITH key; `text` has no quotes and nothing replaced.
struct OptionValue {
  OptionKind kind = OptionKind::text;
  std::string text;
  Place span{};
  bool operator==(const OptionValue&) const = default;
};

/// `key=value`; the key is empty for a value that stands alone.
struct Option {
  Name key;
  OptionValue value;
  bool operator==(const Option&) const = default;
};

/// `@name(key=value, …, @nested(…))`.
struct Annotation {
  Name name;  ///< the span covers the `@`
  std::vector<Option> options{};
  std::vector<Annotation> nested{};
  Place span{};

  bool operator==(const Annotation& other) const {
    return name == other.name && options == other.options && nested == other.nested;
  }
};

struct ColumnDefinition {
  Name name;
  TypeName type;
  std::optional<PathLiteral> path{};
  std::optional<Expression> default_value{};
  std::optional<Place> not_null{};
  Place span{};
  bool operator==(const ColumnDefinition&) const = default;
};

/// `MAX AHEAD duration [ELSE action]`.
struct MaxAhead {
  DurationLiteral duration;
  std::optional<Name> action{};
  Place span{};
  bool operator==(const MaxAhead&) const = default;
};

/// `WATERMARK FOR column AS value [MAX AHEAD …]`.
struct WatermarkDefinition {
  Name column;
  Expression value;
  std::optional<MaxAhead> max_ahead{};
  Place span{};
  bool operator==(const WatermarkDefinition&) const = default;
};

struct NameList {
  std::vector<Name> names;
  Place span{};
  bool operator==(const NameList&) const = default;
};

/// What stands in the parentheses of a stream, resource, table or window.
struct TableElements {
  std::vector<ColumnDefinition> columns{};
  std::optional<WatermarkDefinition> watermark{};
  std::optional<NameList> primary_key{};
  std::vector<NameList> indexes{};
  Place span{};
  bool operator==(const TableElements&) const = default;
};

struct CreateStream {
  StreamName name;
  std::optional<TableElements> elements{};
  std::vector<Option> options{};
  bool operator==(const CreateStream&) const = default;
};

struct CreateSource {
  Name name;
  std::vector<Option> options{};
  bool operator==(const CreateSource&) const = default;
};

/// `CHECKPOINT (cursor, info…) PER (key…) MONOTONIC`.
struct CheckpointClause {
  std::vector<Name> columns;
  std::vector<Name> per{};
  bool monotonic = false;
  Place span{};
  bool operator==(const CheckpointClause&) const = default;
};

struct CreateResource {
  Name name;
  Name source;
  std::optional<Expression> when{};
  std::optional<PathLiteral> each{};
  TableElements elements;
  std::optional<CheckpointClause> checkpoint{};
  bool operator==(const CreateResource&) const = default;
};

struct CreateTable {
  Name name;
  TableElements elements;
  std::vector<Option> options{};
  bool operator==(const CreateTable&) const = default;
};

enum class EventKind : std::uint8_t { current, expired, all };

struct CreateWindow {
  Name name;
  TableElements elements;
  WindowCall window;
  std::optional<EventKind> output{};
  bool operator==(const CreateWindow&) const = default;
};

/// At start when neither `every` nor `cron` is set.
struct CreateTrigger {
  Name name;
  std::optional<DurationLiteral> every{};
  std::optional<std::string> cron{};
  bool operator==(const CreateTrigger&) const = default;
};

/// Shape: `units` as written; two of them may stand for a range from finest to coarsest.
struct CreateAggregation {
  Name name;
  Query query;
  std::optional<Expression> by{};
  std::vector<TimeUnit> units{};
  bool range = false;
  bool operator==(const CreateAggregation&) const = default;
};

struct CreateView {
  Name name;
  Query query;
  bool operator==(const CreateView&) const = default;
};

struct FunctionParameter {
  Name name;
  TypeName type;
  bool operator==(const FunctionParameter&) const = default;
};

struct CreateFunction {
  Name name;
  std::vector<FunctionParameter> parameters{};
  TypeName result;
  Expression body;
  bool operator==(const CreateFunction&) const = default;
};

/// `INSERT [kind EVENTS] INTO stream (columns)`.
struct InsertTarget {
  EventKind events = EventKind::current;
  Place events_span{};
  StreamName stream;
  std::vector<Name> columns{};
  Place span{};
  bool operator==(const InsertTarget&) const = default;
};

/// A query with its target, which may stand before or after it, or without one.
struct QueryStatement {
  Query query;
  std::optional<InsertTarget> into{};
  bool operator==(const QueryStatement&) const = default;
};

struct InsertValues {
  InsertTarget into;
  std::vector<std::vector<Expression>> rows;
  bool operator==(const InsertValues&) const = default;
};

struct Assignment {
  Name column;
  Expression value;
  bool operator==(const Assignment&) const = default;
};

struct Update {
  Name table;
  std::vector<Assignment> assignments;
  std::optional<Relation> from{};
  std::optional<Expression> where{};
  bool operator==(const Update&) const = default;
};

struct Delete {
  Name table;
  std::optional<Relation> from{};
  std::optional<Expression> where{};
  bool operator==(const Delete&) const = default;
};

struct Upsert {
  Name table;
  std::vector<Name> columns{};
  Query query;
  Expression condition;
  bool operator==(const Upsert&) const = default;
};

struct PartitionRange {
  Expression condition;
  std::string label;
  bool operator==(const PartitionRange&) const = default;
};

/// `value OF stream`, or labelled ranges.
struct PartitionKey {
  std::variant<Expression, std::vector<PartitionRange>> key;
  StreamName stream;
  Place span{};
  bool operator==(const PartitionKey&) const = default;
};

struct Statement;

struct Partition {
  std::vector<PartitionKey> keys;
  std::vector<Statement> statements;
  bool operator==(const Partition& other) const;
};

struct Explain {
  QueryStatement query;
  bool operator==(const Explain&) const = default;
};

struct Show {
  Name kind;
  bool operator==(const Show&) const = default;
};

struct Describe {
  StreamName name;
  bool operator==(const Describe&) const = default;
};

struct Drop {
  Name kind;
  StreamName name;
  bool operator==(const Drop&) const = default;
};

/// `@app(…)`, a statement of its own; its keys are in the statement's annotations.
struct AppDeclaration {
  bool operator==(const AppDeclaration&) const = default;
};

struct Statement {
  using Body = std::variant<AppDeclaration, CreateStream, CreateSource, CreateResource, CreateTable,
                            CreateWindow, CreateTrigger, CreateAggregation, CreateView,
                            CreateFunction, QueryStatement, InsertValues, Update, Delete, Upsert,
                            Partition, Explain, Show, Describe, Drop>;
  std::vector<Annotation> annotations{};
  Body body;
  Place span{};       ///< from the first annotation to the last word, without the `;`
  Place body_span{};  ///< without the annotations
  bool operator==(const Statement&) const = default;
};

inline bool Partition::operator==(const Partition& other) const {
  return keys == other.keys && statements == other.statements;
}

}  // namespace eventflux::syntax
