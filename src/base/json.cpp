#include "base/json.hpp"

#include <limits>

#include <nlohmann/json.hpp>

namespace eventflux::base {
namespace {

using Document = nlohmann::ordered_json;

Json convert(const Document& from) {
  Json to;
  if (from.is_boolean()) {
    to.kind = Json::Kind::boolean;
    to.boolean = from.get<bool>();
  } else if (from.is_number_unsigned() &&
             from.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    to.kind = Json::Kind::real;
    to.real = from.get<double>();
  } else if (from.is_number_integer()) {
    to.kind = Json::Kind::integer;
    to.integer = from.get<std::int64_t>();
  } else if (from.is_number()) {
    to.kind = Json::Kind::real;
    to.real = from.get<double>();
  } else if (from.is_string()) {
    to.kind = Json::Kind::text;
    to.text = from.get<std::string>();
  } else if (from.is_array()) {
    to.kind = Json::Kind::array;
    for (const Document& item : from)
      to.items.push_back(convert(item));
  } else if (from.is_object()) {
    to.kind = Json::Kind::object;
    for (const auto& [name, value] : from.items())
      to.members.emplace_back(name, convert(value));
  }
  return to;
}

Document convert(const Json& from) {
  switch (from.kind) {
    case Json::Kind::null:
      return nullptr;
    case Json::Kind::boolean:
      return from.boolean;
    case Json::Kind::integer:
      return from.integer;
    case Json::Kind::real:
      return from.real;
    case Json::Kind::text:
      return from.text;
    case Json::Kind::array: {
      Document to = Document::array();
      for (const Json& item : from.items)
        to.push_back(convert(item));
      return to;
    }
    case Json::Kind::object: {
      Document to = Document::object();
      for (const auto& [name, value] : from.members)
        to[name] = convert(value);
      return to;
    }
  }
  return nullptr;
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  for (const auto& [member, value] : members)
    if (member == name) return &value;
  return nullptr;
}

std::string Json::dump() const {
  return convert(*this).dump(-1, ' ', false, Document::error_handler_t::replace);
}

std::optional<Json> parse_json(std::string_view text, std::string* why) {
  try {
    return convert(Document::parse(text));
  } catch (const nlohmann::json::exception& error) {
    if (why != nullptr) *why = error.what();
    return std::nullopt;
  }
}

}  // namespace eventflux::base
