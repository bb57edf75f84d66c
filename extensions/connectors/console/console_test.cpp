#include <doctest/doctest.h>

#include "extensions/testing/host.hpp"
#include "extensions/testing/sink_rows.hpp"

namespace eventflux::connectors::console {

void register_extension(Registry& registry);

namespace {

class Screen final : public Output {
 public:
  std::string text{};
  bool person = false;

  void write(const void* writer, std::string_view more) override {
    last_ = writer;
    text += more;
  }

  bool wrote_last(const void* writer) const override { return last_ == writer; }

  bool terminal() const override { return person; }

 private:
  const void* last_ = nullptr;
};

struct Fixture {
  testing::Host host{register_extension};
  Screen screen{};
  Schema schema{{{"s", Type::string}, {"n", Type::int64}}};

  Fixture() { host.context.out = &screen; }

  std::unique_ptr<Sink> open(const ParamValues& values) {
    auto made = host.sink(values).value();
    CHECK(made->open(schema).ok());
    return made;
  }

  void write(Sink& sink, const std::vector<std::vector<Value>>& rows) const {
    CHECK(testing::write_rows(sink, schema, rows).status == WriteStatus::accepted);
  }
};

}  // namespace

TEST_CASE("rows are JSON lines for programs and a box for people") {
  Fixture fixture;
  const auto json = fixture.open({});
  fixture.write(*json, {{"a", 1}, {Value(), 2}});
  CHECK(fixture.screen.text == "{\"s\":\"a\",\"n\":1}\n{\"s\":null,\"n\":2}\n");
  fixture.screen.text.clear();
  fixture.screen.person = true;
  {
    const auto box = fixture.open({});
    fixture.write(*box, {{"a", 1}});
    fixture.write(*box, {{"b", 2}});
  }
  CHECK(fixture.screen.text ==
        "┌────────┬────────┐\n│ s      │ n      │\n│ string │ bigint │\n├────────┼────────┤\n"
        "│ a      │      1 │\n│ b      │      2 │\n└────────┴────────┘\n");
}

TEST_CASE("a header comes again after another stream") {
  Fixture fixture;
  const auto first = fixture.open({{"format", "csv"}});
  const auto second = fixture.open({{"format", "csv"}});
  fixture.write(*first, {{"a", 1}});
  fixture.write(*first, {{"b", 1}});
  fixture.write(*second, {{"c", 1}});
  fixture.write(*first, {{"d", 1}});
  CHECK(fixture.screen.text == "s,n\na,1\nb,1\ns,n\nc,1\ns,n\nd,1\n");
}

TEST_CASE("max.rows ends the output") {
  Fixture fixture;
  const auto sink = fixture.open({{"format", "raw"}, {"max.rows", "2"}});
  fixture.write(*sink, {{"a", 1}});
  fixture.write(*sink, {{"b", 2}, {"c", 3}});
  fixture.write(*sink, {{"d", 4}});
  CHECK(fixture.screen.text == "a\t1\nb\t2\n");
}

TEST_CASE("an unknown format is refused and no output is no error") {
  Fixture fixture;
  CHECK(code_text(fixture.host.sink({{"format", "xml"}}).error().code) == "EF0303");
  fixture.host.context.out = nullptr;
  const auto sink = fixture.open({});
  fixture.write(*sink, {{"a", 1}});
  CHECK(fixture.screen.text.empty());
}

}  // namespace eventflux::connectors::console
