#include <algorithm>
#include <array>

#include "eventflux/extension.hpp"
#include "eventflux/text.hpp"

namespace eventflux {
namespace mappers::bytes {

/// How octets become a STRING.
enum class Encoding : std::uint8_t { utf8, latin1, hex, base64 };

}  // namespace mappers::bytes

template <>
struct ParamCodec<mappers::bytes::Encoding>
    : ChoiceCodec<mappers::bytes::Encoding, ParamCodec<mappers::bytes::Encoding>> {
  static constexpr std::array<std::string_view, 4> choices{"utf-8", "latin1", "hex", "base64"};
};

}  // namespace eventflux

namespace eventflux::mappers::bytes {
namespace {

struct DecodeOptions {
  Encoding encoding = Encoding::utf8;
};

ParamSpec<DecodeOptions> decode_params() {
  return {param("encoding", &DecodeOptions::encoding,
                "How octets become a STRING, which is UTF-8; hex and base64 keep every octet.")};
}

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
  explicit BytesDecoder(Encoding encoding) : encoding_(encoding) {}

  Result<void> decode(std::span<char> payload, Timestamp arrived, BatchBuilder& rows) override {
    const std::string_view octets(payload.data(), payload.size());
    if (rows.column(0).type() == Type::bytes) {
      rows.column(0).append(octets);
    } else if (encoding_ == Encoding::utf8) {
      if (!is_utf8(octets)) {
        return Error{Code::undecodable,
                     "payload is not UTF-8: encoding='latin1', 'hex' or 'base64' takes every byte"};
      }
      rows.column(0).append(octets);
    } else {
      rows.column(0).append(std::string_view(encoded(octets)));
    }
    rows.end_row(arrived);
    return {};
  }

 private:
  std::string encoded(std::string_view octets) const {
    if (encoding_ == Encoding::hex) return to_hex(octets);
    return encoding_ == Encoding::base64 ? to_base64(octets) : from_latin1(octets);
  }

  Encoding encoding_;
};

class BytesEncoder final : public Encoder {
 public:
  explicit BytesEncoder(std::size_t column) : column_(column) {}

  Result<void> encode(const Batch& batch, std::uint32_t row, std::string& out) override {
    if (batch.is_null(row, column_))
      return Error{Code::unencodable, "the column whose octets are sent is NULL"};
    out += batch.columns[column_].at<Text>(batch.selection[row]).view();
    return {};
  }

  std::string_view separator() const override { return ""; }

 private:
  std::size_t column_;
};

Result<std::unique_ptr<Decoder>> open_decoder(const ParamValues& values, const DecoderSpec& spec) {
  EF_TRY(const DecodeOptions options, parse_params("bytes", decode_params(), values));
  const bool one = spec.fields.size() == 1;
  const bool octets = one && spec.fields[0].type == Type::bytes;
  if (!octets && !(one && spec.fields[0].type == Type::string))
    return Error{Code::wrong_column_count, "bytes needs a stream of one BYTES or STRING column"};
  const bool encoded = std::any_of(values.begin(), values.end(), [](const ParamValue& value) {
    return value.name == "encoding";
  });
  if (octets && encoded) {
    return Error{Code::type_mismatch, "encoding is for a STRING column: BYTES take every octet",
                 "leave it out"};
  }
  return std::unique_ptr<Decoder>(std::make_unique<BytesDecoder>(options.encoding));
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
  if (column >= schema.size() || !is_stored_as_text(schema.fields[column].type))
    return Error{Code::type_mismatch, "bytes sends a BYTES or STRING column",
                 "columns: " + to_text(schema)};
  return std::unique_ptr<Encoder>(std::make_unique<BytesEncoder>(column));
}

}  // namespace

void register_extension(Registry& registry) {
  MapperEntry entry;
  entry.name = "bytes";
  entry.text = "Whole payloads as one BYTES or STRING column, and one column as the payload.";
  entry.decoder_params = infos(decode_params());
  entry.encoder_params = infos(encode_params());
  entry.decoder = open_decoder;
  entry.encoder = open_encoder;
  registry.mapper(std::move(entry));
}

}  // namespace eventflux::mappers::bytes
