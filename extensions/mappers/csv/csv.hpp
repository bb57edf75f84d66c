#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/mapper.hpp"
#include "eventflux/row_text.hpp"

namespace eventflux::mappers::csv {

/// One character, but no line end. Written `\t`, it is a tab.
struct Character {
  char value;
};

/// Texts that mean NULL; one of them may be empty.
struct NullTexts {
  std::vector<std::string> all{};

  bool contains(std::string_view text) const;
};

enum class Charset : std::uint8_t { utf8, latin1 };
/// What happens to a record whose fields are not as many as expected.
enum class FieldCount : std::uint8_t { exact, lenient };
enum class Newline : std::uint8_t { lf, crlf };
enum class Quoting : std::uint8_t { minimal, all };

struct DecodeOptions {
  Character delimiter{','};
  Character quote{'"'};
  Character escape{'"'};
  bool has_header = false;
  ParamMap mapping{};
  std::optional<NullTexts> null{};
  FieldCount field_count = FieldCount::exact;
  Charset charset = Charset::utf8;
  bool trim = false;
  std::string comment{};
  std::optional<DatePattern> date_format{};
  TimeUnit timestamp_unit = TimeUnit::ms;
  std::optional<TimeZone> time_zone{};
};

struct EncodeOptions {
  Character delimiter{','};
  Character quote{'"'};
  Character escape{'"'};
  std::string null{};
  Newline newline = Newline::lf;
  Quoting quoting = Quoting::minimal;
  bool include_header = false;
  std::vector<std::string> header_names{};
};

/// Fails: EF0203 a mapping of no column, EF0303 one that is neither a name nor a position.
Result<std::unique_ptr<Decoder>> open_decoder(const DecodeOptions& options,
                                              const DecoderSpec& spec);
/// Fails: EF0207 another number of header names than columns.
Result<std::unique_ptr<Encoder>> open_encoder(const EncodeOptions& options, const Schema& schema);

}  // namespace eventflux::mappers::csv
