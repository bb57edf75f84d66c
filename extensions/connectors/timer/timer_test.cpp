#include <doctest/doctest.h>

#include "extensions/testing/collecting_emitter.hpp"
#include "extensions/testing/host.hpp"

namespace eventflux::connectors::timer {

void register_extension(Registry& registry);

namespace {

using Rows = testing::CollectingEmitter;

struct Fixture {
  testing::Host host{register_extension};

  Fixture() { host.clock.set(Timestamp{250'000}); }

  /// Each pause takes as long as was asked, and `delay` more.
  std::string run(const ParamValues& values, Rows& out, Duration delay = {}) {
    out.on_pause = host.passing_time(delay);
    return host.run(values, out);
  }
};

const Schema all{
    {{"tick", Type::int64}, {"scheduled", Type::timestamp}, {"fired", Type::timestamp}}};

}  // namespace

TEST_CASE("a row comes after each interval until the count is reached") {
  Fixture fixture;
  Rows out(all);
  CHECK(fixture.run({{"interval", "500"}, {"count", "2"}}, out) == "EF0505");
  CHECK(out.text() ==
        "1\t1970-01-01T00:00:00.750Z\t1970-01-01T00:00:00.750Z\n"
        "2\t1970-01-01T00:00:01.250Z\t1970-01-01T00:00:01.250Z\n");
}

TEST_CASE("aligned rows come at whole multiples, as text too") {
  Fixture fixture;
  Rows out({{{"fired", Type::timestamp}, {"tick", Type::string}}});
  out.stop_after = 2;
  CHECK(fixture.run({{"align", "true"}}, out).empty());
  CHECK(out.text() == "1970-01-01T00:00:01Z\ttick\n1970-01-01T00:00:02Z\ttick\n");
}

TEST_CASE("missed ticks are not made up for") {
  Fixture fixture;
  Rows out({{{"scheduled", Type::timestamp}}});
  const ParamValues values{{"align", "true"}, {"count", "2"}};
  CHECK(fixture.run(values, out, std::chrono::seconds(3)) == "EF0505");
  CHECK(out.text() == "1970-01-01T00:00:01Z\n1970-01-01T00:00:04Z\n");
}

TEST_CASE("a timer has three columns and a real interval") {
  Fixture fixture;
  Rows other({{{"x", Type::int64}}});
  CHECK(fixture.run({}, other) == "EF0203");
  Rows wrong({{{"fired", Type::int64}}});
  CHECK(fixture.run({}, wrong) == "EF0206");
  Rows none(all);
  CHECK(fixture.run({{"interval", "0"}}, none) == "EF0303");
}

}  // namespace eventflux::connectors::timer
