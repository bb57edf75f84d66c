// A source that offers kinds of typed rows, in a whole app: what WHEN takes, and in which order.
#include <string>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"
#include "eventflux/extension.hpp"

namespace eventflux {
namespace {

struct Options {};

/// Makes odd and even numbers from 1 to 6, which know their half.
class NumberSource final : public Source {
 public:
  NumberSource(const Options&, Context&) {}

  Result<void> run(Emitter& out) override {
    for (std::int64_t number = 1; number <= 6; ++number) {
      for (std::size_t i = 0; i < out.wanted().size(); ++i) {
        if (out.wanted()[i].table != static_cast<std::size_t>(number % 2)) continue;
        BatchBuilder& rows = out.rows_of(i);
        *rows.column(0).extend<std::int64_t>(1) = number;
        rows.end_rows(1, {});
      }
    }
    EF_CHECK(out.emit_rows({{}, "6", 6}));
    return Error{Code::end_of_input, "all numbers were made"};
  }

  void stop() noexcept override {}
};

std::string run(const std::string& resources) {
  const auto offer = [](const char* each, const char* kind) {
    return SourceTable{each, {{{"n", Type::int64}}}, {{"$.kind", kind}}};
  };
  Engine engine = Engine::open({.shards = 0}).value();
  engine.extensions().source<NumberSource>(
      "numbers", "Numbers.",
      {.rows = true, .tables = {offer("$.even", "even"), offer("$.odd", "odd")}},
      ParamSpec<Options>{});
  App app = engine
                .load("@source(type='numbers') CREATE SOURCE s; CREATE STREAM Out (t STRING);" +
                      resources)
                .value();
  std::string seen;
  const auto rows = app.subscribe("Out", [&](const Batch& batch) {
    for (std::uint32_t row = 0; row < batch.size(); ++row)
      seen += std::string(batch.text(row, 0)) + ' ';
  });
  app.start().value();
  app.wait();
  app.stop().value();
  return seen;
}

}  // namespace

TEST_CASE("rows of several resources come in the order in which the source asked for them") {
  CHECK(run("CREATE RESOURCE A ON s EACH $.odd (n BIGINT); "
            "CREATE RESOURCE B ON s EACH $.even (m BIGINT PATH @.n); "
            "INSERT INTO Out SELECT concat('a', n) FROM A;"
            "INSERT INTO Out SELECT concat('b', m) FROM B;") == "a1 b2 a3 b4 a5 b6 ");
}

TEST_CASE("WHEN is about the kind that EACH picks") {
  CHECK(run("CREATE RESOURCE A ON s WHEN $.kind = 'odd' EACH $.odd (n BIGINT); "
            "CREATE RESOURCE B ON s WHEN $.kind <> 'even' EACH $.even (n BIGINT); "
            "CREATE RESOURCE C ON s WHEN $.kind LIKE 'e%' EACH $.even (n BIGINT); "
            "INSERT INTO Out SELECT concat('a', n) FROM A;"
            "INSERT INTO Out SELECT concat('b', n) FROM B;"
            "INSERT INTO Out SELECT concat('c', n) FROM C;") == "a1 c2 a3 c4 a5 c6 ");
}

TEST_CASE("a column of a source of typed rows has the digits that are offered") {
  Engine engine = Engine::open({.shards = 0}).value();
  const SourceTable offer{"$.row", {{{"x", Type::decimal_of(18, 3)}}}, {}};
  engine.extensions().source<NumberSource>("numbers", "Numbers.", {.rows = true, .tables = {offer}},
                                           ParamSpec<Options>{});
  const auto load = [&](const std::string& type) {
    auto app = engine.load(
        "@source(type='numbers') CREATE SOURCE s; "
        "CREATE RESOURCE A ON s EACH $.row (x " +
        type + "); INSERT INTO Out SELECT x FROM A;");
    return app.ok() ? "ok" : code_text(app.error().code);
  };
  CHECK(load("DECIMAL(18, 3)") == "ok");
  CHECK(load("DECIMAL") == "ok");
  CHECK(load("DECIMAL(18, 2)") == "EF0206");
  CHECK(load("BIGINT") == "EF0206");
}

}  // namespace eventflux
