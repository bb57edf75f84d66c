#include <doctest/doctest.h>

#include "testing.hpp"

namespace eventflux::connectors::file {
namespace {

using Bench = SourceBench;

TEST_CASE("a rotated file is read to its end before the new one") {
  Bench bench;
  bench.disk.data("a") = "h\none\n";
  bench.steps = {[&] {
    bench.disk.data("a") += "two\nlast";
    CHECK(bench.disk.rename("a", "a.1").ok());
    bench.disk.data("a") = "h\nthree\n";
  }};
  CHECK(bench.run({{"skip.lines", "1"}, at_once}).empty());
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
  CHECK(bench.run({at_once}).empty());
  CHECK(bench.out.payloads == Lines{"two", "three"});
}

TEST_CASE("files that rotated away while nobody read are all read, in order") {
  Bench bench;
  bench.write("a", "1\n2\n");
  bench.out.stop_after = 1;
  CHECK(bench.run({}).empty());
  bench.write("a.9", "old\n");
  bench.disk.node("a.9").modified_us = 0;
  bench.rotate("a.1");
  bench.write("a", "3\n");
  CHECK(bench.disk.rename("a.1", "a.2").ok());
  bench.rotate("a.1");
  bench.write("a", "4\n");
  CHECK(bench.disk.rename("a.2", "a.3").ok());
  CHECK(bench.disk.rename("a.1", "a.2").ok());
  bench.rotate("a.1");
  bench.write("a", "5\n");
  bench.write("a.lock", "no rotated file\n");
  bench.write("ab.1", "no rotated file\n");
  bench.out.next_session();
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"2", "3", "4", "5"});
  CHECK(bench.out.gaps.empty());
}

TEST_CASE("several rotations between two looks lose nothing") {
  for (const char* first : {"a.2", "a-20261129", "a.2026-11-29T10"}) {
    Bench bench;
    bench.write("a", "1\n");
    bench.steps = {[&] {
      bench.disk.data("a") += "2\n";
      bench.rotate(first);
      bench.write("a", "3\n");
      bench.rotate("a.1");
      bench.write("a", "4\n");
    }};
    CHECK(bench.run({at_once}).empty());
    CHECK(bench.out.payloads == Lines{"1", "2", "3", "4"});
    CHECK(bench.out.gaps.empty());
  }
}

TEST_CASE("rotated files of one time are read by the numbers and dates in their names") {
  Bench bench;
  bench.write("a", "1\n");
  bench.steps = {[&] {
    bench.rotate("a.3");
    bench.write("a.2", "2\n");
    bench.write("a.1", "3\n");
    bench.write("a", "4\n");
    for (const char* name : {"a.3", "a.2", "a.1", "a"})
      bench.disk.node(name).modified_us = 7;
  }};
  CHECK(bench.run({at_once}).empty());
  CHECK(bench.out.payloads == Lines{"1", "2", "3", "4"});
}

TEST_CASE("lines that come to the renamed file within rotate.wait are read before the new one") {
  Bench bench;
  bench.write("a", "1\n");
  bench.steps = {[&] {
                   bench.rotate("a.1");
                   bench.write("a", "new\n");
                 },
                 [&] { bench.disk.data("a.1") += "late\n"; }};
  bench.wait(11);
  bench.steps.emplace_back([&] { CHECK(bench.out.payloads == Lines{"1", "late", "new"}); });
  CHECK(bench.run({}).empty());
  CHECK(bench.out.payloads == Lines{"1", "late", "new"});
  CHECK(bench.out.gaps.empty());
}

TEST_CASE("lines that come to the renamed file after rotate.wait are a gap, said once") {
  Bench bench;
  bench.write("a", "1\n");
  bench.steps = {[&] {
                   bench.rotate("a.1");
                   bench.write("a", "new\n");
                 },
                 [&] { bench.disk.data("a.1") += "late\n"; }};
  bench.wait(3);
  CHECK(bench.run({at_once}).empty());
  CHECK(bench.out.payloads == Lines{"1", "new"});
  REQUIRE(bench.out.gaps.size() == 1);
  CHECK(bench.out.gaps[0].starts_with("'a' from byte 2 to 7: it was written after"));
}

