#include <doctest/doctest.h>

#include "semantic/test_program.hpp"
#include "semantic/test_registry.hpp"

namespace eventflux::semantic {
namespace {

Registry offering_registry() {
  Registry registry = test_registry();
  const SourceTable asks{.each = "$.ask",
                         .columns = {{{"id", Type::int64}, {"price", Type::float64}}},
                         .constants = {{"$.side", "ask"}, {"$.level", 1}}};
  SourceTable bids = asks;
  bids.each = "$.bid";
  registry.source<TestSource>("book", "Offers.", {.rows = true, .tables = {asks, bids}},
                              ParamSpec<TestOptions>{});
  return registry;
}

Result<TableProjection> wanted(const std::string& resource) {
  const Registry registry = offering_registry();
  EF_TRY(const App app, bind_text("@source(type='book') CREATE SOURCE b; CREATE RESOURCE r ON b " +
                                      resource + "; SELECT * FROM r;",
                                  registry));
  return *app.sources[0].resources[0].rows;
}

std::string failure(const std::string& resource) {
  const auto found = wanted(resource);
  return found.ok() ? "" : code_text(found.error().code);
}

}  // namespace

TEST_CASE("EACH picks an offer, and columns are found by name or path") {
  const TableProjection all = wanted("EACH $.bid (id BIGINT, price DOUBLE)").value();
  CHECK(all.table == 1);
  CHECK(all.columns == std::vector<std::size_t>{0, 1});
  const TableProjection some =
      wanted("WHEN $.side = 'ask' AND $.level < 2.5 EACH $.ask (cost DOUBLE PATH $.ask.price)")
          .value();
  CHECK(some.table == 0);
  CHECK(some.columns == std::vector<std::size_t>{1});
}

TEST_CASE("what is not offered is refused") {
  CHECK(failure("(id BIGINT)") == "EF0108");
  CHECK(failure("EACH $.bids[*] (id BIGINT)") == "EF0108");
  CHECK(failure("WHEN $.kind = 1 EACH $.bid (id BIGINT)") == "EF0108");
  CHECK(failure("EACH $.bid (id BIGINT PATH $.ask.id)") == "EF0108");
  CHECK(failure("EACH $.bid (id BIGINT PATH @.price.cents)") == "EF0108");
  CHECK(failure("EACH $.bid (ident BIGINT)") == "EF0203");
  CHECK(failure("EACH $.bid (id INT)") == "EF0206");
  CHECK(failure("WHEN $.side = 1 EACH $.bid (id BIGINT)") == "EF0206");
  CHECK(failure("EACH $.bid (id BIGINT, again BIGINT PATH @.id)") == "EF0202");
}

}  // namespace eventflux::semantic
