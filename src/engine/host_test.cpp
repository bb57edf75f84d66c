// What a host can ask of programs, apps and state directories: all that the command line does, too.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"
#include "eventflux/state_directory.hpp"

using namespace eventflux;

namespace {

/// A folder that goes with the test.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ef-host-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }

  ~Folder() { std::filesystem::remove_all(path); }

  std::string path;
};

constexpr std::string_view counting = R"(
  @app(name = 'counting')
  CREATE STREAM Trades (symbol STRING, price BIGINT);
  INSERT INTO Totals SELECT symbol, count(*) AS n, price + 9223372036854775000 AS far
  FROM Trades WHERE price > -1 GROUP BY symbol;
)";

const OperatorStatus* find(const AppStatus& status, std::string_view label) {
  for (const OperatorStatus& op : status.operators)
    if (op.label == label) return &op;
  return nullptr;
}

}  // namespace

TEST_CASE("a program says what is wrong with it, for people and for programs") {
  const Engine engine = Engine::open().value();
  const Program program =
      engine.compile("CREATE STREAM S (x INT);\nSELECT y FROM S;", {.file = "wrong.efql"});
  REQUIRE(!program.ok());
  REQUIRE(program.diagnostics().size() == 1);
  const Diagnostic& found = program.diagnostics()[0];
  CHECK(found.error.code == program.error().code);
  CHECK(found.text.find("wrong.efql:2:8") != std::string::npos);
  CHECK(found.json.find(R"("line":1)") != std::string::npos);
  CHECK(engine.load(program).error().code == program.error().code);
}

TEST_CASE("a diagnostic quotes no secret, also of a text that does not parse") {
  const Engine engine = Engine::open().value();
  const std::string source =
      "@source(type='websocket', url='ws://localhost', headers.Authorization = 'Bearer abc''def', "
      "headers.x='${env.TOKEN}')";
  for (const std::string rest : {" CREATE STREAM S (x INT, y NOPE);", " CREATE CREATE"}) {
    const Program program = engine.compile(source + rest);
    REQUIRE(!program.ok());
    std::string all;
    for (const Diagnostic& found : program.diagnostics())
      all += found.text + found.json;
    CHECK(all.find("ws://localhost") != std::string::npos);
    CHECK(all.find("Authorization = '***************'") != std::string::npos);
    CHECK(all.find("abc") == std::string::npos);
    CHECK(all.find("${env.TOKEN}") != std::string::npos);
  }
  const Formatted formatted = format_program(source + " CREATE CREATE");
  REQUIRE(!formatted.diagnostics.empty());
  CHECK(formatted.diagnostics[0].text.find("abc") == std::string::npos);
}

TEST_CASE("a program lists its streams and explains itself") {
  const Engine engine = Engine::open({.state_dir = "unused"}).value();
  const Program program = engine.compile(counting);
  REQUIRE(program.ok());
  CHECK(program.name() == "counting");
  const auto streams = program.streams();
  REQUIRE(streams.size() == 2);
  CHECK(streams[0].name == "Trades");
  CHECK(streams[1].schema.fields[1].name == "n");
  CHECK(!streams[1].has_sink);
  CHECK(program.explain(ExplainFormat::text).value().find("aggregate  count(*)") !=
        std::string::npos);
  CHECK(program.explain(ExplainFormat::dot).value().starts_with("digraph"));
  CHECK(program.explain(ExplainFormat::text, "q7").error().code == Code::unknown_target);
}

TEST_CASE("an override is a parameter from outside, and a wrong one is told apart") {
  const Engine engine = Engine::open().value();
  CHECK(engine.compile(counting, {.overrides = {{"app.name", "other"}}}).name() == "other");
  const Program wrong = engine.compile(counting, {.overrides = {{"source.none.url", "x"}}});
  CHECK(!wrong.ok());
  CHECK(wrong.has_bad_override());
}

TEST_CASE("the status of an app counts rows at every step") {
  const Folder folder;
  const Engine engine = Engine::open({.state_dir = folder.path, .shards = 0}).value();
  App app = engine.load(counting).value();
  auto trades = app.publisher("Trades").value();
  REQUIRE(app.start().ok());
  REQUIRE(trades.send({"A", 2}).ok());
  REQUIRE(trades.send({"A", 9000}).ok());
  REQUIRE(trades.send({"A", -5}).ok());
  const AppStatus status = app.status();
  CHECK(status.state == AppState::running);
  const OperatorStatus* totals = find(status, "aggregate by symbol");
  REQUIRE(totals != nullptr);
  CHECK(totals->in == 3);
  CHECK(totals->out == 1);
  using Dropped = std::vector<std::pair<std::string_view, std::uint64_t>>;
  CHECK(totals->dropped == Dropped{{"filtered", 1}, {"failed", 1}});
  CHECK(status.dead_letters == 1);
  CHECK(app.stop().ok());
}

