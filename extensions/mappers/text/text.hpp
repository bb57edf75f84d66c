#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "eventflux/mapper.hpp"
#include "eventflux/row_text.hpp"

namespace eventflux::mappers::text {

enum class Charset : std::uint8_t { utf8, latin1 };

struct DecodeOptions {
  Charset charset = Charset::utf8;
  std::string regex{};
  std::optional<DatePattern> date_format{};
  TimeUnit timestamp_unit = TimeUnit::ms;
  std::optional<TimeZone> time_zone{};
};

struct EncodeOptions {
  std::string template_text{};
};

/// Checks that RE2 can read an expression. Fails: EF0303.
Result<void> is_regex(const ParamValue& value);

/// Fails: EF0203 a column that the regex does not name, EF0207 no regex and not one STRING column.
Result<std::unique_ptr<Decoder>> open_decoder(const DecodeOptions& options,
                                              const DecoderSpec& spec);
/// Fails: EF0203 a template that names no column, EF0207 no template and not one column.
Result<std::unique_ptr<Encoder>> open_encoder(const EncodeOptions& options, const Schema& schema);

}  // namespace eventflux::mappers::text
