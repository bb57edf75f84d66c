#include "csv.hpp"

#include <algorithm>

#include "eventflux/extension.hpp"
#include "eventflux/text.hpp"

namespace eventflux {

template <>
struct ParamCodec<mappers::csv::Character> {
  using Character = mappers::csv::Character;
  static constexpr std::string_view type = "character";

  static Result<Character> parse(std::string_view text) {
    if (text == "\\t") return Character{'\t'};
    if (text.size() == 1 && text[0] != '\n' && text[0] != '\r') return Character{text[0]};
    return Error{Code::invalid_value, "'" + std::string(text) + "' is not one character",
                 "one byte that is not a line end; \\t is a tab"};
  }

  static std::string print(Character character) { return {character.value}; }

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<mappers::csv::NullTexts> {
  using NullTexts = mappers::csv::NullTexts;
  static constexpr std::string_view type = "list";

  // Between two commas nothing is a text too: nothing between two delimiters.
  static Result<NullTexts> parse(std::string_view text) {
    if (!text.starts_with('[')) {
      NullTexts texts;
      for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        texts.all.emplace_back(trim_text(text.substr(begin, end - begin)));
        begin = end + 1;
      }
      return texts;
    }
    EF_TRY(auto all, parse_list(text));
    return NullTexts{std::move(all)};
  }

  static std::string print(const NullTexts& texts) {
    return ParamCodec<std::vector<std::string>>::print(texts.all);
  }

  static std::vector<std::string> names() { return {}; }
};

template <>
struct ParamCodec<mappers::csv::Charset>
    : ChoiceCodec<mappers::csv::Charset, ParamCodec<mappers::csv::Charset>> {
  static constexpr std::array<std::string_view, 2> choices{"utf-8", "latin1"};
};

template <>
struct ParamCodec<mappers::csv::FieldCount>
    : ChoiceCodec<mappers::csv::FieldCount, ParamCodec<mappers::csv::FieldCount>> {
  static constexpr std::array<std::string_view, 2> choices{"exact", "lenient"};
};

template <>
struct ParamCodec<mappers::csv::Newline>
    : ChoiceCodec<mappers::csv::Newline, ParamCodec<mappers::csv::Newline>> {
  using Newline = mappers::csv::Newline;
  static constexpr std::array<std::string_view, 2> choices{"\\n", "\\r\\n"};

  static Result<Newline> parse(std::string_view text) {
    if (text == "\n") return Newline::lf;
    return text == "\r\n" ? Newline::crlf : ChoiceCodec::parse(text);
  }
};

template <>
struct ParamCodec<mappers::csv::Quoting>
    : ChoiceCodec<mappers::csv::Quoting, ParamCodec<mappers::csv::Quoting>> {
  static constexpr std::array<std::string_view, 2> choices{"minimal", "all"};
};

}  // namespace eventflux

namespace eventflux::mappers::csv {
namespace {

ParamSpec<DecodeOptions> decode_params() {
  return {
      param("delimiter", &DecodeOptions::delimiter, "Character between two fields; \\t is a tab."),
      param("quote", &DecodeOptions::quote, "Character around fields that hold a delimiter."),
      param("escape", &DecodeOptions::escape, "Character before a quote inside quotes."),
      param("has-header", &DecodeOptions::has_header,
            "Binds columns by the names in the first line instead of by position."),
      param("mapping.", &DecodeOptions::mapping, "Header name or 0-based position of a column.")
          .example("3"),
      param("null", &DecodeOptions::null,
            "Texts that mean NULL; without it, nothing between two delimiters does.")
          .example(R"(["", "NA", "n/a"])"),
      param("fields", &DecodeOptions::field_count,
            "Lines with too few or too many fields: refused, or filled with NULL and cut."),
      param("charset", &DecodeOptions::charset, "Character set of the payload."),
      param("trim", &DecodeOptions::trim, "Cuts spaces around STRINGs; numbers always are cut."),
      param("comment", &DecodeOptions::comment, "Lines that begin with it are skipped.")
          .example("#"),
      param("date-format", &DecodeOptions::date_format,
            "Pattern of TIMESTAMP columns, and of BIGINT columns as milliseconds.")
          .example("yyyy-MM-dd HH:mm:ss"),
      param("timestamp.unit", &DecodeOptions::timestamp_unit, "Unit of numbers that are times."),
      param("time-zone", &DecodeOptions::time_zone,
            "Zone of times that are written without an offset; without it, UTC.")
          .example("Europe/Berlin"),
  };
}

ParamSpec<EncodeOptions> encode_params() {
  return {
      param("delimiter", &EncodeOptions::delimiter, "Character between two fields; \\t is a tab."),
      param("quote", &EncodeOptions::quote, "Character around fields that need it."),
      param("escape", &EncodeOptions::escape, "Character before a quote inside quotes."),
      param("null", &EncodeOptions::null, "Text for NULL."),
      param("newline", &EncodeOptions::newline, "Line end after the header.")
          .needs("include-header", "true"),
      param("quoting", &EncodeOptions::quoting, "Which fields are quoted."),
      param("include-header", &EncodeOptions::include_header,
            "Begins each file or connection with a line of names."),
      param("header-names", &EncodeOptions::header_names,
            "Names in the header; without them, those of the columns.")
          .example("a, b")
          .needs("include-header", "true"),
  };
}

}  // namespace

bool NullTexts::contains(std::string_view text) const {
  return std::find(all.begin(), all.end(), text) != all.end();
}

void register_extension(Registry& registry) {
  MapperEntry entry;
  entry.name = "csv";
  entry.text = "Lines of separated values to rows, and rows to such lines.";
  entry.decoder_params = infos(decode_params());
  entry.encoder_params = infos(encode_params());
  entry.decoder = [](const ParamValues& values,
                     const DecoderSpec& spec) -> Result<std::unique_ptr<Decoder>> {
    EF_TRY(const DecodeOptions options, parse_params("csv", decode_params(), values));
    return open_decoder(options, spec);
  };
  entry.encoder = [](const ParamValues& values,
                     const Schema& schema) -> Result<std::unique_ptr<Encoder>> {
    EF_TRY(const EncodeOptions options, parse_params("csv", encode_params(), values));
    return open_encoder(options, schema);
  };
  registry.mapper(std::move(entry));
}

}  // namespace eventflux::mappers::csv
