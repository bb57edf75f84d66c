#include <doctest/doctest.h>

#include "testing.hpp"

namespace eventflux::connectors::file {
namespace {

using Fixture = SourceBench;

TEST_CASE("lines are read to the end, the last one without its newline too") {
  Fixture fixture;
  fixture.disk.data("a") = "one\r\n\ntwo\nthree";
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"one", "two", "three"});
}

TEST_CASE("a partial last line is held until it is whole") {
  Fixture fixture;
  fixture.disk.data("a") = "one\ntw";
  fixture.steps = {[&] {
                     CHECK(fixture.out.payloads == Lines{"one"});
                     fixture.disk.data("a") += "o\nth";
                   },
                   [&] {
                     CHECK(fixture.out.payloads == Lines{"one", "two"});
                   }};
  CHECK(fixture.run({}).empty());
  CHECK(fixture.out.payloads == Lines{"one", "two"});
}

TEST_CASE("a stopped source resumes behind the last payload") {
  for (std::size_t first = 1; first <= 3; ++first) {
    Fixture fixture;
    fixture.disk.data("a") = "one\ntwo\nthree\n";
    fixture.out.stop_after = first;
    CHECK(fixture.run({}).empty());
    Lines all = fixture.out.payloads;
    fixture.out.next_session();
    fixture.disk.data("a") += "four\n";
    CHECK(fixture.run({bounded}) == "EF0505");
    all.insert(all.end(), fixture.out.payloads.begin(), fixture.out.payloads.end());
    CHECK(all == Lines{"one", "two", "three", "four"});
  }
}

TEST_CASE("a pattern reads each file as its own partition") {
  Fixture fixture;
  fixture.disk.data("d/a.log") = "1\n";
  fixture.steps = {[&] { fixture.disk.data("d/b.log") = "2\n"; }};
  CHECK(fixture.run({{"path", "d/*.log"}}).empty());
  CHECK(fixture.out.payloads == Lines{"1", "2"});
  CHECK(fixture.out.cursors.contains("d/a.log"));
  CHECK(fixture.out.cursors.contains("d/b.log"));
}

TEST_CASE("a start at the end leaves out what is there, also half a line") {
  Fixture fixture;
  fixture.disk.data("a") = "one\nha";
  fixture.steps = {[&] { fixture.disk.data("a") += "lf\ntwo\n"; }};
  CHECK(fixture.run({{"start.position", "end"}}).empty());
  CHECK(fixture.out.payloads == Lines{"two"});
}

