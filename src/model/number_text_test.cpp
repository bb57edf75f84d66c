#include "model/number_text.hpp"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "eventflux/value.hpp"

namespace eventflux::model {
namespace {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();

}  // namespace

TEST_CASE("integers are exact up to both ends, whatever they are written like") {
  CHECK(read_integer("+12").value == 12);
  CHECK(read_integer("-0.0").value == 0);
  CHECK(read_integer("1.5e3").value == 1500);
  CHECK(read_integer("120e-1").value == 12);
  CHECK(read_integer("9223372036854775807.0").value == int64_max);
  CHECK(read_integer("-9223372036854775808e0").value == int64_min);
  CHECK(read_integer("9223372036854775808").fault == NumberFault::out_of_range);
  CHECK(read_integer("1e99999999999").fault == NumberFault::out_of_range);
  CHECK(read_integer("0e99999999999").value == 0);
  CHECK(read_integer("1.5").fault == NumberFault::has_fraction);
  CHECK(read_integer("1e-400").fault == NumberFault::has_fraction);
  for (const char* text :
       {"", "+", "-", ".", "1.5e", "e5", "1x", "--1", "+-1", " 1", "nan", "0x10"})
    CHECK(read_integer(text).fault == NumberFault::not_a_number);
}

TEST_CASE("a scaled number is cut, not rounded, and exact before that") {
  CHECK(read_scaled("1700000000.25", 6).value == 1'700'000'000'250'000);
  CHECK(read_scaled("9007199254740993", 3).value == 9'007'199'254'740'993'000);
  CHECK(read_scaled("1999", -3).value == 1);
  CHECK(read_scaled("-1999", -3).value == -1);
  CHECK(read_scaled("1", -3).value == 0);
  CHECK(read_scaled("99999999999999999", 3).fault == NumberFault::out_of_range);
}

TEST_CASE("floating-point text is rounded once, and zero when it is too small") {
  CHECK(read_double(".5").value == 0.5);
  CHECK(read_double("+5.").value == 5.0);
  CHECK(read_double("1e-400").value == 0.0);
  CHECK(std::signbit(read_double("-1e-400").value));
  CHECK(read_double("0.000000000000000001e-310").value == 0.0);
  CHECK(read_double("1e400").fault == NumberFault::out_of_range);
  CHECK(std::isnan(read_double("NaN").value));
  CHECK(read_double("-INF").value == -std::numeric_limits<double>::infinity());
  CHECK(read_double("infinity").value == std::numeric_limits<double>::infinity());
  for (const char* text : {"", "nan(1)", "infinit", "1e", "--1", "+-1", "0x1p3", "."})
    CHECK(read_double(text).fault == NumberFault::not_a_number);
  // As a double it would be half-way between two floats.
  CHECK(read_float("1.00000005960464477540").value == std::nextafterf(1.0F, 2.0F));
  CHECK(read_float("1e39").fault == NumberFault::out_of_range);
}

TEST_CASE("values in text follow the same rules") {
  CHECK(parse_value("12.0", Type::int32).error().code == Code::wrong_type);
  CHECK(parse_value("1e300", Type::float32).error().code == Code::out_of_range);
  CHECK(parse_value("99999999999999999", Type::timestamp).error().code == Code::out_of_range);
  CHECK(parse_value("-1500", Type::timestamp).value() == Value(Timestamp{-1'500'000}));
}

}  // namespace eventflux::model
