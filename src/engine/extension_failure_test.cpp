// Extensions and hosts that do what they must not: the app ends, and the process goes on.
#include <limits>
#include <new>
#include <stdexcept>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"
#include "eventflux/extension.hpp"

namespace eventflux {
namespace {

struct Options {};

/// Throws at once.
class ThrowingSource final : public Source {
 public:
  ThrowingSource(const Options&, Context&) {}

  Result<void> run(Emitter&) override { throw std::bad_alloc(); }

  void stop() noexcept override {}
};

/// Appends a text where an integer belongs.
class MistakenSource final : public Source {
 public:
  MistakenSource(const Options&, Context&) {}

  Result<void> run(Emitter& out) override {
    out.rows().column(0).append("one");
    out.rows().end_row({});
    return out.emit_rows({{}, "1", 1});
  }

  void stop() noexcept override {}
};

class ThrowingSink final : public Sink {
 public:
  ThrowingSink(const Options&, Context&) {}

  Result<void> open(const Schema&) override { return {}; }

  WriteResult write(const OutputBatch&) override { throw std::runtime_error("the sink is unwell"); }
};

/// Cannot be made.
class UnmakableSource final : public Source {
 public:
  UnmakableSource(const Options&, Context&) { throw std::runtime_error("no source today"); }

  Result<void> run(Emitter&) override { return {}; }

  void stop() noexcept override {}
};

std::int64_t throwing(std::int64_t) {
  throw std::runtime_error("the function is unwell");
}

App load(const Engine& engine, const std::string& program) {
  auto app = engine.load(program);
  CAPTURE(app.ok() ? "" : to_text(app.error()));
  REQUIRE(app.ok());
  return std::move(app).value();
}

Engine open(std::uint32_t shards, const std::string& state = {}) {
  Engine engine = Engine::open({.state_dir = state, .shards = shards}).value();
  Registry& registry = engine.extensions();
  registry.source<ThrowingSource>("throwing", "Throws.", {.rows = true}, ParamSpec<Options>{});
  registry.source<MistakenSource>("mistaken", "Mistakes.", {.rows = true}, ParamSpec<Options>{});
  registry.source<UnmakableSource>("unmakable", "Throws.", {.rows = true}, ParamSpec<Options>{});
  registry.sink<ThrowingSink>("throwing", "Throws.", {.rows = true}, ParamSpec<Options>{});
  registry.function("unwell", "Throws.", [](std::int64_t n) { return throwing(n); });
  return engine;
}

/// Runs a program that fails, and returns why.
std::string why(std::uint32_t shards, const std::string& program, bool send) {
  const Engine engine = open(shards);
  App app = load(engine, program);
  REQUIRE(app.start().ok());
  if (send) static_cast<void>(app.publisher("S").value().send({1}));
  app.wait();
  const auto stopped = app.stop();
  CHECK(app.status().state == AppState::failed);
  return stopped.ok() ? "ok" : to_text(stopped.error());
}

}  // namespace

TEST_CASE("an exception of an extension ends the app with its name and not the host (EF0802)") {
  for (const std::uint32_t shards : {0U, 1U}) {
    CAPTURE(shards);
    CHECK(why(shards,
              "@source(type='throwing') CREATE STREAM S (n BIGINT); INSERT INTO O SELECT n FROM S;",
              false) == "EF0802: source S threw: std::bad_alloc");
    CHECK(why(shards,
              "CREATE STREAM S (n BIGINT); @sink(type='throwing') CREATE STREAM O; "
              "INSERT INTO O SELECT n FROM S;",
              true) == "EF0802: sink O.throwing threw: the sink is unwell");
    CHECK(why(shards, "CREATE STREAM S (n BIGINT); INSERT INTO O SELECT unwell(n) AS n FROM S;",
              true) == "EF0802: the graph threw: the function is unwell");
  }
}

TEST_CASE("an extension that throws while a program is loaded fails load() with EF0802") {
  const Engine engine = open(0);
  const auto made = engine.load(
      "@source(type='unmakable') CREATE STREAM S (n BIGINT); INSERT INTO O SELECT n FROM S;");
  REQUIRE_FALSE(made.ok());
  CHECK(to_text(made.error()) == "EF0802: an extension threw: no source today");
  const std::string folded =
      "CREATE STREAM S (n BIGINT); INSERT INTO O SELECT n + unwell(1) AS n FROM S;";
  const auto loaded = engine.load(folded);
  CHECK((loaded.ok() || loaded.error().code == Code::app_failed));
  CHECK(engine.check(folded).size() == (loaded.ok() ? 0U : 1U));
}

TEST_CASE("a source that appends values of another type ends the app (EF0802)") {
  for (const std::uint32_t shards : {0U, 1U}) {
    CHECK(why(shards,
              "@source(type='mistaken') CREATE STREAM S (n BIGINT); INSERT INTO O SELECT n FROM S;",
              false) == "EF0802: source S, column 1: found text where a BIGINT belongs");
  }
}

TEST_CASE("senders and advance() do not wait for a graph that has thrown") {
  const Engine engine = open(1);
  App app = load(engine, "CREATE STREAM S (n BIGINT); INSERT INTO O SELECT unwell(n) AS n FROM S;");
  Publisher sender = app.publisher("S").value();
  REQUIRE(app.start().ok());
  for (int i = 0; i < 20'000; ++i)
    static_cast<void>(sender.send({i}));
  CHECK(code_text(app.advance().error().code) == "EF0802");
  CHECK(code_text(app.stop().error().code) == "EF0802");
}

TEST_CASE("rows of a host are of the types of their columns, or refused (EF0807)") {
  const Engine engine = open(0);
  App app = load(engine,
                 "CREATE STREAM T (s STRING, d DOUBLE, n BIGINT, b BOOLEAN);\n"
                 "INSERT INTO O SELECT s, d, n, b FROM T;");
  std::vector<std::string> seen;
  const auto all = app.subscribe("O", [&](const Batch& rows) {
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      seen.push_back((rows.is_null(row, 0) ? "null" : std::string(rows.text(row, 0))) + " " +
                     real_text(rows.real(row, 1)) + " " + std::to_string(rows.integer(row, 2)));
    }
  });
  Publisher sender = app.publisher("T").value();
  REQUIRE(app.start().ok());
  BatchBuilder rows(sender.schema());
  for (int i = 0; i < 40; ++i) {
    rows.column(0).append("a text that does not fit inline");
    rows.column(1).append(1);
    rows.column(2).append(std::size_t{7});
    rows.column(3).append(true);
    rows.end_row({});
  }
  REQUIRE(sender.send(rows).ok());
  REQUIRE(seen.size() == 40);
  CHECK(seen[39] == "a text that does not fit inline 1.0 7");
  rows.column(0).append(true);
  rows.column(1).append(2.5F);
  rows.column(2).append(1);
  rows.column(3).append(false);
  rows.end_row({});
  const auto refused = sender.send(rows);
  REQUIRE_FALSE(refused.ok());
  CHECK(to_text(refused.error()) ==
        "EF0807: column 's' of T: found a boolean where a STRING belongs");
  CHECK(seen.size() == 40);
  CHECK(sender.send({nullptr, 1U, 2LL, nullptr}).ok());
  CHECK(seen.back() == "null 1.0 2");
  CHECK(sender.send({"x", 1, std::numeric_limits<std::uint64_t>::max(), true}).error().code ==
        Code::row_mismatch);
}

}  // namespace eventflux
