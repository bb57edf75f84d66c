#pragma once

#include <cstdint>
#include <memory>
#include <simdjson.h>
#include <span>
#include <string>
#include <string_view>

#include "eventflux/mapper.hpp"

#include "options.hpp"
#include "plan.hpp"
#include "scalar.hpp"
#include "shape_cache.hpp"

namespace eventflux::mappers::json {

/// Reads JSON payloads straight into columns, in one pass over each document. Payloads of a shape
/// that has been seen before are compared and read without being parsed.
class JsonDecoder final : public Decoder {
 public:
  /// Fails: EF0108 a path, EF0203 a mapping, EF0303 the date format or depth.
  static Result<std::unique_ptr<Decoder>> open(const DecodeOptions& options,
                                               const DecoderSpec& spec);

  JsonDecoder(DecodeOptions options, const DecoderSpec& spec, Plan plan, Scalars scalars);

  Result<void> decode(std::span<char> payload, Timestamp arrived, BatchBuilder& rows) override;

 private:
  using Value = simdjson::ondemand::value;

  bool may_be_replaced(const Error& error) const;
  Result<void> decode_deferring(std::string_view text);
  Result<void> check_deferred(std::uint32_t column);
  Result<void> decode_document(std::string_view text);
  Result<void> read_payload(std::string_view payload);
  Result<void> read_root_rows();
  Result<void> read_root_scalar(std::string_view payload);
  Result<void> visit(NodeId id, Value& value, std::int64_t depth);
  Result<void> bind_leaf(const Node& node, Value& value, std::int64_t depth);
  Result<void> bind_undivided(const Node& node, Value& value, std::int64_t depth);
  Result<void> read_object(NodeId id, simdjson::ondemand::object object, std::int64_t depth);
  Result<void> read_array(NodeId id, simdjson::ondemand::array array, std::int64_t depth);
  Result<void> read_row(NodeId id, Value& value, std::int64_t depth);
  Result<void> check_row(const Node& node, std::string_view token) const;
  Result<void> finish_row();
  Result<void> finish_payload(std::string_view payload);

  Result<NodeId> look_up(Node& node, const simdjson::ondemand::field& field);
  Result<std::string_view> quoted_key(const simdjson::ondemand::field& field) const;
  Result<std::string_view> text_of(Value& value, std::int64_t depth);
  Result<void> skip(Value& value, std::int64_t depth);
  Result<void> skip_object(simdjson::ondemand::object object, std::int64_t depth);
  Result<void> check_depth(std::int64_t depth) const;
  Result<void> bind(const Node& node, std::string_view json);
  Result<void> append(std::uint32_t column, std::string_view json);
  Result<void> append_missing(std::uint32_t column);
  Result<void> repeat(Node& node);
  void forget(const Node& node, std::uint32_t rows_before);
  std::string_view text_since(const char* begin);

  DecodeOptions options_;
  DecoderSpec spec_;
  Plan plan_;
  Scalars scalars_;
  std::vector<std::optional<Error>> deferred_{};  ///< By column; empty: errors end the decoding.
  ShapeCache shapes_{};
  simdjson::ondemand::parser parser_{};
  std::vector<std::uint8_t> in_row_;  ///< By column: bound in the row tree.
  bool spread_root_ = false;          ///< A root array makes a row per element.
  std::uint64_t visits_ = 0;

  // Of the payload at hand.
  simdjson::ondemand::document* document_ = nullptr;
  std::string_view payload_{};
  BatchBuilder* rows_ = nullptr;
  std::uint32_t base_ = 0;   ///< Rows in the builder before this payload.
  std::uint32_t count_ = 0;  ///< Rows finished in this payload.
};

}  // namespace eventflux::mappers::json
