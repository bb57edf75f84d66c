// Any payload of a json source becomes rows or an error, the same each time.
#include "tests/fuzz/decoder_fuzz.hpp"

namespace eventflux::mappers::json {
void register_extension(Registry& registry);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eventflux;
  static const std::vector<FieldSpec> fields = fuzz::columns();
  static const Schema schema = fuzz::schema_of(fields);
  static const auto decoder = [] {
    Registry registry;
    mappers::json::register_extension(registry);
    return registry.find_mapper("json")->decoder({}, {.fields = fields}).value();
  }();
  static BatchBuilder rows(schema);
  fuzz::decode_twice(*decoder, rows, schema, data, size);
  return 0;
}
