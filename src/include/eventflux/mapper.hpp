#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/batch_builder.hpp"
#include "eventflux/context.hpp"

namespace eventflux {

/// One column that a decoder fills.
struct FieldSpec {
  std::string name;
  Type type = Type::string;
  std::string path{};  ///< JSON path as written, `$…` or `@…`; empty is the mapper's own default.
  bool not_null = false;
  Value default_value{};
};

/// What a decoder makes of a payload.
struct DecoderSpec {
  std::vector<FieldSpec> fields;
  std::string each{};  ///< JSON path of the elements that become rows; empty: the payload is one.
};

/// Turns payloads into rows. Thread: one at a time.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Appends the rows of one payload, in its order.
  /// Shape: payload[size … size+63] may be read and is not part of it.
  /// Fails: EF0601 … EF0605; the message names the field; the caller then truncates the builder.
  virtual Result<void> decode(std::span<char> payload, Timestamp arrived, BatchBuilder& rows) = 0;
};

/// Turns rows into bytes. Thread: one at a time.
class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Appends one row of the batch (`row` is a position in its selection) without a line end.
  /// Fails: EF0606; nothing stays appended.
  virtual Result<void> encode(const Batch& batch, std::uint32_t row, std::string& out) = 0;

  /// Returns what a file or connection begins with, for example a header line with its line end.
  virtual std::string prologue() const { return {}; }

  /// Returns what stands between two rows in one message or file.
  virtual std::string_view separator() const { return "\n"; }
};

}  // namespace eventflux
