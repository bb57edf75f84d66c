#include "text.hpp"

#include "eventflux/extension.hpp"

namespace eventflux {

template <>
struct ParamCodec<mappers::text::Charset>
    : ChoiceCodec<mappers::text::Charset, ParamCodec<mappers::text::Charset>> {
  static constexpr std::array<std::string_view, 2> choices{"utf-8", "latin1"};
};

}  // namespace eventflux

namespace eventflux::mappers::text {
namespace {

ParamSpec<DecodeOptions> decode_params() {
  return {
      param("charset", &DecodeOptions::charset, "Character set of the payload."),
      param("regex", &DecodeOptions::regex,
            "RE2 expression whose named groups are the columns; it must match the whole payload.")
          .example("(?P<level>[A-Z]+) (?P<message>.*)")
          .valid(is_regex),
      param("date-format", &DecodeOptions::date_format,
            "Pattern of TIMESTAMP columns, and of BIGINT columns as milliseconds.")
          .example("dd/MMM/yyyy:HH:mm:ss Z")
          .needs("regex"),
      param("timestamp.unit", &DecodeOptions::timestamp_unit, "Unit of numbers that are times.")
          .needs("regex"),
      param("time-zone", &DecodeOptions::time_zone,
            "Zone of times that are written without an offset; without it, UTC.")
          .example("Europe/Berlin")
          .needs("regex"),
  };
}

ParamSpec<EncodeOptions> encode_params() {
  return {param("template", &EncodeOptions::template_text,
                "Text of a row with {{column}} for values; without it, the one column is sent.")
              .example("{{symbol}} {{price}}")};
}

}  // namespace

void register_extension(Registry& registry) {
  MapperEntry entry;
  entry.name = "text";
  entry.text = "Plain text, taken whole or by a regular expression, and rows by a template.";
  entry.decoder_params = infos(decode_params());
  entry.encoder_params = infos(encode_params());
  entry.decoder = [](const ParamValues& values,
                     const DecoderSpec& spec) -> Result<std::unique_ptr<Decoder>> {
    EF_TRY(const DecodeOptions options, parse_params("text", decode_params(), values));
    return open_decoder(options, spec);
  };
  entry.encoder = [](const ParamValues& values,
                     const Schema& schema) -> Result<std::unique_ptr<Encoder>> {
    EF_TRY(const EncodeOptions options, parse_params("text", encode_params(), values));
    return open_encoder(options, schema);
  };
  registry.mapper(std::move(entry));
}

}  // namespace eventflux::mappers::text
