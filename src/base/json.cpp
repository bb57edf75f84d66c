#include "base/json.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

namespace eventflux::base {
namespace {

using Document = nlohmann::ordered_json;

bool is_beyond_int64(const Document& number) {
  return number.is_number_unsigned() &&
         number.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
}

Json convert(const Document& from) {
  Json to;
  if (from.is_boolean()) {
    to.kind = Json::Kind::boolean;
    to.boolean = from.get<bool>();
  } else if (from.is_number_integer() && !is_beyond_int64(from)) {
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
    for (const auto& member : from.items()) {
      to.names.push_back(member.key());
      to.items.push_back(convert(member.value()));
    }
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
      for (std::size_t i = 0; i < from.names.size(); ++i)
        to[from.names[i]] = convert(from.items[i]);
      return to;
    }
  }
  return nullptr;
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
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
