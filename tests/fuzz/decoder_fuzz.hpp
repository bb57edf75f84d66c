#pragma once

#include "eventflux/extension.hpp"

#include "tests/fuzz/fuzz.hpp"

namespace eventflux::fuzz {

inline std::vector<FieldSpec> columns() {
  return {
      {.name = "symbol", .type = Type::string}, {.name = "price", .type = Type::float64},
      {.name = "size", .type = Type::int64},    {.name = "flag", .type = Type::boolean},
      {.name = "at", .type = Type::timestamp},  {.name = "exact", .type = Type::decimal_of(20, 4)},
      {.name = "octets", .type = Type::bytes},  {.name = "span", .type = Type::duration}};
}

inline Schema schema_of(const std::vector<FieldSpec>& fields) {
  Schema schema;
  for (const FieldSpec& field : fields)
    schema.fields.push_back({field.name, field.type});
  return schema;
}

/// Decodes a payload and returns its rows, or the error, as text.
inline std::string decode(Decoder& decoder, BatchBuilder& rows, const Schema& schema,
                          const std::uint8_t* data, std::size_t size) {
  std::vector<char> payload(data, data + size);
  payload.resize(size + 64, '}');  // What may be read after a payload.
  rows.clear();
  const auto decoded = decoder.decode({payload.data(), size}, Timestamp{7}, rows);
  if (!decoded.ok()) return to_text(decoded.error());
  std::string text;
  std::vector<Column> views;
  const Batch batch = rows.view(0, rows.rows(), views);
  for (std::uint32_t row = 0; row < batch.size(); ++row)
    for (std::size_t column = 0; column < schema.size(); ++column)
      text += to_text(batch.value(row, column), schema.fields[column].type) + "|";
  return text;
}

/// Decodes a payload twice with the same decoder, which may have learned from it but remembers
/// nothing of it.
inline void decode_twice(Decoder& decoder, BatchBuilder& rows, const Schema& schema,
                         const std::uint8_t* data, std::size_t size) {
  const std::string first = decode(decoder, rows, schema, data, size);
  require(decode(decoder, rows, schema, data, size) == first);
}

}  // namespace eventflux::fuzz
