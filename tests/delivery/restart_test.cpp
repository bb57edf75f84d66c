// What a second run makes of the state that the first one left: event time, and changes of the
// text.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"

namespace eventflux {
namespace {

constexpr std::int64_t second = 1'000'000;

/// A state directory, and runs of programs over it.
class Runs {
 public:
  Runs() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }

  ~Runs() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;

  struct Input {
    std::string stream;
    std::int64_t seconds;
  };

  /// Runs a program over rows of one TIMESTAMP and returns the rows of Out, as text.
  Result<std::vector<std::string>> run(const std::string& program,
                                       const std::vector<Input>& inputs) {
    VirtualClock clock(Timestamp{now_});
    const Engine engine =
        Engine::open({.state_dir = path_, .shards = 0, .seed = 1, .clock = &clock}).value();
    EF_TRY(App app, engine.load("@app(name='restart') " + program));
    std::vector<std::string> rows;
    EF_TRY(const Subscription out, app.subscribe("Out", [&](const Batch& batch) {
      for (std::uint32_t row = 0; row < batch.size(); ++row) {
        std::string text;
        for (std::size_t c = 0; c < batch.columns.size(); ++c)
          text +=
              (c == 0 ? "" : " ") + std::to_string(batch.integer(row, c) / (c == 0 ? second : 1));
        rows.push_back(text);
      }
    }));
    EF_CHECK(app.start());
    for (const Input& input : inputs) {
      EF_TRY(Publisher publisher, app.publisher(input.stream));
      EF_CHECK(publisher.send({Value(Timestamp{input.seconds * second})}));
    }
    EF_CHECK(app.stop());
    return rows;
  }

 private:
  std::string path_ = std::filesystem::temp_directory_path() / "eventflux-restart-XXXXXX";
  std::int64_t now_ = 1'800'000'000 * second;
};

using Rows = std::vector<std::string>;

std::string stream(const std::string& name) {
  return "CREATE STREAM " + name + " (t TIMESTAMP, WATERMARK FOR t AS t); ";
}

std::string windows_over(const std::string& name) {
  return "INSERT INTO Out SELECT window_start AS w, count(*) AS n FROM " + name +
         " WINDOW TUMBLING(10 SECONDS); ";
}

TEST_CASE("clocks are restored by the name of their stream, not by position") {
  Runs runs;
  const std::string queries = windows_over("A") + "INSERT INTO Rest SELECT t FROM B; ";
  CHECK(runs.run(stream("A") + stream("B") + queries, {{"A", 5}, {"B", 1000}}).value() == Rows{});
  // B is at 1,000 s. If A took its clock, the rows of A would be late.
  CHECK(runs.run(stream("B") + stream("A") + queries, {{"A", 6}, {"A", 12}}).value() ==
        Rows{"0 2"});
}

TEST_CASE("a stream with a watermark may come and go between two runs") {
  Runs runs;
  CHECK(runs.run(stream("A") + windows_over("A"), {{"A", 5}}).value() == Rows{});
  const std::string more = stream("New") + stream("A") + windows_over("A");
  CHECK(runs.run(more, {{"New", 500}, {"A", 6}, {"A", 12}}).value() == Rows{"0 2"});
  CHECK(runs.run(stream("A") + windows_over("A"), {{"A", 25}}).value() == Rows{"10 1"});
}

TEST_CASE("a new query starts empty, and the others go on") {
  Runs runs;
  CHECK(runs.run(stream("A") + windows_over("A"), {{"A", 5}}).value() == Rows{});
  const std::string counted =
      stream("A") + windows_over("A") + "INSERT INTO Sum SELECT count(*) AS n FROM A; ";
  CHECK(runs.run(counted, {{"A", 6}, {"A", 12}}).value() == Rows{"0 2"});
}

TEST_CASE("the state of a query that is gone waits for it to come back") {
  Runs runs;
  const std::string other = "INSERT INTO Rest SELECT t FROM A; ";
  const std::string nothing = stream("A") + "CREATE STREAM Out (t TIMESTAMP); " + other;
  CHECK(runs.run(stream("A") + windows_over("A") + other, {{"A", 5}}).value() == Rows{});
  CHECK(runs.run(nothing, {{"A", 6}}).value() == Rows{});
  CHECK(runs.run(stream("A") + windows_over("A") + other, {{"A", 12}}).value() == Rows{"0 1"});
}

TEST_CASE("a query that changed is refused by name, with the difference: EF0705") {
  Runs runs;
  CHECK(runs.run(stream("A") + windows_over("A"), {{"A", 5}}).value() == Rows{});
  const auto changed = runs.run(stream("A") +
                                    "INSERT INTO Out SELECT window_start AS w, count(*) AS n "
                                    "FROM A WINDOW TUMBLING(20 SECONDS);",
                                {});
  REQUIRE_FALSE(changed.ok());
  CHECK(code_text(changed.error().code) == "EF0705");
  CHECK(changed.error().message.find("query into Out") != std::string::npos);
  CHECK(changed.error().message.find("TUMBLING(20") != std::string::npos);
  // A column that no query uses changes nothing.
  const std::string wider =
      "CREATE STREAM A (t TIMESTAMP, unused BIGINT, WATERMARK FOR t AS t); " + windows_over("A");
  CHECK(runs.run(wider, {}).ok());
}

}  // namespace
}  // namespace eventflux
