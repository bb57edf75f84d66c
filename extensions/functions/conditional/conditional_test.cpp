#include <limits>

#include <doctest/doctest.h>

#include "../testing.hpp"

namespace eventflux::functions::conditional {

void register_extension(Registry& registry);

TEST_CASE("the first value that is not NULL is taken") {
  Calls call(register_extension);
  CHECK(call("coalesce", {Type::string, "a long text of many bytes", "b"}) ==
        "a long text of many bytes");
  CHECK(call("coalesce", {Type::int64}) == "null");
  CHECK(call("ifnull", {Type::float64, 1.5}) == "1.5");
  CHECK(call("default", {2, 3}) == "2");
  CHECK(call("coalesce", {1, "x"}) == "no such function");
  CHECK(call("coalesce", {}) == "no such function");
}

TEST_CASE("nullif compares by value") {
  Calls call(register_extension);
  CHECK(call("nullif", {"a text that is longer", "a text that is longer"}) == "null");
  CHECK(call("nullif", {1, 2}) == "1");
  CHECK(call("nullif", {Type::int32, 2}) == "null");
  CHECK(call("nullif", {1, Type::int32}) == "1");
  CHECK(call("nullif", {Timestamp{1}, Timestamp{1}}) == "null");
}

TEST_CASE("extremes skip NULL, and NaN is greater than all") {
  Calls call(register_extension);
  CHECK(call("greatest", {1, Type::int32, 3, 2}) == "3");
  CHECK(call("maximum", {"b", "abc"}) == "b");
  CHECK(call("least", {1.5, Type::float64, -2.0}) == "-2.0");
  CHECK(call("minimum", {true, false}) == "false");
  CHECK(call("greatest", {1.0, std::numeric_limits<double>::quiet_NaN()}) == "NaN");
  CHECK(call("least", {1.0F, std::numeric_limits<float>::quiet_NaN()}) == "1.0");
  CHECK(call("least", {Type::int64, Type::int64}) == "null");
}

TEST_CASE("if takes the second value unless the condition is TRUE") {
  Calls call(register_extension);
  CHECK(call("if", {true, 1, 2}) == "1");
  CHECK(call("if", {false, 1, 2}) == "2");
  CHECK(call("if", {Type::boolean, "a", "b"}) == "b");
  CHECK(call("if", {true, Type::int32, 2}) == "null");
  CHECK(call("if", {1, 1, 2}) == "no such function");
}

}  // namespace eventflux::functions::conditional
