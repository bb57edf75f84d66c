#include "tests/bench/measure/json_object.hpp"

#include "eventflux/value.hpp"

#include "base/text.hpp"

namespace eventflux::bench {

JsonObject& JsonObject::json(std::string_view name, std::string_view value) {
  if (!members_.empty()) members_ += ',';
  members_.append(base::quote_json(name)).append(":").append(value);
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return json(name, base::quote_json(value));
}

JsonObject& JsonObject::number(std::string_view name, double value) {
  return json(name, real_text(value));
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
  return json(name, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  return json(name, value ? "true" : "false");
}

}  // namespace eventflux::bench