TEST_CASE("copytruncate: the rest is read from the copy, longer new content is noticed") {
  for (const std::string& fresh : {std::string("x\n"), std::string("new1\nnew2\nnew3\nnew4\n")}) {
    for (const bool running : {true, false}) {
      CAPTURE(running);
      Bench bench;
      bench.write("a", "one\ntwo\n");
      const auto truncate = [&] {
        bench.write("a.1", bench.disk.data("a") + "three\n");
        bench.write("a", fresh);
      };
      if (running) {
        bench.steps = {truncate};
        bench.wait(2);
        CHECK(bench.run({at_once}).empty());
      } else {
        CHECK(bench.run({bounded}) == "EF0505");
        truncate();
        bench.out.stop_after = ~std::size_t{0};
        CHECK(bench.run({bounded}) == "EF0505");
      }
      REQUIRE(bench.out.payloads.size() > 3);
      CHECK(bench.out.payloads[2] == "three");
      CHECK(bench.out.payloads[3] == fresh.substr(0, fresh.find('\n')));
      CHECK(bench.out.gaps.empty());
    }
  }
}

TEST_CASE("a truncated file goes on where on_lost_position says, behind a gap") {
  for (const auto& [choice, lines] : {std::pair{"earliest", Lines{"one", "two", "x", "y"}},
                                      {"latest", Lines{"one", "two", "y"}}}) {
    for (const bool running : {true, false}) {
      CAPTURE(choice);
      CAPTURE(running);
      Bench bench;
      bench.write("a", "one\ntwo\n");
      if (running) {
        bench.steps.emplace_back([&] { bench.write("a", "x\n"); });
      } else {
        CHECK(bench.run({bounded}) == "EF0505");
        bench.write("a", "x\n");
      }
      bench.steps.emplace_back([&] { bench.disk.data("a") += "y\n"; });
      CHECK(bench.run({{"on_lost_position", choice}}).empty());
      CHECK(bench.out.payloads == lines);
      REQUIRE(bench.out.gaps.size() == 1);
      CHECK(bench.out.gaps[0].starts_with(
          "'a' from byte 8 on: the file holds other bytes than those that were read"));
    }
  }
}

TEST_CASE("by default a lost position never keeps the app from starting") {
  Bench bench;
  bench.write("a", "one\ntwo\n");
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.disk.remove("a").ok());
  bench.write("a", "other\n");
  bench.out.next_session();
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"other"});
  REQUIRE(bench.out.gaps.size() == 1);
  CHECK(bench.out.gaps[0] == "'a' from byte 8 on: the file that was read is gone");
  bench.out.cursors[""].position = "nonsense";
  bench.out.next_session();
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"other"});
  CHECK(bench.out.gaps.size() == 2);
}

TEST_CASE("when the file that was read is gone, what rotated after it is still read") {
  Bench bench;
  bench.write("a", "1\n");
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.disk.remove("a").ok());
  bench.write("a.2", "2\n");
  bench.write("a.1", "3\n");
  bench.write("a", "4\n");
  bench.out.next_session();
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"2", "3", "4"});
  CHECK(bench.out.gaps.size() == 1);
}

TEST_CASE("a renamed file is read on while its path has no new one yet") {
  Bench bench;
  bench.write("a", "1\n2\n");
  bench.out.stop_after = 1;
  CHECK(bench.run({}).empty());
  CHECK(bench.disk.rename("a", "a.1").ok());
  bench.out.next_session();
  CHECK(bench.run({}).empty());
  CHECK(bench.out.payloads == Lines{"2"});
}

