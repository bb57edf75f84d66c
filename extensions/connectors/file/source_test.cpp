#include <deque>

#include <doctest/doctest.h>

#include "extensions/testing/collecting_emitter.hpp"
#include "extensions/testing/host.hpp"

namespace eventflux::connectors::file {

void register_extension(Registry& registry);

namespace {

class Bench {
 public:
  testing::Host host{register_extension};
  testing::MemoryDisk& disk = host.disk;
  testing::CollectingEmitter out{};
  std::deque<std::function<void()>> steps{};  ///< One per pause; behind the last, the source stops.

  Bench() {
    out.on_pause = [this](Duration) {
      if (steps.empty()) return out.stop();
      const auto step = std::move(steps.front());
      steps.pop_front();
      step();
    };
  }

  /// Runs a source of its own to the end of the steps; returns the code it ends with.
  std::string run(ParamValues values) {
    if (values.empty() || values[0].name != "path") values.insert(values.begin(), {"path", "a"});
    return host.run(values, out);
  }
};

using Lines = std::vector<std::string>;
const ParamValue bounded{"when.done", "end"};

}  // namespace

TEST_CASE("lines are read to the end, the last one without its newline too") {
  Bench bench;
  bench.disk.data("a") = "one\r\n\ntwo\nthree";
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"one", "two", "three"});
}

TEST_CASE("a partial last line is held until it is whole") {
  Bench bench;
  bench.disk.data("a") = "one\ntw";
  bench.steps = {[&] {
                   CHECK(bench.out.payloads == Lines{"one"});
                   bench.disk.data("a") += "o\nth";
                 },
                 [&] {
                   CHECK(bench.out.payloads == Lines{"one", "two"});
                 }};
  CHECK(bench.run({}).empty());
  CHECK(bench.out.payloads == Lines{"one", "two"});
}

TEST_CASE("a stopped source resumes behind the last payload") {
  for (std::size_t first = 1; first <= 3; ++first) {
    Bench bench;
    bench.disk.data("a") = "one\ntwo\nthree\n";
    bench.out.stop_after = first;
    CHECK(bench.run({}).empty());
    Lines all = bench.out.payloads;
    bench.out.next_session();
    bench.disk.data("a") += "four\n";
    CHECK(bench.run({bounded}) == "EF0505");
    all.insert(all.end(), bench.out.payloads.begin(), bench.out.payloads.end());
    CHECK(all == Lines{"one", "two", "three", "four"});
  }
}

TEST_CASE("a rotated file is read to its end before the new one") {
  Bench bench;
  bench.disk.data("a") = "h\none\n";
  bench.steps = {[&] {
    bench.disk.data("a") += "two\nlast";
    CHECK(bench.disk.rename("a", "a.1").ok());
    bench.disk.data("a") = "h\nthree\n";
  }};
  CHECK(bench.run({{"skip.lines", "1"}}).empty());
  CHECK(bench.out.payloads == Lines{"one", "two", "last", "three"});
}

TEST_CASE("a file that rotated while nobody read is found by its identity") {
  Bench bench;
  bench.disk.data("a") = "one\ntwo\n";
  bench.out.stop_after = 1;
  CHECK(bench.run({}).empty());
  CHECK(bench.disk.rename("a", "a.1").ok());
  bench.disk.data("a") = "three\n";
  bench.out.next_session();
  CHECK(bench.run({}).empty());
  CHECK(bench.out.payloads == Lines{"two", "three"});
}

TEST_CASE("a lost position is an error") {
  Bench bench;
  bench.disk.data("a") = "one\ntwo\n";
  bench.steps = {[&] { bench.disk.data("a") = "x\n"; }};
  CHECK(bench.run({}) == "EF0551");
  bench.out.next_session();
  CHECK(bench.run({}) == "EF0551");
  bench.disk.data("a") = "other\nbytes\nfollow\n";
  bench.out.next_session();
  CHECK(bench.run({}) == "EF0551");
  bench.out.cursors[""].position = "nonsense";
  CHECK(bench.run({}) == "EF0551");
}

