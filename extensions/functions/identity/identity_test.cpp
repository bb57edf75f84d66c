#include <doctest/doctest.h>

#include "../testing.hpp"

namespace eventflux::functions::identity {

void register_extension(Registry& registry);

TEST_CASE("a hash depends on values and order, not on the width of a number") {
  Calls call(register_extension);
  CHECK(call("hash", {"a"}) == call("hash", {"a"}));
  CHECK(call("hash", {"a", "b"}) != call("hash", {"b", "a"}));
  CHECK(call("hash", {"ab"}) != call("hash", {"a", "b"}));
  CHECK(call("hash", {7}) == call("hash", {std::int64_t{7}}));
  CHECK(call("hash", {7}) == call("hash", {7.0}));
  CHECK(call("hash", {0.0}) == call("hash", {-0.0}));
  CHECK(call("hash", {0.5F}) == call("hash", {0.5}));
  CHECK(call("hash", {Type::int32}) != call("hash", {0}));
  CHECK(call("hash", {true}) != call("hash", {false}));
  CHECK(call("hash", {}) == "no such function");
}

TEST_CASE("a hash is the same in every version") {
  Calls call(register_extension);
  CHECK(call("hash", {"IBM", 42}) == call("hash", {"IBM", std::int64_t{42}}));
  CHECK(call("hash", {"IBM"}) == "-944630870378261999");
}

TEST_CASE("a uuid depends on seed and row and looks like one") {
  Calls call(register_extension);
  const std::string first = call("uuid", {});
  CHECK(first.size() == 36);
  CHECK(first[14] == '4');
  CHECK(std::string("89ab").find(first[19]) != std::string::npos);
  CHECK(first == call("uuid", {}));
  call.sequence = 1;
  CHECK(first != call("uuid", {}));
}

TEST_CASE("types go by all their names") {
  Calls call(register_extension);
  CHECK(call("instance_of", {1, "INT"}) == "true");
  CHECK(call("instance_of", {1, "integer"}) == "true");
  CHECK(call("instance_of", {1, "BIGINT"}) == "false");
  CHECK(call("instance_of", {Type::int32, "INT"}) == "null");
  CHECK(call("instance_of", {1, "NUMBER"}) == "EF0604");
}

}  // namespace eventflux::functions::identity
