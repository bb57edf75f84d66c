#include "eventflux/extension.hpp"

namespace eventflux::mappers::bytes {
namespace {

struct EncodeOptions {
  std::int64_t field_index = 0;
  std::string column{};
};

ParamSpec<EncodeOptions> encode_params() {
  return {
      param("field-index", &EncodeOptions::field_index, "0-based column whose octets are sent.")
          .at_least(0)
          .excludes("column"),
      param("column", &EncodeOptions::column, "The same by name.").example("body"),
  };
}

class BytesDecoder final : public Decoder {
 public:
  Result<void> decode(std::span<char> payload, Timestamp arrived, BatchBuilder& rows) override {
    rows.column(0).append(std::string_view(payload.data(), payload.size()));
    rows.end_row(arrived);
    return {};
  }
};

class BytesEncoder final : public Encoder {
 public:
  explicit BytesEncoder(std::size_t column) : column_(column) {}

  Result<void> encode(const Batch& batch, std::uint32_t row, std::string& out) override {
    if (batch.is_null(row, column_))
      return Error{Code::unencodable, "the column whose octets are sent is NULL"};
    out += batch.text(row, column_);
    return {};
  }

  std::string_view separator() const override { return ""; }

 private:
  std::size_t column_;
};

Result<std::unique_ptr<Decoder>> open_decoder(const ParamValues& values, const DecoderSpec& spec) {
  EF_CHECK(check_params("bytes", {}, values));
  if (spec.fields.size() != 1 || spec.fields[0].type != Type::string)
    return Error{Code::wrong_column_count, "bytes needs a stream of one STRING column"};
  return std::unique_ptr<Decoder>(std::make_unique<BytesDecoder>());
}

Result<std::unique_ptr<Encoder>> open_encoder(const ParamValues& values, const Schema& schema) {
  EF_TRY(const EncodeOptions options, parse_params("bytes", encode_params(), values));
  auto column = static_cast<std::size_t>(options.field_index);
  if (!options.column.empty()) {
    const auto found = schema.find(options.column);
    if (!found) {
      return Error{Code::unknown_column, "unknown column '" + options.column + "'",
                   "columns: " + to_text(schema)};
    }
    column = *found;
  }
  if (column >= schema.size() || !is_text(schema.fields[column].type))
    return Error{Code::type_mismatch, "bytes sends a STRING column", "columns: " + to_text(schema)};
  return std::unique_ptr<Encoder>(std::make_unique<BytesEncoder>(column));
}

}  // namespace

void register_extension(Registry& registry) {
  MapperEntry entry;
  entry.name = "bytes";
  entry.text = "Whole payloads as one STRING column, untouched.";
  entry.encoder_params = infos(encode_params());
  entry.decoder = open_decoder;
  entry.encoder = open_encoder;
  registry.mapper(std::move(entry));
}

}  // namespace eventflux::mappers::bytes
