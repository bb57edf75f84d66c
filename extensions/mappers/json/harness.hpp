#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/extension.hpp"

namespace eventflux::mappers::json {

void register_extension(Registry& registry);

/// A decoder with its builder, for tests: rows come back as text, cells joined by '|'.
class Fixture {
 public:
  explicit Fixture(std::vector<FieldSpec> fields, const ParamValues& values = {},
                 std::string each = {})
      : fields_(std::move(fields)), rows_(schema()) {
    register_extension(registry_);
    auto made = registry_.find_mapper("json")->decoder(
        values, {.fields = fields_, .each = std::move(each)});
    if (made.ok()) {
      decoder_ = *std::move(made);
    } else {
      opened_ = std::move(made).error();
    }
  }

  Schema schema() const {
    Schema schema;
    for (const FieldSpec& field : fields_)
      schema.fields.push_back({field.name, field.type});
    return schema;
  }

  /// Returns the rows of one payload, one per line, or the printed error.
  std::string decode(std::string_view json) {
    if (decoder_ == nullptr) return to_text(opened_);
    std::vector<char> payload(json.begin(), json.end());
    payload.resize(json.size() + 64, '}');
    rows_.clear();
    const auto decoded = decoder_->decode({payload.data(), json.size()}, Timestamp{7}, rows_);
    if (!decoded.ok()) return to_text(decoded.error());
    std::vector<Column> columns;
    const Batch batch = rows_.view(0, rows_.rows(), columns);
    std::string text;
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      if (row > 0) text += '\n';
      for (std::size_t column = 0; column < fields_.size(); ++column) {
        if (column > 0) text += '|';
        text += to_text(batch.value(row, column), fields_[column].type);
      }
    }
    return text;
  }

  BatchBuilder& rows() { return rows_; }

  Decoder& decoder() { return *decoder_; }

 private:
  std::vector<FieldSpec> fields_;
  BatchBuilder rows_;
  Registry registry_;
  std::unique_ptr<Decoder> decoder_;
  Error opened_{Code::internal, {}};
};

}  // namespace eventflux::mappers::json
