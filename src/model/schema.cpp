#include "eventflux/schema.hpp"

namespace eventflux {

std::optional<std::size_t> Schema::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].name == name) return i;
  return std::nullopt;
}

std::string to_text(const Schema& schema) {
  std::string text;
  for (const Field& field : schema.fields) {
    if (!text.empty()) text += ", ";
    text += field.name + " " + std::string(type_name(field.type));
  }
  return text;
}

}  // namespace eventflux
