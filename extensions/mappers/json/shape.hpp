#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/mapper.hpp"

#include "scalar.hpp"

namespace eventflux::mappers::json {

/// What stands behind the literal of a step, and where it goes.
enum class Act : std::uint8_t {
  number_skip,
  number_real,   ///< into a DOUBLE
  number_whole,  ///< into a BIGINT
  number_time,   ///< into a TIMESTAMP
  number_other,  ///< into any other column
  text_skip,     ///< the literal ends with the opening quote, the next begins with the closing one
  text_real,
  text_whole,
  text_text,
  text_other,
  boolean_skip,
  boolean_flag,
  boolean_other,
  again,         ///< the value before goes into one more column
  mark,          ///< the literal ends in front of a bracket whose span is wanted
  span,          ///< the literal ends behind that bracket's counterpart
  open_loop,     ///< elements of one shape; jumps over them if there is none
  next_element,  ///< jumps back after a comma
  null,
  default_value,
  end_row,
  end,
};

/// Literal text, then an act. Shape: `jump` counts steps from this one.
struct ShapeStep {
  std::uint64_t head = 0;  ///< The first bytes of the literal, at most 8.
  std::uint64_t mask = 0;  ///< Which bytes of `head` count.
  Act act = Act::end;
  std::uint32_t literal = 0;  ///< Where the literal begins in the shape's text.
  std::uint32_t length = 0;
  std::uint32_t column = 0;
  std::int32_t jump = 0;
};

/// The skeleton of payloads that differ in their scalars only.
struct Shape {
  std::string text{};  ///< All literals, with 8 bytes behind them.
  std::vector<ShapeStep> steps{};

  std::string_view literal(const ShapeStep& step) const {
    return std::string_view(text).substr(step.literal, step.length);
  }
};

bool operator==(const Shape& left, const Shape& right);

/// Where the values of a payload go.
struct RowTarget {
  const DecoderSpec& spec;
  Scalars& scalars;
  BatchBuilder& rows;
};

/// How far a payload followed a shape.
struct ShapeOutcome {
  bool followed = false;   ///< To its last byte; only then do the rows count.
  bool touched = false;    ///< Values have been appended.
  std::uint32_t rows = 0;  ///< Rows whose columns have got their values.
};

/// Reads a payload by a shape: compares literals, reads what stands between them.
/// Shape: 64 bytes behind the payload may be read. A payload that gives any doubt is not followed:
/// an escape, a control byte, text beyond ASCII, a number with an exponent or more than 18 digits,
/// a value that its column refuses.
ShapeOutcome follow(const Shape& shape, std::string_view payload, const RowTarget& target);

}  // namespace eventflux::mappers::json