TEST_CASE("a checkpoint on demand covers what was sent, also after a crash") {
  const Folder folder;
  const Engine engine = Engine::open({.state_dir = folder.path, .shards = 1}).value();
  std::uint64_t number = 0;
  {
    App app = engine
                  .load(std::string("@app(name = 'counting', epoch.interval = '10s')\n") +
                        std::string(counting).substr(counting.find("CREATE")))
                  .value();
    auto trades = app.publisher("Trades").value();
    REQUIRE(app.start().ok());
    REQUIRE(trades.send({"A", 1}).ok());
    number = app.checkpoint().value();
    CHECK(number == 1);
    CHECK(app.checkpoint().value() == number);  // Nothing has changed.
    while (app.status().checkpoint < number && !app.status().failure) {
    }
    CHECK(app.status().checkpoint == number);
    CHECK(app.stop().ok());
  }
  App again = engine.load(counting).value();
  CHECK(again.status().checkpoint >= number);
}

TEST_CASE("without a state directory there is no checkpoint, and none inside a callback") {
  const Folder folder;
  const Engine memory = Engine::open({.shards = 0}).value();
  App app = memory.load("CREATE STREAM S (x INT);").value();
  REQUIRE(app.start().ok());
  CHECK(app.checkpoint().error().code == Code::wrong_lifecycle);
  CHECK(app.stop().ok());

  const Engine durable = Engine::open({.state_dir = folder.path, .shards = 0}).value();
  App kept = durable.load("@app(name = 'a') CREATE STREAM S (x INT);").value();
  Result<std::uint64_t> inside = std::uint64_t{0};
  const auto rows = kept.subscribe("S", [&](const Batch&) { inside = kept.checkpoint(); }).value();
  auto sender = kept.publisher("S").value();
  REQUIRE(kept.start().ok());
  REQUIRE(sender.send({1}).ok());
  CHECK(inside.error().code == Code::wrong_lifecycle);
  CHECK(kept.stop().ok());
}

TEST_CASE("another program may take an app's place when the state fits") {
  const Folder folder;
  const Engine engine = Engine::open({.state_dir = folder.path, .shards = 0}).value();
  const App app = engine.load(counting).value();
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text(counting);
    text.replace(text.find(from), from.size(), to);
    return app.check_replacement(engine.compile(text));
  };
  CHECK(changed("AS far", "AS sum").ok());
  CHECK(changed("'counting'", "'other'").error().code == Code::plan_incompatible);
}

TEST_CASE("a state directory shows dead letters and gaps, and forgets letters") {
  const Folder folder;
  const Engine engine = Engine::open({.state_dir = folder.path + "/state"}).value();
  const std::string file = folder.path + "/in.jsonl";
  std::ofstream(file) << "{\"x\":1}\nbroken\n";
  const Program program = engine.compile("@app(name = 'a')\n@source(type='file', path='" + file +
                                         "', @map(type='json'))\nCREATE STREAM S (x INT);");
  REQUIRE(program.ok());
  const auto run = [&] {
    App app = engine.load(program, {.until_eof = true, .sources_only = true}).value();
    REQUIRE(app.start().ok());
    app.wait();
    CHECK(app.finished());
    CHECK(app.stop().ok());
    return app.status();
  };
  CHECK(run().sources.at(0).rejected == 1);
  const StateDirectory stored(folder.path + "/state");
  const auto letters = stored.dead_letters(10).value();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].line.find("EF0601") != std::string::npos);
  CHECK(stored.gaps().value().empty());
  CHECK(stored.purge_dead_letters({}).value() == 1);
  CHECK(stored.dead_letters(10).value().empty());

  std::filesystem::remove(file);
  std::ofstream(file) << "{}\n";  // Shorter than the position that is stored.
  CHECK(run().sources.at(0).gaps == 1);
  const auto gaps = stored.gaps().value();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].json.find(R"("source":)") != std::string::npos);
  CHECK(StateDirectory(folder.path + "/none").gaps().error().code == Code::unknown_target);
}

TEST_CASE("reaching the other sides of a program says of each what came of it") {
  const Engine engine = Engine::open().value();
  const Program program = engine.compile(
      "@source(type='file', path='/nonexistent/in.jsonl', @map(type='json'))\n"
      "CREATE STREAM S (x INT);\n@sink(type='console')\nCREATE STREAM O (x INT);\n"
      "INSERT INTO O SELECT x FROM S;");
  REQUIRE(program.ok());
  const auto reached = program.reach();
  REQUIRE(reached.size() == 2);
  CHECK(reached[0].type == "file");
  CHECK(!reached[0].outcome.ok());
  CHECK(reached[1].what.starts_with("sink "));
}
