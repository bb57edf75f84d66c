#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "syntax/ast_name.hpp"

// Expressions of the syntax tree: plain structs as they were written, no name resolved.
namespace eventflux::syntax {

struct Expression;

struct NullLiteral {
  bool operator==(const NullLiteral&) const = default;
};

struct BooleanLiteral {
  bool value = false;
  bool operator==(const BooleanLiteral&) const = default;
};

struct IntegerLiteral {
  std::int64_t value = 0;
  bool operator==(const IntegerLiteral&) const = default;
};

/// A number with a point or an exponent; the text is kept because DECIMAL needs every digit.
struct DecimalLiteral {
  std::string text;
  double value = 0;
  bool operator==(const DecimalLiteral&) const = default;
};

/// X'00FF'.
struct OctetsLiteral {
  std::string octets;
  bool operator==(const OctetsLiteral&) const = default;
};

struct StringLiteral {
  std::string value;
  bool operator==(const StringLiteral&) const = default;
};

enum class TimeUnit : std::uint8_t {
  microsecond,
  millisecond,
  second,
  minute,
  hour,
  day,
  week,
  month,
  year
};

/// `5 SECONDS` or `INTERVAL '5' SECOND`.
/// Units: `microseconds` for units up to WEEK; MONTH and YEAR have no length and count in `months`.
struct DurationLiteral {
  std::string amount;
  TimeUnit unit = TimeUnit::second;
  std::int64_t microseconds = 0;
  std::int64_t months = 0;
  Place span{};
  bool operator==(const DurationLiteral&) const = default;
};

/// The text between the quotes of TIMESTAMP '…', not read yet.
struct TimestampLiteral {
  std::string text;
  Place text_span{};
  bool operator==(const TimestampLiteral&) const = default;
};

/// One step of a JSON path: a field, an element, or every element.
struct PathStep {
  enum class Kind : std::uint8_t { field, element, every_element };

  Kind kind = Kind::field;
  std::string field{};
  std::uint64_t element = 0;
  bool operator==(const PathStep&) const = default;
};

/// `$.a[0].b` from the whole message, `@.a` from the current element.
struct PathLiteral {
  bool from_element = false;
  std::vector<PathStep> steps{};
  Place span{};
  bool operator==(const PathLiteral&) const = default;
};

/// `a`, `t.a`, `#s.a`: one to many parts.
struct ColumnName {
  Sigil sigil = Sigil::none;
  std::vector<Name> parts{};
  bool operator==(const ColumnName&) const = default;
};

/// `base.name` where base is not a plain name, for example `e[0].price`.
struct Member {
  Box<Expression> base;
  Name name;
  bool operator==(const Member&) const = default;
};

struct Index {
  Box<Expression> base;
  Box<Expression> index;
  bool operator==(const Index&) const = default;
};

/// `doc->'a'`, or `doc->>'a'` for its text.
struct JsonAccess {
  Box<Expression> base;
  Box<Expression> key;
  bool as_text = false;
  bool operator==(const JsonAccess&) const = default;
};

enum class UnaryOperator : std::uint8_t { negate, logical_not };

struct Unary {
  UnaryOperator op = UnaryOperator::negate;
  Box<Expression> operand;
  bool operator==(const Unary&) const = default;
};

enum class BinaryOperator : std::uint8_t {
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
  logical_and,
  logical_or
};

/// Long chains of AND and of OR are halved again and again, so that they nest by the logarithm of
/// their length; `chained` nodes are such halves and stand for no brackets of the text.
struct Binary {
  BinaryOperator op = BinaryOperator::add;
  Place op_span{};
  Box<Expression> left;
  Box<Expression> right;
  bool chained = false;
  bool operator==(const Binary&) const = default;
};

struct Between {
  Box<Expression> value;
  Box<Expression> low;
  Box<Expression> high;
  bool negated = false;
  bool operator==(const Between&) const = default;
};

struct InList {
  Box<Expression> value;
  std::vector<Expression> items;
  bool negated = false;
  bool operator==(const InList&) const = default;
};

/// `x IN table`.
struct InTable {
  Box<Expression> value;
  Name table;
  bool negated = false;
  bool operator==(const InTable&) const = default;
};

enum class MatchKind : std::uint8_t { like, ilike, regexp };

/// LIKE, ILIKE and REGEXP.
struct TextMatch {
  MatchKind kind = MatchKind::like;
  Box<Expression> value;
  Box<Expression> pattern;
  std::optional<std::string> escape{};
  bool negated = false;
  bool operator==(const TextMatch&) const = default;
};

enum class IsKind : std::uint8_t { null, true_value, false_value };

struct IsTest {
  IsKind kind = IsKind::null;
  Box<Expression> value;
  bool negated = false;
  bool operator==(const IsTest&) const = default;
};

/// `a IS DISTINCT FROM b`.
struct IsDistinct {
  Box<Expression> left;
  Box<Expression> right;
  bool negated = false;
  bool operator==(const IsDistinct&) const = default;
};

struct CaseBranch;

/// CASE in both forms; `subject` is set for `CASE x WHEN value`.
struct Case {
  std::optional<Box<Expression>> subject;
  std::vector<CaseBranch> branches;
  std::optional<Box<Expression>> otherwise;
  bool operator==(const Case& other) const;
};

/// CAST, `::` and TRY_CAST; the last gives NULL where the others fail.
struct Cast {
  Box<Expression> value;
  TypeName type;
  bool lenient = false;
  bool operator==(const Cast&) const = default;
};

/// `name(arguments)`. `EXTRACT(u FROM x)` and `SUBSTRING(s FROM a FOR b)` become plain calls.
struct Call {
  Name name;
  std::vector<Expression> arguments;
  bool star = false;
  std::optional<Place> distinct{};
  std::optional<Box<Expression>> filter{};
  bool operator==(const Call&) const = default;
};

struct Expression {
  using Node =
      std::variant<NullLiteral, BooleanLiteral, IntegerLiteral, DecimalLiteral, OctetsLiteral,
                   StringLiteral, DurationLiteral, TimestampLiteral, PathLiteral, ColumnName,
                   Member, Index, JsonAccess, Unary, Binary, Between, InList, InTable, TextMatch,
                   IsTest, IsDistinct, Case, Cast, Call>;
  Node node;
  Place span{};
  bool operator==(const Expression&) const = default;
};

struct CaseBranch {
  Expression condition;
  Expression result;
  bool operator==(const CaseBranch&) const = default;
};

inline bool Case::operator==(const Case& other) const {
  return subject == other.subject && branches == other.branches && otherwise == other.otherwise;
}

}  // namespace eventflux::syntax
