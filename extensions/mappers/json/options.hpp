#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "eventflux/row_text.hpp"

namespace eventflux::mappers::json {

enum class UnknownFields : std::uint8_t { ignore, error };
enum class DuplicateKeys : std::uint8_t { last, error };

struct DecodeOptions {
  ParamMap mapping{};
  std::string each{};
  std::optional<DatePattern> date_format{};
  TimeUnit timestamp_unit = TimeUnit::ms;
  std::optional<TimeZone> time_zone{};
  UnknownFields unknown_fields = UnknownFields::ignore;
  DuplicateKeys duplicate_keys = DuplicateKeys::last;
  std::int64_t max_depth = 64;
};

enum class Nulls : std::uint8_t { include, omit };
enum class Timestamps : std::uint8_t { rfc3339, ms, us };
enum class Integers : std::uint8_t { number, string };

struct EncodeOptions {
  std::string template_text{};
  bool pretty_print = false;
  Nulls nulls = Nulls::include;
  Timestamps timestamps = Timestamps::rfc3339;
  Integers bigint = Integers::number;
  Integers decimal = Integers::number;
};

}  // namespace eventflux::mappers::json
