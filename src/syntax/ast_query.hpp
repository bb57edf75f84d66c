#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "syntax/ast_expression.hpp"

// Queries, windows and patterns of the syntax tree. A clause without content is a Place, so that
// whoever rejects it can point at it.
namespace eventflux::syntax {

struct Query;
struct Pattern;

enum class Direction : std::uint8_t { ascending, descending };

struct WindowArgument {
  Expression value;
  std::optional<Direction> direction{};
  bool operator==(const WindowArgument&) const = default;
};

/// `NAME(args…)`, also written `('name', args…)`.
struct WindowCall {
  Name name;
  std::vector<WindowArgument> arguments{};
  Place span{};
  bool operator==(const WindowCall&) const = default;
};

struct Window {
  WindowCall call;
  std::vector<Expression> per{};
  Place span{};
  bool operator==(const Window&) const = default;
};

/// `WITHIN from[, to] PER granularity` of a relation that is an aggregation.
struct AggregationRange {
  Expression from;
  std::optional<Expression> to{};
  Expression granularity;
  Place span{};
  bool operator==(const AggregationRange&) const = default;
};

struct StreamRelation {
  StreamName name;
  std::optional<Name> alias{};
  std::optional<Expression> filter{};
  std::optional<Window> window{};
  std::optional<Place> unidirectional{};
  std::optional<AggregationRange> range{};
  bool operator==(const StreamRelation&) const = default;
};

struct QueryRelation {
  Box<Query> query;
  Name alias;
  std::optional<Window> window{};
  std::optional<Place> unidirectional{};
  bool operator==(const QueryRelation&) const = default;
};

/// `WITHIN d`, or `WITHIN n EVENTS`: exactly one is set.
struct Within {
  std::optional<DurationLiteral> duration{};
  std::optional<std::uint64_t> rows{};
  Place span{};
  bool operator==(const Within&) const = default;
};

struct PatternRelation {
  bool sequence = false;
  Box<Pattern> pattern;
  std::optional<Within> within{};
  std::vector<Expression> partition_by{};
  bool operator==(const PatternRelation&) const = default;
};

struct Relation {
  std::variant<StreamRelation, QueryRelation, PatternRelation> node;
  Place span{};
  bool operator==(const Relation&) const = default;
};

enum class JoinKind : std::uint8_t { inner, left, right, full, cross };

struct Join {
  JoinKind kind = JoinKind::inner;
  Relation relation;
  std::optional<Expression> condition{};
  std::vector<Name> columns{};  ///< of USING
  std::optional<AggregationRange> range{};
  Place span{};
  bool operator==(const Join&) const = default;
};

/// `*`, or `t.*` when `relation` is set.
struct AllColumns {
  std::optional<StreamName> relation{};
  bool operator==(const AllColumns&) const = default;
};

struct SelectExpression {
  Expression value;
  std::optional<Name> alias{};
  bool operator==(const SelectExpression&) const = default;
};

struct SelectItem {
  std::variant<AllColumns, SelectExpression> node;
  Place span{};
  bool operator==(const SelectItem&) const = default;
};

enum class NullOrder : std::uint8_t { first, last };

struct OrderItem {
  Expression value;
  std::optional<Direction> direction{};
  std::optional<NullOrder> nulls{};
  Place span{};
  bool operator==(const OrderItem&) const = default;
};

struct Limit {
  std::uint64_t rows = 0;
  std::optional<Place> with_ties{};
  Place span{};
  bool operator==(const Limit&) const = default;
};

struct Offset {
  std::uint64_t rows = 0;
  Place span{};
  bool operator==(const Offset&) const = default;
};

enum class OutputKind : std::uint8_t { all, first, last, snapshot };

/// `OUTPUT kind EVERY n EVENTS` or `… EVERY d`: one of `rows` and `duration` is set.
struct OutputRate {
  OutputKind kind = OutputKind::all;
  std::optional<std::uint64_t> rows{};
  std::optional<DurationLiteral> duration{};
  Place span{};
  bool operator==(const OutputRate&) const = default;
};

struct SelectQuery {
  std::optional<Place> distinct{};
  std::vector<SelectItem> items;
  Relation from;
  std::vector<Join> joins{};
  std::optional<Expression> where{};
  std::vector<Expression> group_by{};
  std::optional<Expression> having{};
  std::vector<OrderItem> order_by{};
  std::optional<Limit> limit{};
  std::optional<Offset> offset{};
  std::optional<Place> emit_final{};
  std::optional<OutputRate> output{};
  Place span{};
  bool operator==(const SelectQuery&) const = default;
};

struct NamedQuery;

/// One SELECT, or several joined by UNION ALL, after the queries named by WITH.
struct Query {
  std::vector<NamedQuery> named;
  std::vector<SelectQuery> selects;
  Place span{};
  bool operator==(const Query& other) const;
};

struct NamedQuery {
  Name name;
  Query query;
  Place span{};
  bool operator==(const NamedQuery&) const = default;
};

inline bool Query::operator==(const Query& other) const {
  return named == other.named && selects == other.selects;
}

/// Shape: `most` is not set when there is no upper bound.
struct Repetition {
  std::uint64_t least = 1;
  std::optional<std::uint64_t> most{};
  Place span{};
  bool operator==(const Repetition&) const = default;
};

struct StreamElement {
  std::optional<Name> alias{};
  StreamName stream;
  std::optional<Expression> filter{};
  std::optional<Repetition> repetition{};
  bool operator==(const StreamElement&) const = default;
};

/// `NOT stream [filter] [FOR wait]`.
struct AbsentElement {
  StreamName stream;
  std::optional<Expression> filter{};
  std::optional<DurationLiteral> wait{};
  bool operator==(const AbsentElement&) const = default;
};

struct GroupElement {
  Box<Pattern> pattern;
  std::optional<Repetition> repetition{};
  bool operator==(const GroupElement&) const = default;
};

enum class LogicalOperator : std::uint8_t { all, any };

struct PatternElement;

/// Elements joined by AND (`all`) or OR (`any`).
struct LogicalElement {
  LogicalOperator op = LogicalOperator::all;
  std::vector<PatternElement> elements;
  bool operator==(const LogicalElement& other) const;
};

struct PatternElement {
  std::variant<StreamElement, AbsentElement, GroupElement, LogicalElement> node;
  Place span{};
  bool operator==(const PatternElement&) const = default;
};

inline bool LogicalElement::operator==(const LogicalElement& other) const {
  return op == other.op && elements == other.elements;
}

struct PatternStep {
  std::optional<Place> every{};
  PatternElement element;
  bool operator==(const PatternStep&) const = default;
};

/// Steps in order, joined by `->`.
struct Pattern {
  std::vector<PatternStep> steps;
  Place span{};
  bool operator==(const Pattern&) const = default;
};

}  // namespace eventflux::syntax
