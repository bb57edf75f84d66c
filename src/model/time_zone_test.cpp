#include "eventflux/time_zone.hpp"

#include <doctest/doctest.h>

namespace eventflux {
namespace {

Timestamp at(const char* text) {
  return parse_timestamp(text).value();
}

}  // namespace

TEST_CASE("a zone's rules hold after its last listed change") {
  const TimeZone berlin = TimeZone::find("Europe/Berlin").value();
  CHECK(berlin.name() == "Europe/Berlin");
  for (const char* year : {"1999", "2026", "2037", "2038", "2099", "2500", "9999"}) {
    CHECK(berlin.offset(at((std::string(year) + "-07-01T00:00:00Z").c_str())) ==
          std::chrono::hours(2));
    CHECK(berlin.offset(at((std::string(year) + "-12-01T00:00:00Z").c_str())) ==
          std::chrono::hours(1));
  }
  CHECK(TimeZone::find("UTC").value().offset(at("2050-07-01T00:00:00Z")) == Duration(0));
  CHECK(TimeZone::find("Asia/Kolkata").value().offset(at("2050-07-01T00:00:00Z")) ==
        std::chrono::minutes(330));
}

TEST_CASE("a local time is the earlier of two, or the moment at which it is skipped") {
  const TimeZone berlin = TimeZone::find("Europe/Berlin").value();
  CHECK(berlin.from_local(at("2040-07-01T12:00:00.25Z")) == at("2040-07-01T10:00:00.25Z"));
  CHECK(berlin.from_local(at("2026-10-25T02:30:00Z")) == at("2026-10-25T00:30:00Z"));
  CHECK(berlin.from_local(at("2026-03-29T02:30:00.5Z")) == at("2026-03-29T01:00:00Z"));
  CHECK(to_time({at("2026-07-01T12:00:00Z"), true}, &berlin) == at("2026-07-01T12:00:00Z"));
  CHECK(to_time({at("2026-07-01T12:00:00Z"), false}, &berlin) == at("2026-07-01T10:00:00Z"));
  CHECK(to_time({at("2026-07-01T12:00:00Z"), false}, nullptr) == at("2026-07-01T12:00:00Z"));
}

TEST_CASE("only names of the database are zones, EF0303") {
  for (const char* name :
       {"", "Mars/Olympus", "localtime", "/etc/localtime", "../UTC", ":UTC", "file:UTC"})
    CHECK(code_text(TimeZone::find(name).error().code) == "EF0303");
}

}  // namespace eventflux
