// Rows that leave do not depend on how rows were cut into batches, nor on where a checkpoint was
// taken and memory was lost: what comes after shows that the state was the same.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "engine/compile.hpp"
#include "testkit/session.hpp"

namespace eventflux {
namespace {

constexpr std::string_view program = R"(
CREATE STREAM S (k STRING, x BIGINT);
CREATE STREAM T (k STRING, x BIGINT, t TIMESTAMP, WATERMARK FOR t AS t - 2 SECONDS);
CREATE STREAM Merged (k STRING, x BIGINT);
INSERT INTO Merged SELECT k, x FROM S WHERE x % 3 <> 0;
INSERT INTO Merged SELECT upper(k), x * 2 FROM S WHERE x > 4;
INSERT INTO Running SELECT k, sum(x) AS total, count(*) AS n FROM Merged GROUP BY k;
INSERT INTO Last SELECT k, min(x) AS least, avg(x) AS mean FROM Merged WINDOW LENGTH(5) GROUP BY k;
INSERT INTO PerKey SELECT k, max(x) AS most FROM S WINDOW LENGTH(3) PER (k) GROUP BY k;
INSERT INTO Runs SELECT k, sum(x) AS total FROM Merged WINDOW LENGTH_BATCH(4) GROUP BY k;
INSERT INTO KeyRuns SELECT k, first(x) AS f FROM S WINDOW LENGTH_BATCH(2) PER (k) GROUP BY k;
INSERT INTO Arrival
SELECT k, count(*) AS n, window_end FROM S WINDOW TUMBLING(1 SECOND) GROUP BY k ORDER BY n DESC, k LIMIT 3;
INSERT INTO Events SELECT k, sum(x) AS total, window_end FROM T WINDOW TUMBLING(5 SECONDS) GROUP BY k;
INSERT INTO Hops SELECT k, sum(x) AS total, min(x) AS least, window_end
FROM T WINDOW HOPPING(6 SECONDS, 2 SECONDS) GROUP BY k;
INSERT INTO KeyHops SELECT count(*) AS n, window_end FROM S WINDOW HOPPING(2 SECONDS, 1 SECOND) PER (k);
INSERT INTO HopRows SELECT k, x FROM T WINDOW HOPPING(6 SECONDS, 3 SECONDS) ORDER BY x DESC LIMIT 2;
INSERT INTO Sessions SELECT k, count(*) AS n, max(x) AS most, window_start, window_end
FROM T WINDOW SESSION(2 SECONDS) GROUP BY k;
INSERT INTO SessionRows SELECT k, x, window_end FROM S WINDOW SESSION(300 MS) PER (k);
INSERT INTO United SELECT k, x FROM Merged UNION ALL SELECT k, total FROM Running UNION ALL SELECT k, least FROM Last;
INSERT INTO UnitedRuns SELECT count(*) AS n, first(x) AS f, last(x) AS l FROM United WINDOW LENGTH_BATCH(3);
INSERT EXPIRED EVENTS INTO Gone SELECT k, x FROM S WINDOW LENGTH(3) PER (k);
INSERT ALL EVENTS INTO Changes SELECT k, x, sum(x) AS total, max(x) AS most FROM Merged WINDOW LENGTH(4) WHERE x > 1 GROUP BY k;
INSERT ALL EVENTS INTO Batches SELECT k, sum(x) AS total, window_end FROM T WINDOW TUMBLING(3 SECONDS) GROUP BY k;
INSERT EXPIRED EVENTS INTO GoneRuns SELECT k, x FROM S WINDOW LENGTH_BATCH(3) PER (k);
INSERT EXPIRED EVENTS INTO GoneSessions SELECT k, count(*) AS n FROM S WINDOW SESSION(200 MS) GROUP BY k;
INSERT INTO Both SELECT k, x FROM S UNION ALL SELECT k, x FROM T;
INSERT INTO Closed SELECT count(*) AS n, window_end FROM Both WINDOW TUMBLING(2 SECONDS);
INSERT INTO Mixed SELECT n AS x FROM Closed UNION ALL SELECT x FROM Both;
INSERT INTO Best SELECT max(total) AS best FROM Events WINDOW TUMBLING(5 SECONDS);
)";

/// A row of S or T, and when it arrives.
struct Arrival {
  std::string stream;
  testkit::InputRow row;
};

std::vector<Arrival> random_rows(Rng& rng, std::size_t count) {
  std::vector<Arrival> rows;
  std::int64_t now = 0;
  for (std::size_t i = 0; i < count; ++i) {
    now += static_cast<std::int64_t>(rng.below(3)) * 100'000;
    Value key = rng.below(12) == 0 ? Value() : Value(std::string(1, "abcd"[rng.below(4)]));
    Value number;
    if (rng.below(10) != 0) number = static_cast<std::int64_t>(rng.below(10));
    if (rng.below(3) != 0) {
      rows.push_back({"S", {{key, number}, Timestamp{now}}});
      continue;
    }
    const auto behind = static_cast<std::int64_t>(rng.below(40)) * 100'000;
    rows.push_back({"T", {{key, number, Timestamp{now * 3 - behind}}, Timestamp{now}}});
  }
  return rows;
}

/// How the rows are handed over: at most so many at a time, of one stream.
struct Cutting {
  testkit::Cut cut = testkit::Cut::natural;
  std::uint64_t longest = 1;
  bool crashes = false;
};

void take(testkit::Session& session, std::vector<std::string>& rows) {
  for (const testkit::OutputRow& row : session.take_output()) {
    std::string line = row.stream + "@" + std::to_string(row.at.us);
    const Schema& schema = session.stream(row.stream).value()->schema;
    for (std::size_t i = 0; i < row.values.size(); ++i)
      line += "|" + to_text(row.values[i], schema.fields[i].type);
    rows.push_back(std::move(line));
  }
}

/// Rows of each stream in their order; streams by name, for their order among each other is free.
std::vector<std::string> by_stream(std::vector<std::string> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const std::string& a, const std::string& b) {
    return a.substr(0, a.find('@')) < b.substr(0, b.find('@'));
  });
  return rows;
}

