#include <algorithm>

#include <doctest/doctest.h>

#include "extensions/testing/collecting_emitter.hpp"
#include "extensions/testing/host.hpp"

namespace eventflux::connectors::generator {

void register_extension(Registry& registry);

namespace {

using Rows = testing::CollectingEmitter;

struct Fixture {
  testing::Host host{register_extension};

  /// Each pause takes as long as was asked.
  std::string run(const ParamValues& values, Rows& out) {
    out.on_pause = host.passing_time();
    return host.run(values, out);
  }
};

const Schema all{{{"n", Type::int64},
                  {"u", Type::int32},
                  {"g", Type::float64},
                  {"w", Type::float64},
                  {"c", Type::string},
                  {"id", Type::string}}};
const ParamValues columns{{"rate", "0"},          {"u", "uniform(1, 6)"}, {"g", "normal(10,2)"},
                          {"w", "walk(100,0.5)"}, {"c", "choice(a|b|c)"}, {"id", "uuid"}};

std::string generate(ParamValues values, std::size_t rows,
                     const std::optional<Cursor>& cursor = {}) {
  Fixture fixture;
  Rows out(all);
  if (cursor) out.cursors[""] = *cursor;
  values.push_back({"count", std::to_string(rows)});
  CHECK(fixture.run(values, out) == "EF0505");
  return out.text();
}

}  // namespace

TEST_CASE("the same seed makes the same rows, another one others") {
  const std::string rows = generate(columns, 3000);
  CHECK(rows == generate(columns, 3000));
  ParamValues other = columns;
  other.push_back({"seed", "7"});
  CHECK(rows != generate(other, 3000));
}

TEST_CASE("a run that goes on at row n makes the rows of one that began at 0") {
  const std::string whole = generate(columns, 2000);
  for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{777}, std::uint64_t{1999}}) {
    const std::string rest = generate(columns, 2000, Cursor{{}, std::to_string(n), n});
    CHECK(whole.ends_with(rest));
    CHECK(std::count(rest.begin(), rest.end(), '\n') == static_cast<std::ptrdiff_t>(2000 - n));
  }
}

TEST_CASE("values look like their distributions") {
  Fixture fixture;
  Rows out(all);
  ParamValues values = columns;
  values.push_back({"count", "20000"});
  CHECK(fixture.run(values, out) == "EF0505");
  double sum = 0;
  double step_max = 0;
  const Column uniform = out.column(1);
  const Column normal = out.column(2);
  const Column walk = out.column(3);
  CHECK(walk.at<double>(0) == 100);
  for (std::uint32_t row = 0; row < 20000; ++row) {
    CHECK((uniform.at<std::int32_t>(row) >= 1 && uniform.at<std::int32_t>(row) <= 6));
    sum += normal.at<double>(row);
    if (row > 0)
      step_max = std::max(step_max, std::abs(walk.at<double>(row) - walk.at<double>(row - 1)));
  }
  CHECK(sum / 20000 == doctest::Approx(10).epsilon(0.01));
  CHECK(step_max < 2);
  CHECK(out.column(5).at<Text>(0).view()[14] == '4');
}

TEST_CASE("rows come at their rate") {
  Fixture fixture;
  Rows out({{{"n", Type::int64}, {"t", Type::timestamp}}});
  CHECK(fixture.run({{"rate", "2/s"}, {"count", "3"}}, out) == "EF0505");
  CHECK(out.text() ==
        "0\t1970-01-01T00:00:00Z\n1\t1970-01-01T00:00:00.500Z\n2\t1970-01-01T00:00:01Z\n");
}

TEST_CASE("columns get what suits their type, and nothing else") {
  Fixture fixture;
  Rows plain({{{"s", Type::string},
               {"b", Type::boolean},
               {"j", Type::json},
               {"f", Type::float32},
               {"d", Type::duration}}});
  CHECK(fixture.run({{"rate", "0"}, {"count", "1"}}, plain) == "EF0505");
  CHECK(plain.text().starts_with("0\t"));
  const auto refused = [&](const char* column, const char* text) {
    Rows out(all);
    return fixture.run({{column, text}}, out);
  };
  CHECK(refused("x", "uuid") == "EF0203");
  CHECK(refused("n", "uuid") == "EF0206");
  CHECK(refused("c", "uniform(1,2)") == "EF0206");
  CHECK(refused("n", "now") == "EF0206");
  CHECK(refused("n", "uniform(2,1)") == "EF0303");
  CHECK(refused("n", "dice(6)") == "EF0303");
  CHECK(refused("n", "choice(1|x)") == "EF0604");
  Rows lost(all);
  lost.cursors[""] = Cursor{{}, "nonsense", 0};
  CHECK(fixture.run({}, lost) == "EF0551");
}

}  // namespace eventflux::connectors::generator
