#include <limits>

#include <doctest/doctest.h>

#include "../testing.hpp"

namespace eventflux::functions::math {

void register_extension(Registry& registry);

namespace {

constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("rounding is half away from zero, at any digit") {
  Calls call(register_extension);
  CHECK(call("round", {2.5}) == "3.0");
  CHECK(call("round", {-2.5}) == "-3.0");
  CHECK(call("round", {2.345, std::int64_t{2}}) == "2.35");
  CHECK(call("round", {1234.5, std::int64_t{-2}}) == "1200.0");
  CHECK(call("round", {1e300, std::int64_t{10}}) == "1e+300");
  CHECK(call("round", {7}) == "7");
  CHECK(call("round", {std::int64_t{150}, std::int64_t{-2}}) == "200");
  CHECK(call("round", {-149, std::int64_t{-2}}) == "-100");
  CHECK(call("round", {int64_max, std::int64_t{-1}}) == "EF0603");
  CHECK(call("round", {int64_max, std::int64_t{-30}}) == "0");
  CHECK(call("trunc", {-2.7}) == "-2.0");
  CHECK(call("truncate", {2.789, std::int64_t{2}}) == "2.78");
  CHECK(call("trunc", {199, std::int64_t{-2}}) == "100");
  CHECK(call("ceil", {2.1}) == "3.0");
  CHECK(call("ceiling", {5}) == "5");
  CHECK(call("floor", {-2.1F}) == "-3.0");
}

TEST_CASE("signs and magnitudes do not overflow") {
  Calls call(register_extension);
  CHECK(call("abs", {-7}) == "7");
  CHECK(call("abs", {-7.5}) == "7.5");
  CHECK(call("abs", {std::numeric_limits<std::int32_t>::min()}) == "EF0603");
  CHECK(call("abs", {int64_min}) == "EF0603");
  CHECK(call("abs", {Type::int64}) == "null");
  CHECK(call("sign", {-2.5}) == "-1");
  CHECK(call("sign", {0}) == "0");
  CHECK(call("sign", {std::int64_t{9}}) == "1");
}

TEST_CASE("where a function is not defined it is NULL") {
  Calls call(register_extension);
  CHECK(call("sqrt", {9.0}) == "3.0");
  CHECK(call("sqrt", {-1.0}) == "null");
  CHECK(call("ln", {0.0}) == "null");
  CHECK(call("log", {-1.0}) == "null");
  CHECK(call("log", {2.0, 8.0}) == "3.0");
  CHECK(call("log", {1.0, 8.0}) == "null");
  CHECK(call("log10", {1000.0}) == "3.0");
  CHECK(call("log10", {0.0}) == "null");
  CHECK(call("log2", {8.0}) == "3.0");
  CHECK(call("log2", {0.0}) == "null");
  CHECK(call("pow", {2.0, 10.0}) == "1024.0");
  CHECK(call("power", {-8.0, 0.5}) == "null");
  CHECK(call("pow", {0.0, -1.0}) == "null");
  CHECK(call("asin", {2.0}) == "null");
  CHECK(call("acos", {1.0}) == "0.0");
  CHECK(call("sqrt", {std::numeric_limits<double>::quiet_NaN()}) == "NaN");
  CHECK(call("sqrt", {Type::float64}) == "null");
}

TEST_CASE("the remainder of a division has the sign of what is divided") {
  Calls call(register_extension);
  CHECK(call("mod", {-7, 3}) == "-1");
  CHECK(call("mod", {7, 0}) == "null");
  CHECK(call("mod", {int64_min, std::int64_t{-1}}) == "0");
  CHECK(call("mod", {7.5, 2.0}) == "1.5");
  CHECK(call("mod", {7.5, 0.0}) == "null");
}

TEST_CASE("angles, powers and constants") {
  Calls call(register_extension);
  CHECK(call("sin", {0.0}) == "0.0");
  CHECK(call("cos", {0.0}) == "1.0");
  CHECK(call("tan", {0.0}) == "0.0");
  CHECK(call("atan", {0.0}) == "0.0");
  CHECK(call("atan2", {0.0, 1.0}) == "0.0");
  CHECK(call("degrees", {3.141592653589793}) == "180.0");
  CHECK(call("radians", {180.0}) == "3.141592653589793");
  CHECK(call("pi", {}) == "3.141592653589793");
  CHECK(call("exp", {0.0}) == "1.0");
  CHECK(call("cbrt", {27.0}) == "3.0");
}

TEST_CASE("bits move and combine") {
  Calls call(register_extension);
  CHECK(call("bit_and", {12, 10}) == "8");
  CHECK(call("bit_or", {12, 10}) == "14");
  CHECK(call("bit_xor", {std::int64_t{12}, std::int64_t{10}}) == "6");
  CHECK(call("shift_left", {1, std::int64_t{4}}) == "16");
  CHECK(call("shift_left", {1, std::int64_t{32}}) == "0");
  CHECK(call("shift_right", {-16, std::int64_t{2}}) == "-4");
  CHECK(call("shift_right", {std::int64_t{-1}, std::int64_t{64}}) == "-1");
}

TEST_CASE("random numbers depend on seed and row only") {
  Calls call(register_extension);
  const std::string first = call("rand", {});
  CHECK(first == call("rand", {}));
  call.sequence = 1;
  CHECK(first != call("rand", {}));
  call.sequence = 0;
  call.seed = 2;
  CHECK(first != call("rand", {}));
  CHECK_FALSE(call.registry().find_functions("rand")[0]->stable);
}

TEST_CASE("DECIMAL is rounded by its digits, and keeps a type that holds the result") {
  Calls call(register_extension);
  const auto number = [](const char* text) {
    return Argument(Type::decimal_of(6, 3), Value(text));
  };
  CHECK(call("round", {number("1.500")}) == "2");
  CHECK(call("round", {number("-999.500")}) == "-1000");
  CHECK(call("round", {number("1.005"), 2}) == "1.010");
  CHECK(call("round", {number("999.999"), -1}) == "1000.000");
  CHECK(call("round", {number("5.000"), -60}) == "0.000");
  CHECK(call("round", {number("1.005"), 60}) == "1.005");
  CHECK(call("trunc", {number("-1.999")}) == "-1");
  CHECK(call("trunc", {number("-1.999"), 1}) == "-1.900");
  CHECK(call("ceil", {number("-1.999")}) == "-1");
  CHECK(call("ceil", {number("1.001")}) == "2");
  CHECK(call("floor", {number("-1.001")}) == "-2");
  CHECK(call("abs", {number("-1.001")}) == "1.001");
  CHECK(call("sign", {number("-0.001")}) == "-1");
  CHECK(call("mod", {number("-7.500"), number("2.000")}) == "-1.500");
  CHECK(call("mod", {number("7.500"), number("0")}) == "null");
  CHECK(call("round", {Argument(Type::decimal_of(6, 3))}) == "null");
  const std::string most(38, '9');
  CHECK(call("round", {Argument(Type::decimal_of(38, 0), Value(most)), -1}) == "EF0603");
}

}  // namespace eventflux::functions::math