std::vector<std::string> play(const std::vector<Arrival>& rows, const Cutting& cutting, Rng rng) {
  Registry registry;
  register_extensions(registry);
  engine::Compiled compiled = engine::compile(program, registry, {.durable = true});
  REQUIRE(compiled.ok());
  auto session = testkit::Session::open(std::move(compiled.plan), {.cut = cutting.cut}).value();
  std::vector<std::string> left;
  for (std::size_t first = 0; first < rows.size();) {
    const std::size_t most = 1 + rng.below(cutting.longest);
    std::vector<testkit::InputRow> part;
    std::size_t last = first;
    for (; last < rows.size() && last - first < most && rows[last].stream == rows[first].stream;
         ++last)
      part.push_back(rows[last].row);
    session->send(rows[first].stream, part).value();
    first = last;
    take(*session, left);
    if (!cutting.crashes || rng.below(4) != 0) continue;
    session->checkpoint().value();
    session->crash().value();
    take(*session, left);
  }
  session->advance(std::chrono::seconds(2));
  take(*session, left);
  session->end();
  take(*session, left);
  return by_stream(std::move(left));
}

TEST_CASE("200 random cuttings and crashes give the same rows") {
  constexpr std::size_t cuttings = 200;
  for (std::uint64_t seed = 0; seed < cuttings / 10; ++seed) {
    Rng rng(seed);
    const std::vector<Arrival> rows = random_rows(rng, 200);
    const auto expected = play(rows, {testkit::Cut::single, 1, false}, Rng(seed));
    CHECK(expected.size() > 200);
    for (std::uint64_t n = 0; n < 10; ++n) {
      const Cutting cutting{static_cast<testkit::Cut>(n % 3), n < 5 ? 7U : 60U, n % 2 == 1};
      CAPTURE(seed);
      CAPTURE(n);
      const auto found = play(rows, cutting, Rng(seed * 100 + n));
      for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i)
        REQUIRE(found[i] == expected[i]);
      REQUIRE(found.size() == expected.size());
    }
  }
}

}  // namespace
}  // namespace eventflux