TEST_CASE("a copied file with the same head goes on") {
  Bench bench;
  bench.disk.data("a") = "one\ntwo\n";
  CHECK(bench.run({bounded}) == "EF0505");
  const std::string copy = bench.disk.data("a") + "three\n";
  CHECK(bench.disk.remove("a").ok());
  bench.disk.data("a") = copy;
  bench.out.next_session();
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"three"});
}

TEST_CASE("a pattern reads each file as its own partition") {
  Bench bench;
  bench.disk.data("d/a.log") = "1\n";
  bench.steps = {[&] { bench.disk.data("d/b.log") = "2\n"; }};
  CHECK(bench.run({{"path", "d/*.log"}}).empty());
  CHECK(bench.out.payloads == Lines{"1", "2"});
  CHECK(bench.out.cursors.contains("d/a.log"));
  CHECK(bench.out.cursors.contains("d/b.log"));
}

TEST_CASE("a start at the end leaves out what is there, also half a line") {
  Bench bench;
  bench.disk.data("a") = "one\nha";
  bench.steps = {[&] { bench.disk.data("a") += "lf\ntwo\n"; }};
  CHECK(bench.run({{"start.position", "end"}}).empty());
  CHECK(bench.out.payloads == Lines{"two"});
}

TEST_CASE("other framings cut whole files, delimiters and lengths") {
  Bench bench;
  bench.disk.data("a") = "one\ntwo";
  CHECK(bench.run({{"framing", "whole"}, bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"one\ntwo"});
  Bench parts;
  parts.disk.data("a") = "one||t|wo||";
  CHECK(parts.run({{"framing", "delimiter"}, {"framing.delimiter", "||"}, bounded}) == "EF0505");
  CHECK(parts.out.payloads == Lines{"one", "t|wo"});
  Bench sizes;
  sizes.disk.data("a") = std::string("\0\0\0\3one\0\0\0\0\0\0\0\2tw", 17);
  CHECK(sizes.run({{"framing", "length32"}, bounded}) == "EF0505");
  CHECK(sizes.out.payloads == Lines{"one", "", "tw"});
}

TEST_CASE("a payload beyond the limit is an error and the next one is read") {
  Bench bench;
  bench.disk.data("a") =
      "one\n" + std::string(2'000'000, 'x') + "\ntwo\n" + std::string(1000, 'y') + "\nthree\n";
  CHECK(bench.run({{"line.max.bytes", "100"}, bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"one", "two", "three"});
  CHECK(bench.out.errors == Lines{"EF0605", "EF0605"});
  Bench wide;
  wide.disk.data("a") = std::string(2'000'000, 'x') + "\n";
  CHECK(wide.run({bounded}) == "EF0505");
  CHECK(wide.out.payloads == Lines{std::string(2'000'000, 'x')});
  Bench lengths;
  lengths.disk.data("a") = "\x7F" + std::string(600'000, 'x');
  CHECK(lengths.run({{"framing", "length32"}}) == "EF0605");
}

TEST_CASE("a missing file is waited for, unless it must be there") {
  Bench bench;
  bench.steps = {[&] { bench.disk.data("a") = "one\n"; }};
  CHECK(bench.run({}).empty());
  CHECK(bench.out.payloads == Lines{"one"});
  CHECK(Bench().run({{"require.exists", "true"}}) == "EF0510");
  CHECK(Bench().run({bounded}) == "EF0510");
}

TEST_CASE("parameters that exclude each other are refused") {
  CHECK(Bench().run({{"framing", "delimiter"}}) == "EF0312");
  CHECK(Bench().run({{"framing.delimiter", "|"}}) == "EF0313");
  CHECK(Bench().run({{"framing", "whole"}, {"skip.lines", "1"}}) == "EF0313");
  CHECK(Bench().run({{"framing", "line"}}) == "EF0303");
  testing::Host host(register_extension);
  CHECK(host.source({}).error().code == Code::missing_parameter);
  CHECK(code_text(host.source({{"path", "a"}}).value()->probe().error().code) == "EF0510");
}

}  // namespace eventflux::connectors::file
