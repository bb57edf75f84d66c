#include "string.hpp"

namespace eventflux::functions::string {

Error too_long(std::string_view function) {
  return {Code::out_of_range, "the result of " + std::string(function) + " is longer than 1 MiB"};
}

void register_extension(Registry& registry) {
  register_characters(registry);
  register_pieces(registry);
  register_search(registry);
  register_joined(registry);
  register_regex(registry);
}

}  // namespace eventflux::functions::string
