// Operators that run as one give the same rows as the steps that they stand for, each on its own:
// random queries over random rows, with random batches.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "engine/compile.hpp"
#include "testkit/session.hpp"

namespace eventflux {
namespace {

using testkit::Session;

std::string pick(Rng& rng, std::initializer_list<std::string> words) {
  return *(words.begin() + rng.below(words.size()));
}

/// A query over S (k STRING, x BIGINT, t TIMESTAMP), sum and avg of whole numbers so that the order
/// in which values meet does not matter.
std::string random_query(Rng& rng) {
  const std::string filter = pick(rng, {"", "", "[x > 2]", "[k <> 'a']"});
  const std::string window =
      pick(rng, {"", "LENGTH(3)", "LENGTH(7)", "TUMBLING(4 SECONDS)", "LENGTH_BATCH(5)",
                 "HOPPING(6 SECONDS, 2 SECONDS)", "SESSION(2 SECONDS)"});
  const bool batch = !window.empty() && window.find("LENGTH(") == std::string::npos;
  const bool aggregated = rng.below(4) != 0;
  const bool grouped = aggregated && rng.below(3) != 0;
  std::string text = "SELECT ";
  if (!aggregated) text += pick(rng, {"k, x", "x * 2 AS y, upper(k) AS u", "*"});
  if (grouped) text += "k, ";
  if (aggregated) {
    text += pick(rng, {"sum(x) AS a, count(*) AS n", "min(x) AS a, max(x) AS n",
                       "distinct_count(x) AS a, count(x) AS n", "last(x) AS a, avg(x) AS n"});
  }
  if (batch && rng.below(2) == 0) text += ", window_start, window_end";
  text += " FROM S" + filter;
  if (!window.empty()) text += " WINDOW " + window + pick(rng, {"", "", " PER (k)"});
  text += pick(rng, {"", "", " WHERE x <> 4", " WHERE x % 2 = 0 AND k IS NOT NULL"});
  if (grouped) text += " GROUP BY k";
  if (aggregated) text += pick(rng, {"", "", " HAVING n > 1"});
  if (batch && aggregated) text += pick(rng, {"", " ORDER BY a DESC, n LIMIT 2"});
  if (batch && !aggregated) text += pick(rng, {"", " ORDER BY x DESC LIMIT 3"});
  const bool by_row = !batch && !window.empty();
  return (by_row
              ? pick(rng, {"INSERT INTO", "INSERT EXPIRED EVENTS INTO", "INSERT ALL EVENTS INTO"})
              : std::string("INSERT INTO")) +
         " Out " + text + ";";
}

std::vector<testkit::InputRow> random_rows(Rng& rng) {
  std::vector<testkit::InputRow> rows;
  std::int64_t now = 0;
  for (std::size_t i = 0; i < 120; ++i) {
    now += static_cast<std::int64_t>(rng.below(8)) * 100'000;
    Value key = rng.below(10) == 0 ? Value() : Value(std::string(1, "abc"[rng.below(3)]));
    Value number;
    if (rng.below(10) != 0) number = static_cast<std::int64_t>(rng.below(8));
    const auto behind = static_cast<std::int64_t>(rng.below(15)) * 100'000;
    rows.push_back({{key, number, Timestamp{now - behind}}, Timestamp{now}});
  }
  return rows;
}

std::vector<std::string> run(const std::string& query, const std::vector<testkit::InputRow>& rows,
                             bool fuse, Rng rng) {
  Registry registry;
  register_extensions(registry);
  const std::string program =
      "CREATE STREAM S (k STRING, x BIGINT, t TIMESTAMP, WATERMARK FOR t AS t - 1 SECOND);\n" +
      query;
  engine::Compiled compiled = engine::compile(program, registry, {.durable = true, .fuse = fuse});
  REQUIRE(compiled.ok());
  auto session = Session::open(std::move(compiled.plan), {.cut = testkit::Cut::natural}).value();
  std::vector<std::string> left;
  const auto take = [&] {
    for (const testkit::OutputRow& row : session->take_output()) {
      if (row.stream == "S") continue;
      const Schema& schema = session->stream(row.stream).value()->schema;
      std::string line = row.stream;
      for (std::size_t i = 0; i < row.values.size(); ++i)
        line += "|" + to_text(row.values[i], schema.fields[i].type);
      left.push_back(std::move(line));
    }
  };
  for (std::size_t first = 0; first < rows.size();) {
    const std::size_t last = std::min(rows.size(), first + 1 + rng.below(20));
    session
        ->send("S", {rows.begin() + static_cast<std::ptrdiff_t>(first),
                     rows.begin() + static_cast<std::ptrdiff_t>(last)})
        .value();
    first = last;
    take();
    if (rng.below(5) != 0) continue;
    session->checkpoint().value();
    session->crash().value();
    take();
  }
  session->end();
  take();
  // Which of several streams comes first at one row says nothing.
  std::stable_sort(left.begin(), left.end(), [](const std::string& a, const std::string& b) {
    return a.substr(0, a.find('|')) < b.substr(0, b.find('|'));
  });
  return left;
}

std::string random_condition(Rng& rng) {
  const std::string number = std::to_string(static_cast<std::int64_t>(rng.below(10)) - 1);
  const std::string sign = pick(rng, {"=", "<", "<=", ">", ">="});
  return pick(rng, {"k = 'a'", "'b' = k", "k = 'c' AND x > 3", "x > 3 AND k = 'a'",
                    "10 / x > 2 AND k = 'b'", "k = 'b' AND 10 / x > 2", "k <> 'a'",
                    "k = 'longer than twelve characters'", "x = 4 OR k = 'a'"}) +
         pick(rng, {"", " AND x " + sign + " " + number, " AND " + number + " " + sign + " x"});
}

TEST_CASE("fused operators give the rows of the steps that they stand for") {
  constexpr std::uint64_t queries = 400;
  std::size_t total = 0;
  for (std::uint64_t seed = 0; seed < queries; ++seed) {
    Rng rng(seed);
    const std::string query = random_query(rng);
    const auto rows = random_rows(rng);
    CAPTURE(seed);
    CAPTURE(query);
    const auto expected = run(query, rows, false, Rng(seed + 1));
    const auto found = run(query, rows, true, Rng(seed + 2));
    total += expected.size();
    for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i)
      REQUIRE(found[i] == expected[i]);
    REQUIRE(found.size() == expected.size());
  }
  CHECK(total > 10'000);
}

TEST_CASE("filters behind an index give the rows that they give without one") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed);
    std::string queries;
    for (std::size_t i = 0; i < 30; ++i) {
      const std::string condition =
          rng.below(2) == 0
              ? random_condition(rng)
              : "x " + pick(rng, {"=", "<", "<=", ">", ">="}) + ' ' + std::to_string(rng.below(9));
      queries += "INSERT INTO Out" + std::to_string(i) + " SELECT k, x" +
                 pick(rng, {"", ", count(*) AS n"}) + " FROM S WHERE " + condition + ";\n";
    }
    CAPTURE(queries);
    const auto rows = random_rows(rng);
    CHECK(run(queries, rows, false, Rng(seed + 1)) == run(queries, rows, true, Rng(seed + 2)));
  }
}

}  // namespace
}  // namespace eventflux
