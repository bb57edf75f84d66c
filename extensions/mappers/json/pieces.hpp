#pragma once

#include <cstddef>
#include <string_view>

#include "eventflux/batch.hpp"

#include "options.hpp"

namespace eventflux::mappers::json {

/// Bytes that a number, boolean or time takes at most, with quotes.
inline constexpr std::size_t scalar_size_max = 48;

/// Writes a real in its shortest exact form with a point or exponent; NaN and infinities as null.
char* write_real(double value, char* out);
char* write_real(float value, char* out);

struct EscapedText {
  char* end = nullptr;
  bool ascii = true;  ///< No byte beyond 0x7F.
};

/// Writes text with its escapes and without quotes. Shape: at most 6 bytes per byte of text.
EscapedText write_escaped(std::string_view text, char* out);

/// How values are written.
struct ValueStyle {
  Timestamps timestamps = Timestamps::rfc3339;
  Integers bigint = Integers::number;
  Integers decimal = Integers::number;
};

/// Writes a value that is neither text, BYTES nor NULL. Shape: at most scalar_size_max bytes.
char* write_scalar(const Column& column, std::uint32_t row, ValueStyle style, char* out);

}  // namespace eventflux::mappers::json
