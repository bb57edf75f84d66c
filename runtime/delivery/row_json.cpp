#include "runtime/delivery/row_json.hpp"

#include <cmath>

#include "eventflux/text.hpp"

#include "base/text.hpp"

namespace eventflux::runtime {

std::string value_json(const Value& value, Type type) {
  if (value.is_null()) return "null";
  if (type == Type::bytes) return base::quote_json(to_base64(*value.text()));
  std::string text = to_text(value, type);
  if (is_real(type)) return std::isfinite(*value.real()) ? text : base::quote_json(text);
  if (is_integer(type) || type == Type::decimal || type == Type::boolean || type == Type::json)
    return text;
  return base::quote_json(text);
}

std::string row_json(const Batch& batch, std::uint32_t row, const Schema& schema) {
  std::string text = "{";
  for (std::size_t column = 0; column < batch.columns.size(); ++column) {
    const bool named = column < schema.size() && schema.size() == batch.columns.size();
    if (column != 0) text += ',';
    text += base::quote_json(named ? schema.fields[column].name
                                   : "column_" + std::to_string(column + 1));
    text += ':';
    text += value_json(batch.value(row, column), batch.columns[column].type);
  }
  return text + "}";
}

}  // namespace eventflux::runtime
