#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "eventflux/batch_builder.hpp"
#include "eventflux/row_text.hpp"

#include "scalar.hpp"
#include "short_number.hpp"
#include "words.hpp"

namespace eventflux::mappers::json {

// Values as they mostly are, put into columns without a detour. Everything here may decline by
// returning false or a null pointer; Scalars then takes the value, by the same rules, or refuses
// it.

/// Returns the quote that ends the text; a null pointer when an escape, a control byte or a
/// character beyond ASCII comes first, or none before `end`. Shape: 7 bytes behind `end` are read.
inline const char* plain_end(const char* text, const char* end) {
  for (; text < end; text += 8) {
    const std::uint64_t word = load_word(text);
    const std::uint64_t marks = mark_escapes(word) | (word & top_bits);
    if (marks == 0) continue;
    const char* found = text + first_marked(marks);
    return found < end && *found == '"' ? found : nullptr;
  }
  return nullptr;
}

/// Makes text of at most 12 bytes from two words, its tail blanked. Shape: 16 bytes are read.
inline Text short_text(const char* text, unsigned length) {
  constexpr std::uint64_t all = ~std::uint64_t{0};
  const unsigned front = std::min(length, 8U);
  const unsigned back = length - front;
  const std::uint64_t low = front == 0 ? 0 : load_word(text) & (all >> (8 * (8 - front)));
  const std::uint64_t high = back == 0 ? 0 : load_word(text + 8) & (all >> (8 * (8 - back)));
  return std::bit_cast<Text>(
      std::array<std::uint64_t, 2>{(low << 32U) | length, (high << 32U) | (low >> 32U)});
}

/// Appends what stands between the quotes of a string without escapes. Shape: as short_text().
inline void append_plain(std::string_view inner, ColumnBuilder& column) {
  if (inner.size() <= Text::inline_max) {
    column.append_borrowed(short_text(inner.data(), static_cast<unsigned>(inner.size())));
  } else {
    column.append(inner);
  }
}

/// Appends a number that needs no further thought to a DOUBLE, BIGINT or TIMESTAMP.
inline bool append_short(const ShortNumber& number, TimeUnit unit, ColumnBuilder& column) {
  const Type type = column.type();
  if (type == Type::float64) {
    if (number.mantissa > exact_mantissa_max) return false;
    column.append(exact_real(number.mantissa, number.fraction, number.negative));
    return true;
  }
  if (number.fraction != 0) return false;
  const auto whole = static_cast<std::int64_t>(number.mantissa);
  if (type == Type::int64) {
    column.append(number.negative ? -whole : whole);
    return true;
  }
  constexpr std::int64_t ms_max = std::numeric_limits<std::int64_t>::max() / 1000;
  if (type != Type::timestamp || unit != TimeUnit::ms || whole > ms_max) return false;
  column.append(Timestamp{(number.negative ? -whole : whole) * 1000});
  return true;
}

/// Appends `true` or `false` to a BOOLEAN. Shape: as append_plain_json().
inline bool append_truth(std::string_view json, ColumnBuilder& column) {
  const Truth truth = read_truth(json.data());
  if (truth.length == 0 || truth.length != json.size()) return false;
  column.append(truth.yes);
  return true;
}

/// Appends a string with its quotes to a STRING. Shape: as append_plain_json().
inline bool append_quoted(std::string_view json, ColumnBuilder& column) {
  const char* const end = json.data() + json.size();
  if (plain_end(json.data() + 1, end) != end - 1) return false;
  append_plain(json.substr(1, json.size() - 2), column);
  return true;
}

/// Appends a value from its JSON text, if it is as plain as most are.
/// Shape: 64 bytes behind the text may be read.
inline bool append_plain_json(std::string_view json, TimeUnit unit, ColumnBuilder& column) {
  const bool quoted = json.front() == '"';
  const Type type = column.type();
  if (type == Type::boolean) return append_truth(json, column);
  if (type == Type::string && quoted) return append_quoted(json, column);
  if (type != Type::float64 && type != Type::int64 && (type != Type::timestamp || quoted))
    return false;
  const unsigned quote = quoted ? 1 : 0;
  const ShortNumber number = read_short(json.data() + quote);
  const char* const end = json.data() + json.size() - quote;
  if (number.end != end || (quoted && *number.end != '"')) return false;
  return append_short(number, unit, column);
}

}  // namespace eventflux::mappers::json
