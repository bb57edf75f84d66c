#include "eventflux/extension.hpp"

#include "document.hpp"

namespace eventflux::functions::json {
namespace {

using Found = std::optional<std::string_view>;

Found member_text(Arena& arena, std::string_view document, std::string_view name) {
  const Found value = find_member(document, name, arena);
  return value ? as_text(*value, arena) : value;
}

Found element_text(Arena& arena, std::string_view document, std::int64_t index) {
  const Found value = find_element(document, index);
  return value ? as_text(*value, arena) : value;
}

// A function over text is one over JSON documents as well: both are stored alike.
void add(Registry& registry, ScalarFunction function, Type result) {
  function.result = result;
  for (const Type document : {Type::json, Type::string}) {
    function.arguments[0] = document;
    registry.function(function);
  }
}

}  // namespace

void register_extension(Registry& registry) {
  add(registry,
      scalar_function("json_get", "Member of an object, as JSON; NULL when there is none.",
                      [](Arena& arena, std::string_view document, std::string_view name) {
                        return find_member(document, name, arena);
                      }),
      Type::json);
  add(registry,
      scalar_function("json_get", "Element of an array, from 0; below zero, from the end.",
                      [](std::string_view document, std::int64_t index) {
                        return find_element(document, index);
                      }),
      Type::json);
  add(registry,
      scalar_function("json_get_text", "Member of an object, as text; NULL for null.",
                      [](Arena& arena, std::string_view document, std::string_view name) {
                        return member_text(arena, document, name);
                      }),
      Type::string);
  add(registry,
      scalar_function("json_get_text", "Element of an array, as text; NULL for null.",
                      [](Arena& arena, std::string_view document, std::int64_t index) {
                        return element_text(arena, document, index);
                      }),
      Type::string);
}

}  // namespace eventflux::functions::json
