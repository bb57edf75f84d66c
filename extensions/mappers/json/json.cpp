#include "eventflux/extension.hpp"

#include "decoder.hpp"
#include "encoder.hpp"
#include "path.hpp"

namespace eventflux {

template <>
struct ParamCodec<mappers::json::UnknownFields>
    : ChoiceCodec<mappers::json::UnknownFields, ParamCodec<mappers::json::UnknownFields>> {
  static constexpr std::array<std::string_view, 2> choices{"ignore", "error"};
};

template <>
struct ParamCodec<mappers::json::DuplicateKeys>
    : ChoiceCodec<mappers::json::DuplicateKeys, ParamCodec<mappers::json::DuplicateKeys>> {
  static constexpr std::array<std::string_view, 2> choices{"last", "error"};
};

template <>
struct ParamCodec<mappers::json::Nulls>
    : ChoiceCodec<mappers::json::Nulls, ParamCodec<mappers::json::Nulls>> {
  static constexpr std::array<std::string_view, 2> choices{"include", "omit"};
};

template <>
struct ParamCodec<mappers::json::Timestamps>
    : ChoiceCodec<mappers::json::Timestamps, ParamCodec<mappers::json::Timestamps>> {
  static constexpr std::array<std::string_view, 3> choices{"rfc3339", "ms", "us"};
};

template <>
struct ParamCodec<mappers::json::Integers>
    : ChoiceCodec<mappers::json::Integers, ParamCodec<mappers::json::Integers>> {
  static constexpr std::array<std::string_view, 2> choices{"number", "string"};
};

}  // namespace eventflux

namespace eventflux::mappers::json {
namespace {

Result<void> is_path(const ParamValue& value) {
  EF_CHECK(parse_path(value.text));
  return {};
}

ParamSpec<DecodeOptions> decode_params() {
  return {
      param("mapping.", &DecodeOptions::mapping, "JSON path of a column, instead of its own name.")
          .example("$.data.price")
          .valid(is_path),
      param("each", &DecodeOptions::each, "JSON path of the elements that become rows.")
          .example("$.events[*]")
          .valid(is_path),
      param("date-format", &DecodeOptions::date_format,
            "Pattern of text in TIMESTAMP columns, and in BIGINT columns as milliseconds.")
          .example("yyyy-MM-dd HH:mm:ss"),
      param("timestamp.unit", &DecodeOptions::timestamp_unit, "Unit of numbers that are times."),
      param("time-zone", &DecodeOptions::time_zone,
            "Zone of times that are written without an offset; without it, UTC.")
          .example("Europe/Berlin"),
      param("unknown.fields", &DecodeOptions::unknown_fields,
            "What to do about a field that no column takes."),
      param("duplicate.keys", &DecodeOptions::duplicate_keys,
            "Which value counts when a field appears twice in one object."),
      param("max.depth", &DecodeOptions::max_depth, "Levels of nesting.").at_least(1).at_most(128),
  };
}

ParamSpec<EncodeOptions> encode_params() {
  return {
      param("template", &EncodeOptions::template_text,
            "Text of a row with {{column}} for values: escaped inside quotes, JSON elsewhere.")
          .example(R"({"text":"{{symbol}} at {{price}}"})"),
      param("pretty-print", &EncodeOptions::pretty_print, "Writes one member per line.")
          .excludes("template"),
      param("nulls", &EncodeOptions::nulls, "Whether members that are NULL are written.")
          .excludes("template"),
      param("timestamps", &EncodeOptions::timestamps,
            "TIMESTAMP as RFC 3339 text in UTC, or as milliseconds or microseconds."),
      param("bigint", &EncodeOptions::bigint, "BIGINT as a number or as a string."),
      param("decimal", &EncodeOptions::decimal,
            "DECIMAL as a number, with all its digits, or as a string."),
  };
}

}  // namespace

void register_extension(Registry& registry) {
  MapperEntry entry;
  entry.name = "json";
  entry.text = "JSON documents to rows, and rows to JSON objects.";
  entry.decoder_params = infos(decode_params());
  entry.encoder_params = infos(encode_params());
  entry.decoder = [](const ParamValues& values,
                     const DecoderSpec& spec) -> Result<std::unique_ptr<Decoder>> {
    EF_TRY(const DecodeOptions options, parse_params("json", decode_params(), values));
    return JsonDecoder::open(options, spec);
  };
  entry.encoder = [](const ParamValues& values,
                     const Schema& schema) -> Result<std::unique_ptr<Encoder>> {
    EF_TRY(const EncodeOptions options, parse_params("json", encode_params(), values));
    return JsonEncoder::open(options, schema);
  };
  registry.mapper(std::move(entry));
}

}  // namespace eventflux::mappers::json
