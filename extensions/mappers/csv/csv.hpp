#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventflux/mapper.hpp"
#include "eventflux/row_text.hpp"

namespace eventflux::mappers::csv {

struct DecodeOptions {
  std::string delimiter = ",";
  std::string quote = "\"";
  std::string escape = "\"";
  bool has_header = false;
  ParamMap mapping{};
  std::optional<std::string> null{};
  bool trim = false;
  std::string comment{};
  std::string date_format{};
  TimeUnit timestamp_unit = TimeUnit::ms;
};

enum class Quoting : std::uint8_t { minimal, all };

struct EncodeOptions {
  std::string delimiter = ",";
  std::string quote = "\"";
  std::string escape = "\"";
  std::string null{};
  std::string newline = "\\n";
  Quoting quoting = Quoting::minimal;
  bool include_header = false;
  std::vector<std::string> header_names{};
};

/// Fails: EF0203 a mapping of no column, EF0303 a parameter that is not one character.
Result<std::unique_ptr<Decoder>> open_decoder(const DecodeOptions& options,
                                              const DecoderSpec& spec);
/// Fails: EF0303, EF0207 another number of header names than columns.
Result<std::unique_ptr<Encoder>> open_encoder(const EncodeOptions& options, const Schema& schema);

/// Returns the one character of a parameter; "\t" may be written with a backslash.
Result<char> single_character(std::string_view name, std::string_view text);

}  // namespace eventflux::mappers::csv