TEST_CASE("files whose first kilobyte is equal are told apart") {
  const std::string header = std::string(1080, 'h') + "\n";
  for (const bool kept : {true, false}) {
    Bench bench;
    bench.write("a", header + "mon1\nmon2\n");
    const ParamValue skip{"skip.lines", "1"};
    CHECK(bench.run({skip, bounded}) == "EF0505");
    if (kept) CHECK(bench.disk.rename("a", "archive").ok());
    if (!kept) CHECK(bench.disk.remove("a").ok());
    bench.write("a", header + "tue1\ntue2\ntue3\n");
    bench.out.next_session();
    CHECK(bench.run({skip, bounded}) == "EF0505");
    CHECK(bench.out.payloads == Lines{"tue1", "tue2", "tue3"});
    CHECK(bench.out.gaps.size() == 1);
  }
}

TEST_CASE("a file that took the inode of another one is a new file") {
  Bench bench;
  bench.write("a", "one\ntwo\n");
  CHECK(bench.run({bounded}) == "EF0505");
  bench.write("a", "1st\n2nd\n3rd\n");
  bench.out.next_session();
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"1st", "2nd", "3rd"});
}

TEST_CASE("on_lost_position='fail' ends the source, EF0551, and names the choices") {
  const ParamValue fail{"on_lost_position", "fail"};
  Bench bench;
  bench.disk.data("a") = "one\ntwo\n";
  bench.steps = {[&] { bench.disk.data("a") = "x\n"; }};
  CHECK(bench.run({fail}) == "EF0551");
  bench.out.next_session();
  CHECK(bench.run({fail}) == "EF0551");
  bench.disk.data("a") = "other\nbytes\nfollow\n";
  bench.out.next_session();
  CHECK(bench.run({fail}) == "EF0551");
  bench.out.cursors[""].position = "nonsense";
  CHECK(bench.run({fail}) == "EF0551");
  CHECK(bench.out.gaps.empty());
}

TEST_CASE("a cursor of the shape before traces is read") {
  Bench bench;
  bench.write("a", "one\ntwo\n");
  CHECK(bench.run({bounded}) == "EF0505");
  std::string& position = bench.out.cursors[""].position;
  std::string old = position;
  for (int i = 0; i < 3; ++i)  // takes trace and time out: the three parts in front of the last
    old.erase(old.rfind(':', old.rfind(':') - 1),
              old.rfind(':') - old.rfind(':', old.rfind(':') - 1));
  position = old;
  bench.disk.data("a") += "three\n";
  bench.out.next_session();
  CHECK(bench.run({bounded}) == "EF0505");
  CHECK(bench.out.payloads == Lines{"three"});
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

TEST_CASE("a removed file that was read is let go, and a new one of its name begins at its start") {
  Bench bench;
  bench.write("a", "1\n");
  bench.steps = {[&] { CHECK(bench.disk.remove("a").ok()); }};
  bench.wait(130);
  bench.steps.emplace_back([&] { bench.write("a", "2\n"); });
  CHECK(bench.run({}).empty());
  CHECK(bench.out.payloads == Lines{"1", "2"});
  CHECK(bench.out.gaps.empty());
}

TEST_CASE("with a pattern a new file that took a freed inode is read") {
  Bench bench;
  bench.write("d/a.log", "1\n");
  bench.steps = {[&] {
                   CHECK(bench.disk.rename("d/a.log", "d/b.log").ok());
                   bench.write("d/a.log", "2\n");
                 },
                 [&] { CHECK(bench.disk.remove("d/b.log").ok()); },
                 [&] {
                   bench.write("d/b.log", "other\n");
                   bench.disk.node("d/b.log").inode = 1;
                 }};
  bench.wait(3);
  CHECK(bench.run({{"path", "d/*.log"}, at_once}).empty());
  CHECK(bench.out.payloads == Lines{"1", "2", "other"});
}

}  // namespace
}  // namespace eventflux::connectors::file
