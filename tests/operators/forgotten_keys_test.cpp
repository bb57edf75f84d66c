// Windows forget keys that have nothing open: numbers of keys are given out again, also across
// crashes, and no window is lost or mixed with another.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/compile.hpp"
#include "testkit/session.hpp"

namespace eventflux {
namespace {

constexpr std::string_view program = R"(
CREATE STREAM S (k STRING, x BIGINT, t TIMESTAMP, WATERMARK FOR t AS t);
INSERT INTO Out SELECT k, sum(x) AS total FROM S WINDOW SESSION(1 SECOND) GROUP BY k;
INSERT INTO Hops SELECT k, sum(x) AS total FROM S WINDOW HOPPING(2 SECONDS, 1 SECOND) PER (k) GROUP BY k;
INSERT EXPIRED EVENTS INTO Gone SELECT k, x AS total FROM S WINDOW TUMBLING(1 SECOND) PER (k);
)";

/// Sends two rows for each of 6,000 keys, which come and do not return; returns what left, line by
/// line.
std::vector<std::string> run(bool crashes) {
  Registry registry;
  register_extensions(registry);
  engine::Compiled compiled = engine::compile(program, registry, {.durable = true});
  REQUIRE(compiled.ok());
  auto session = testkit::Session::open(std::move(compiled.plan), {}).value();
  std::vector<std::string> left;
  const auto take = [&] {
    for (const testkit::OutputRow& row : session->take_output()) {
      if (row.stream == "S") continue;
      left.push_back(row.stream + ' ' + to_text(row.values[0], Type::string) + ' ' +
                     to_text(row.values[1], Type::int64));
    }
  };
  constexpr std::int64_t keys = 6000;
  for (std::int64_t first = 0; first < keys; first += 300) {
    std::vector<testkit::InputRow> rows;
    for (std::int64_t key = first; key < first + 300; ++key) {
      const Value name("key " + std::to_string(key));
      rows.push_back({{name, key, Timestamp{key * 5'000}}, Timestamp{0}});
      rows.push_back({{name, std::int64_t{1}, Timestamp{key * 5'000}}, Timestamp{0}});
    }
    session->send("S", rows).value();
    take();
    if (!crashes) continue;
    session->checkpoint().value();
    session->crash().value();
    take();
  }
  session->end();
  take();
  return left;
}

std::size_t lines_of(const std::vector<std::string>& lines, std::string_view stream) {
  std::size_t count = 0;
  for (const std::string& line : lines)
    count += line.starts_with(stream) ? 1 : 0;
  return count;
}

TEST_CASE("keys that do not return are forgotten, and nothing of them is lost") {
  const auto whole = run(false);
  CHECK(lines_of(whole, "Out ") == 6000);
  CHECK(lines_of(whole, "Hops ") == 12'000);
  CHECK(lines_of(whole, "Gone ") >= 11'000);
  for (const std::string& line : whole) {
    if (!line.starts_with("Out ")) continue;
    const std::size_t last = line.rfind(' ');
    const std::int64_t key = std::stoll(line.substr(8, last - 8));
    REQUIRE(line.substr(last + 1) == std::to_string(key + 1));
  }
  const auto resumed = run(true);
  REQUIRE(resumed.size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i)
    REQUIRE(resumed[i] == whole[i]);
}

}  // namespace
}  // namespace eventflux
