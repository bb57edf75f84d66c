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

enum class Newline : std::uint8_t { lf, crlf };
enum class Quoting : std::uint8_t { minimal, all };

struct DecodeOptions {
  Character delimiter{','};
  Character quote{'"'};
  Character escape{'"'};
  bool has_header = false;
  ParamMap mapping{};
  std::optional<std::string> null{};
  bool trim = false;
  std::string comment{};
  std::optional<DatePattern> date_format{};
  TimeUnit timestamp_unit = TimeUnit::ms;
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
