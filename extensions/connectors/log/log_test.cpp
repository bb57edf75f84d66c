#include <doctest/doctest.h>

#include "extensions/testing/host.hpp"
#include "extensions/testing/sink_rows.hpp"

namespace eventflux::connectors::log {

void register_extension(Registry& registry);

namespace {

using Lines = std::vector<std::string>;

struct Fixture {
  testing::Host host{register_extension};
  Schema schema{{{"s", Type::string}, {"n", Type::int64}}};

  Fixture() { host.context.name = "Trades"; }

  std::unique_ptr<Sink> open(const ParamValues& values) {
    auto made = host.sink(values).value();
    CHECK(made->open(schema).ok());
    return made;
  }

  void write(Sink& sink, const std::vector<Value>& row) const {
    CHECK(testing::write_rows(sink, schema, {row}).status == WriteStatus::accepted);
  }
};

}  // namespace

TEST_CASE("a row is one line of key=value pairs") {
  Fixture fixture;
  const auto sink = fixture.open({});
  fixture.write(*sink, {"two words\n\"x\"", 1});
  fixture.write(*sink, {"word", Value()});
  CHECK(fixture.host.log.lines == Lines{"info [LOG] stream=Trades s=\"two words\\n\\\"x\\\"\" n=1",
                                        "info [LOG] stream=Trades s=word n=null"});
}

TEST_CASE("level and prefix are honoured, and rows beyond the limit are counted") {
  Fixture fixture;
  const auto sink = fixture.open({{"prefix", "!"}, {"level", "error"}, {"limit", "1/2s"}});
  fixture.write(*sink, {"a", 1});
  fixture.write(*sink, {"b", 2});
  fixture.write(*sink, {"c", 3});
  fixture.host.clock.set(Timestamp{2'000'000});
  CHECK(sink->flush().ok());
  fixture.write(*sink, {"d", 4});
  CHECK(fixture.host.log.lines == Lines{"error ! stream=Trades s=a n=1",
                                        "warn ! stream=Trades suppressed_rows=2",
                                        "error ! stream=Trades s=d n=4"});
}

TEST_CASE("values that cannot be used are refused") {
  CHECK(code_text(Fixture().host.sink({{"level", "loud"}}).error().code) == "EF0303");
  CHECK(code_text(Fixture().host.sink({{"limit", "many"}}).error().code) == "EF0303");
  CHECK(code_text(Fixture().host.sink({{"levl", "info"}}).error().code) == "EF0301");
}

}  // namespace eventflux::connectors::log
