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

struct Bench {
  testing::Host host{register_extension};
  Screen screen{};
  Schema schema{{{"s", Type::string}, {"n", Type::int64}}};

  Bench() { host.context.out = &screen; }

  std::unique_ptr<Sink> open(const ParamValues& values) {
    auto made = host.sink(values).value();
    CHECK(made->open(schema).ok());
    return made;
  }

  void write(Sink& sink, const std::vector<std::vector<Value>>& rows) const {
    CHECK(testing::write_rows(sink, schema, rows).verdict == Verdict::accepted);
  }
};

}  // namespace

TEST_CASE("rows are JSON lines for programs and a box for people") {
  Bench bench;
  const auto json = bench.open({});
  bench.write(*json, {{"a", 1}, {Value(), 2}});
  CHECK(bench.screen.text == "{\"s\":\"a\",\"n\":1}\n{\"s\":null,\"n\":2}\n");
  bench.screen.text.clear();
  bench.screen.person = true;
  {
    const auto box = bench.open({});
    bench.write(*box, {{"a", 1}});
    bench.write(*box, {{"b", 2}});
  }
  CHECK(bench.screen.text ==
        "┌────────┬────────┐\n│ s      │ n      │\n│ string │ bigint │\n├────────┼────────┤\n"
        "│ a      │      1 │\n│ b      │      2 │\n└────────┴────────┘\n");
}

TEST_CASE("a header comes again after another stream") {
  Bench bench;
  const auto first = bench.open({{"format", "csv"}});
  const auto second = bench.open({{"format", "csv"}});
  bench.write(*first, {{"a", 1}});
  bench.write(*first, {{"b", 1}});
  bench.write(*second, {{"c", 1}});
  bench.write(*first, {{"d", 1}});
  CHECK(bench.screen.text == "s,n\na,1\nb,1\ns,n\nc,1\ns,n\nd,1\n");
}

TEST_CASE("max.rows ends the output") {
  Bench bench;
  const auto sink = bench.open({{"format", "raw"}, {"max.rows", "2"}});
  bench.write(*sink, {{"a", 1}});
  bench.write(*sink, {{"b", 2}, {"c", 3}});
  bench.write(*sink, {{"d", 4}});
  CHECK(bench.screen.text == "a\t1\nb\t2\n");
}

TEST_CASE("an unknown format is refused and no output is no error") {
  Bench bench;
  CHECK(code_text(bench.host.sink({{"format", "xml"}}).error().code) == "EF0303");
  bench.host.context.out = nullptr;
  const auto sink = bench.open({});
  bench.write(*sink, {{"a", 1}});
  CHECK(bench.screen.text.empty());
}

}  // namespace eventflux::connectors::console