TEST_CASE("other framings cut whole files, delimiters and lengths") {
  Fixture fixture;
  fixture.disk.data("a") = "one\ntwo";
  CHECK(fixture.run({{"framing", "whole"}, bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"one\ntwo"});
  Fixture parts;
  parts.disk.data("a") = "one||t|wo||";
  CHECK(parts.run({{"framing", "delimiter"}, {"framing.delimiter", "||"}, bounded}) == "EF0505");
  CHECK(parts.out.payloads == Lines{"one", "t|wo"});
  Fixture sizes;
  sizes.disk.data("a") = std::string("\0\0\0\3one\0\0\0\0\0\0\0\2tw", 17);
  CHECK(sizes.run({{"framing", "length32"}, bounded}) == "EF0505");
  CHECK(sizes.out.payloads == Lines{"one", "", "tw"});
}

TEST_CASE("a payload beyond the limit is an error and the next one is read") {
  Fixture fixture;
  fixture.disk.data("a") =
      "one\n" + std::string(2'000'000, 'x') + "\ntwo\n" + std::string(1000, 'y') + "\nthree\n";
  CHECK(fixture.run({{"line.max.bytes", "100"}, bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"one", "two", "three"});
  CHECK(fixture.out.errors == Lines{"EF0605", "EF0605"});
  Fixture wide;
  wide.disk.data("a") = std::string(2'000'000, 'x') + "\n";
  CHECK(wide.run({bounded}) == "EF0505");
  CHECK(wide.out.payloads == Lines{std::string(2'000'000, 'x')});
  Fixture lengths;
  lengths.disk.data("a") = "\x7F" + std::string(600'000, 'x');
  CHECK(lengths.run({{"framing", "length32"}}) == "EF0605");
}

TEST_CASE("a payload that is too long is handed over as far as a dead letter holds it") {
  Fixture fixture;
  fixture.write("a", std::string(5000, 'x') + "\n" + std::string(3'000'000, 'y') + "\r\nend");
  CHECK(fixture.run({{"line.max.bytes", "100"}, bounded}) == "EF0505");
  REQUIRE(fixture.out.refused.size() == 2);
  CHECK(fixture.out.refused[0] == std::string(5000, 'x'));
  CHECK(fixture.out.refused[1] == std::string(std::size_t{1} << 20U, 'y'));
  CHECK(fixture.out.full_length == 3'000'000);
  CHECK(fixture.out.payloads == Lines{"end"});
  Fixture last;
  last.write("a", std::string(400'000, 'x'));
  CHECK(last.run({{"line.max.bytes", "100"}, bounded}) == "EF0505");
  CHECK(last.out.full_length == 400'000);
  last.out.next_session();
  CHECK(last.run({{"line.max.bytes", "100"}, bounded}) == "EF0505");
  CHECK(last.out.errors.size() == 1);  // its cursor stands behind it
}

TEST_CASE("a delimiter that is cut by a block still ends a payload that is too long") {
  Fixture fixture;
  fixture.write("a", std::string(std::size_t{256} * 1024 - 1, 'x') + "||two||");
  CHECK(fixture.run({{"framing", "delimiter"},
                     {"framing.delimiter", "||"},
                     {"line.max.bytes", "100"},
                     bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"two"});
}

// "one", "two" and "three", a line each.
const std::string gzipped(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\xcf\x4b\xe5\x2a\x29\xcf\xe7"
    "\x2a\xc9\x28\x4a\x4d\xe5\x02\x00\xb6\xd5\xe6\x25\x0e\x00\x00\x00",
    34);
const std::string zstd(
    "\x28\xb5\x2f\xfd\x20\x0e\x71\x00\x00\x6f\x6e\x65\x0a\x74\x77\x6f\x0a\x74"
    "\x68\x72\x65\x65\x0a",
    23);

TEST_CASE("gzip and zstd files are read line by line, and go on in decompressed bytes") {
  for (const std::string& bytes : {gzipped, zstd, gzipped + gzipped, zstd + zstd}) {
    Fixture fixture;
    fixture.write("a", bytes);
    fixture.out.stop_after = 2;
    CHECK(fixture.run({}).empty());
    CHECK(fixture.out.payloads == Lines{"one", "two"});
    CHECK(fixture.out.cursors[""].position.ends_with(":8"));
    fixture.out.next_session();
    CHECK(fixture.run({bounded}) == "EF0505");
    REQUIRE_FALSE(fixture.out.payloads.empty());
    CHECK(fixture.out.payloads[0] == "three");
    CHECK(fixture.out.gaps.empty());
  }
  for (const auto& [choice, bytes] : {std::pair{"gzip", gzipped}, std::pair{"zstd", zstd}}) {
    Fixture fixture;
    fixture.write("a", bytes);
    CHECK(fixture.run({{"compression", choice}, bounded}) == "EF0505");
    CHECK(fixture.out.payloads == Lines{"one", "two", "three"});
  }
}

TEST_CASE("compression='none' takes the bytes as they are, and plain text is not taken for more") {
  Fixture fixture;
  fixture.write("a", gzipped);
  CHECK(fixture.run({{"compression", "none"}, {"framing", "whole"}, bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{gzipped});
}

TEST_CASE("a compressed file that is truncated or damaged is an error with its place, EF0601") {
  const std::string flipped = gzipped.substr(0, gzipped.size() - 8) + "12345678";
  for (const std::string& bytes : {gzipped.substr(0, 20), gzipped.substr(0, gzipped.size() - 1),
                                   flipped, zstd.substr(0, zstd.size() - 3)}) {
    testing::Host host(register_extension);
    testing::CollectingEmitter out;
    host.disk.data("a") = bytes;
    const auto ended = host.source({{"path", "a"}}).value()->run(out);
    REQUIRE_FALSE(ended.ok());
    CHECK(code_text(ended.error().code) == "EF0601");
    CHECK(ended.error().message.starts_with("'a' is not whole: after "));
  }
}

TEST_CASE("a rotated file that was compressed meanwhile is found by what it holds") {
  Fixture fixture;
  fixture.write("a", "one\ntwo\nthree\n");
  fixture.out.stop_after = 1;
  CHECK(fixture.run({}).empty());
  CHECK(fixture.disk.remove("a").ok());
  fixture.write("a.1.gz", gzipped);
  fixture.write("a", "four\n");
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"two", "three", "four"});
  CHECK(fixture.out.gaps.empty());
}

TEST_CASE("compressing the file that is read makes no new file of it") {
  Fixture fixture;
  fixture.write("a", "one\ntwo\nthree\n");
  fixture.steps = {[&] {
    CHECK(fixture.disk.remove("a").ok());
    fixture.write("a.1.gz", gzipped);
    fixture.write("a", "four\n");
  }};
  CHECK(fixture.run({at_once}).empty());
  CHECK(fixture.out.payloads == Lines{"one", "two", "three", "four"});
}

TEST_CASE("a missing file is waited for, unless it must be there") {
  Fixture fixture;
  fixture.steps = {[&] { fixture.disk.data("a") = "one\n"; }};
  fixture.steps.emplace_front([] {});
  CHECK(fixture.run({}).empty());
  CHECK(fixture.out.payloads == Lines{"one"});
  CHECK(fixture.host.log.lines == Lines{"info source=log waits for file 'a'"});
  CHECK(Fixture().run({{"require.exists", "true"}}) == "EF0510");
  CHECK(Fixture().run({bounded}) == "EF0510");
}

TEST_CASE("parameters that exclude each other are refused") {
  CHECK(Fixture().run({{"framing", "delimiter"}}) == "EF0312");
  CHECK(Fixture().run({{"framing.delimiter", "|"}}) == "EF0313");
  CHECK(Fixture().run({{"framing", "whole"}, {"skip.lines", "1"}}) == "EF0313");
  CHECK(Fixture().run({{"framing", "line"}}) == "EF0303");
  testing::Host host(register_extension);
  CHECK(host.source({}).error().code == Code::missing_parameter);
  CHECK(code_text(host.source({{"path", "a"}}).value()->probe().error().code) == "EF0510");
}

}  // namespace
}  // namespace eventflux::connectors::file
