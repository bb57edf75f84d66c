// Programs that a machine writes: the compiler and the operators take them as long as they come.
#include <functional>
#include <string>

#include <doctest/doctest.h>

#include "engine/compile.hpp"
#include "testkit/session.hpp"

namespace eventflux {
namespace {

/// `count` parts made from their numbers, with a word between them.
std::string repeated(int count, const std::string& between,
                     const std::function<std::string(int)>& part) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += (i == 0 ? "" : between) + part(i);
  return text;
}

engine::Compiled compile(const std::string& program) {
  Registry registry;
  register_extensions(registry);
  return engine::compile(program, registry, {.durable = true});
}

/// Sends numbers to stream S and returns the first column of all rows that leave.
std::string run(const std::string& select, const std::vector<std::int64_t>& numbers) {
  Registry registry;
  register_extensions(registry);
  engine::Compiled compiled =
      engine::compile("CREATE STREAM S (x BIGINT, s STRING);\nINSERT INTO Out " + select + ";\n",
                      registry, {.durable = true});
  REQUIRE(compiled.ok());
  auto session = testkit::Session::open(std::move(compiled.plan), {}).value();
  std::vector<testkit::InputRow> rows;
  for (const std::int64_t number : numbers)
    rows.push_back({{Value(number), Value(std::to_string(number))}, Timestamp{0}});
  session->send("S", rows).value();
  std::string text;
  for (const testkit::OutputRow& row : session->take_output())
    text += to_text(row.values[0], Type::int64) + ' ';
  return text;
}

std::string number(int i) {
  return std::to_string(i);
}

constexpr int terms = 10'000;

}  // namespace

TEST_CASE("chains of 10,000 conditions compile and run") {
  const std::string any = repeated(terms, " OR ", [](int i) { return "x = " + number(2 * i); });
  CHECK(run("SELECT x FROM S WHERE " + any, {-2, 0, 7, 8, 19'998, 20'000}) == "0 8 19998 ");
  const std::string all = repeated(terms, " AND ", [](int i) { return "x <> " + number(2 * i); });
  CHECK(run("SELECT x FROM S WHERE " + all, {-2, 0, 7, 8, 19'998, 20'000}) == "-2 7 20000 ");
  const std::string mixed = repeated(terms / 2, " OR ", [](int i) {
    return "x >= " + number(3 * i) + " AND x < " + number(3 * i + 1);
  });
  CHECK(run("SELECT x FROM S WHERE " + mixed, {0, 1, 14'997, 14'998}) == "0 14997 ");
}

TEST_CASE("chains of 10,000 calls share what they have in common") {
  const std::string any =
      repeated(terms, " OR ", [](int i) { return "upper(s) = '" + number(2 * i) + "'"; });
  CHECK(run("SELECT x FROM S WHERE " + any, {1, 2, 19'998}) == "2 19998 ");
}

TEST_CASE("lists of 10,000 values and CASE of 2,000 branches compile and run") {
  const std::string list = repeated(terms, ", ", [](int i) { return number(2 * i); });
  CHECK(run("SELECT x FROM S WHERE x IN (" + list + ")", {1, 2, 19'998}) == "2 19998 ");
  const std::string branches = repeated(
      2'000, " ", [](int i) { return "WHEN x = " + number(i) + " THEN " + number(i) + " + x"; });
  CHECK(run("SELECT CASE " + branches + " ELSE -1 END AS y FROM S", {1, 1'999, 2'000}) ==
        "2 3998 -1 ");
}

TEST_CASE("1,000 queries compile, on one stream and on a stream each") {
  const std::string own = repeated(1'000, "", [](int i) {
    const std::string n = number(i);
    return "CREATE STREAM S" + n + " (x INT);\nINSERT INTO O" + n + " SELECT x FROM S" + n +
           " WHERE x > " + n + ";\n";
  });
  CHECK(compile(own).ok());
  const std::string one = repeated(1'000, "", [](int i) {
    return "INSERT INTO O" + number(i) + " SELECT x FROM S WHERE x > " + number(i) + ";\n";
  });
  CHECK(compile("CREATE STREAM S (x INT);\n" + one).ok());
  const std::string row = repeated(1'000, "", [](int i) {
    return "INSERT INTO S" + number(i + 1) + " SELECT x FROM S" + number(i) + ";\n";
  });
  CHECK(compile("CREATE STREAM S0 (x INT);\n" + row).ok());
}

}  // namespace eventflux
