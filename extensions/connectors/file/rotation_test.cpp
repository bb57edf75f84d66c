#include <doctest/doctest.h>

#include "testing.hpp"

namespace eventflux::connectors::file {
namespace {

using Fixture = SourceBench;

TEST_CASE("a rotated file is read to its end before the new one") {
  Fixture fixture;
  fixture.disk.data("a") = "h\none\n";
  fixture.steps = {[&] {
    fixture.disk.data("a") += "two\nlast";
    CHECK(fixture.disk.rename("a", "a.1").ok());
    fixture.disk.data("a") = "h\nthree\n";
  }};
  CHECK(fixture.run({{"skip.lines", "1"}, at_once}).empty());
  CHECK(fixture.out.payloads == Lines{"one", "two", "last", "three"});
}

TEST_CASE("a file that rotated while nobody read is found by its identity") {
  Fixture fixture;
  fixture.disk.data("a") = "one\ntwo\n";
  fixture.out.stop_after = 1;
  CHECK(fixture.run({}).empty());
  CHECK(fixture.disk.rename("a", "a.1").ok());
  fixture.disk.data("a") = "three\n";
  fixture.out.next_session();
  CHECK(fixture.run({at_once}).empty());
  CHECK(fixture.out.payloads == Lines{"two", "three"});
}

TEST_CASE("files that rotated away while nobody read are all read, in order") {
  Fixture fixture;
  fixture.write("a", "1\n2\n");
  fixture.out.stop_after = 1;
  CHECK(fixture.run({}).empty());
  fixture.write("a.9", "old\n");
  fixture.disk.node("a.9").modified_us = 0;
  fixture.rotate("a.1");
  fixture.write("a", "3\n");
  CHECK(fixture.disk.rename("a.1", "a.2").ok());
  fixture.rotate("a.1");
  fixture.write("a", "4\n");
  CHECK(fixture.disk.rename("a.2", "a.3").ok());
  CHECK(fixture.disk.rename("a.1", "a.2").ok());
  fixture.rotate("a.1");
  fixture.write("a", "5\n");
  fixture.write("a.lock", "no rotated file\n");
  fixture.write("ab.1", "no rotated file\n");
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"2", "3", "4", "5"});
  CHECK(fixture.out.gaps.empty());
}

TEST_CASE("several rotations between two looks lose nothing") {
  for (const char* first : {"a.2", "a-20261129", "a.2026-11-29T10"}) {
    Fixture fixture;
    fixture.write("a", "1\n");
    fixture.steps = {[&] {
      fixture.disk.data("a") += "2\n";
      fixture.rotate(first);
      fixture.write("a", "3\n");
      fixture.rotate("a.1");
      fixture.write("a", "4\n");
    }};
    CHECK(fixture.run({at_once}).empty());
    CHECK(fixture.out.payloads == Lines{"1", "2", "3", "4"});
    CHECK(fixture.out.gaps.empty());
  }
}

TEST_CASE("rotated files of one time are read by the numbers and dates in their names") {
  Fixture fixture;
  fixture.write("a", "1\n");
  fixture.steps = {[&] {
    fixture.rotate("a.3");
    fixture.write("a.2", "2\n");
    fixture.write("a.1", "3\n");
    fixture.write("a", "4\n");
    for (const char* name : {"a.3", "a.2", "a.1", "a"})
      fixture.disk.node(name).modified_us = 7;
  }};
  CHECK(fixture.run({at_once}).empty());
  CHECK(fixture.out.payloads == Lines{"1", "2", "3", "4"});
}

TEST_CASE("lines that come to the renamed file within rotate.wait are read before the new one") {
  Fixture fixture;
  fixture.write("a", "1\n");
  fixture.steps = {[&] {
                     fixture.rotate("a.1");
                     fixture.write("a", "new\n");
                   },
                   [&] { fixture.disk.data("a.1") += "late\n"; }};
  fixture.wait(11);
  fixture.steps.emplace_back([&] { CHECK(fixture.out.payloads == Lines{"1", "late", "new"}); });
  CHECK(fixture.run({}).empty());
  CHECK(fixture.out.payloads == Lines{"1", "late", "new"});
  CHECK(fixture.out.gaps.empty());
}

TEST_CASE("lines that come to the renamed file after rotate.wait are a gap, said once") {
  Fixture fixture;
  fixture.write("a", "1\n");
  fixture.steps = {[&] {
                     fixture.rotate("a.1");
                     fixture.write("a", "new\n");
                   },
                   [&] { fixture.disk.data("a.1") += "late\n"; }};
  fixture.wait(3);
  CHECK(fixture.run({at_once}).empty());
  CHECK(fixture.out.payloads == Lines{"1", "new"});
  REQUIRE(fixture.out.gaps.size() == 1);
  CHECK(fixture.out.gaps[0].starts_with("'a' from byte 2 to 7: it was written after"));
}

TEST_CASE("copytruncate: the rest is read from the copy, longer new content is noticed") {
  for (const std::string& fresh : {std::string("x\n"), std::string("new1\nnew2\nnew3\nnew4\n")}) {
    for (const bool running : {true, false}) {
      CAPTURE(running);
      Fixture fixture;
      fixture.write("a", "one\ntwo\n");
      const auto truncate = [&] {
        fixture.write("a.1", fixture.disk.data("a") + "three\n");
        fixture.write("a", fresh);
      };
      if (running) {
        fixture.steps = {truncate};
        fixture.wait(2);
        CHECK(fixture.run({at_once}).empty());
      } else {
        CHECK(fixture.run({bounded}) == "EF0505");
        truncate();
        fixture.out.stop_after = ~std::size_t{0};
        CHECK(fixture.run({bounded}) == "EF0505");
      }
      REQUIRE(fixture.out.payloads.size() > 3);
      CHECK(fixture.out.payloads[2] == "three");
      CHECK(fixture.out.payloads[3] == fresh.substr(0, fresh.find('\n')));
      CHECK(fixture.out.gaps.empty());
    }
  }
}

TEST_CASE("a truncated file goes on where on_lost_position says, behind a gap") {
  for (const auto& [choice, lines] : {std::pair{"earliest", Lines{"one", "two", "x", "y"}},
                                      {"latest", Lines{"one", "two", "y"}}}) {
    for (const bool running : {true, false}) {
      CAPTURE(choice);
      CAPTURE(running);
      Fixture fixture;
      fixture.write("a", "one\ntwo\n");
      if (running) {
        fixture.steps.emplace_back([&] { fixture.write("a", "x\n"); });
      } else {
        CHECK(fixture.run({bounded}) == "EF0505");
        fixture.write("a", "x\n");
      }
      fixture.steps.emplace_back([&] { fixture.disk.data("a") += "y\n"; });
      CHECK(fixture.run({{"on_lost_position", choice}}).empty());
      CHECK(fixture.out.payloads == lines);
      REQUIRE(fixture.out.gaps.size() == 1);
      CHECK(fixture.out.gaps[0].starts_with(
          "'a' from byte 8 on: the file holds other bytes than those that were read"));
    }
  }
}

TEST_CASE("by default a lost position never keeps the app from starting") {
  Fixture fixture;
  fixture.write("a", "one\ntwo\n");
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.disk.remove("a").ok());
  fixture.write("a", "other\n");
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"other"});
  REQUIRE(fixture.out.gaps.size() == 1);
  CHECK(fixture.out.gaps[0] == "'a' from byte 8 on: the file that was read is gone");
  fixture.out.cursors[""].position = "nonsense";
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"other"});
  CHECK(fixture.out.gaps.size() == 2);
}

TEST_CASE("when the file that was read is gone, what rotated after it is still read") {
  Fixture fixture;
  fixture.write("a", "1\n");
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.disk.remove("a").ok());
  fixture.write("a.2", "2\n");
  fixture.write("a.1", "3\n");
  fixture.write("a", "4\n");
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"2", "3", "4"});
  CHECK(fixture.out.gaps.size() == 1);
}

TEST_CASE("a renamed file is read on while its path has no new one yet") {
  Fixture fixture;
  fixture.write("a", "1\n2\n");
  fixture.out.stop_after = 1;
  CHECK(fixture.run({}).empty());
  CHECK(fixture.disk.rename("a", "a.1").ok());
  fixture.out.next_session();
  CHECK(fixture.run({}).empty());
  CHECK(fixture.out.payloads == Lines{"2"});
}

TEST_CASE("files whose first kilobyte is equal are told apart") {
  const std::string header = std::string(1080, 'h') + "\n";
  for (const bool kept : {true, false}) {
    Fixture fixture;
    fixture.write("a", header + "mon1\nmon2\n");
    const ParamValue skip{"skip.lines", "1"};
    CHECK(fixture.run({skip, bounded}) == "EF0505");
    if (kept) CHECK(fixture.disk.rename("a", "archive").ok());
    if (!kept) CHECK(fixture.disk.remove("a").ok());
    fixture.write("a", header + "tue1\ntue2\ntue3\n");
    fixture.out.next_session();
    CHECK(fixture.run({skip, bounded}) == "EF0505");
    CHECK(fixture.out.payloads == Lines{"tue1", "tue2", "tue3"});
    CHECK(fixture.out.gaps.size() == 1);
  }
}

TEST_CASE("a file that took the inode of another one is a new file") {
  Fixture fixture;
  fixture.write("a", "one\ntwo\n");
  CHECK(fixture.run({bounded}) == "EF0505");
  fixture.write("a", "1st\n2nd\n3rd\n");
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"1st", "2nd", "3rd"});
}

TEST_CASE("on_lost_position='fail' ends the source, EF0551, and names the choices") {
  const ParamValue fail{"on_lost_position", "fail"};
  Fixture fixture;
  fixture.disk.data("a") = "one\ntwo\n";
  fixture.steps = {[&] { fixture.disk.data("a") = "x\n"; }};
  CHECK(fixture.run({fail}) == "EF0551");
  fixture.out.next_session();
  CHECK(fixture.run({fail}) == "EF0551");
  fixture.disk.data("a") = "other\nbytes\nfollow\n";
  fixture.out.next_session();
  CHECK(fixture.run({fail}) == "EF0551");
  fixture.out.cursors[""].position = "nonsense";
  CHECK(fixture.run({fail}) == "EF0551");
  CHECK(fixture.out.gaps.empty());
}

TEST_CASE("a cursor of the shape before traces is read") {
  Fixture fixture;
  fixture.write("a", "one\ntwo\n");
  CHECK(fixture.run({bounded}) == "EF0505");
  std::string& position = fixture.out.cursors[""].position;
  std::string old = position;
  for (int i = 0; i < 3; ++i)  // takes trace and time out: the three parts in front of the last
    old.erase(old.rfind(':', old.rfind(':') - 1),
              old.rfind(':') - old.rfind(':', old.rfind(':') - 1));
  position = old;
  fixture.disk.data("a") += "three\n";
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"three"});
}

TEST_CASE("a copied file with the same head goes on") {
  Fixture fixture;
  fixture.disk.data("a") = "one\ntwo\n";
  CHECK(fixture.run({bounded}) == "EF0505");
  const std::string copy = fixture.disk.data("a") + "three\n";
  CHECK(fixture.disk.remove("a").ok());
  fixture.disk.data("a") = copy;
  fixture.out.next_session();
  CHECK(fixture.run({bounded}) == "EF0505");
  CHECK(fixture.out.payloads == Lines{"three"});
}

TEST_CASE("a removed file that was read is let go, and a new one of its name begins at its start") {
  Fixture fixture;
  fixture.write("a", "1\n");
  fixture.steps = {[&] { CHECK(fixture.disk.remove("a").ok()); }};
  fixture.wait(130);
  fixture.steps.emplace_back([&] { fixture.write("a", "2\n"); });
  CHECK(fixture.run({}).empty());
  CHECK(fixture.out.payloads == Lines{"1", "2"});
  CHECK(fixture.out.gaps.empty());
}

TEST_CASE("with a pattern a new file that took a freed inode is read") {
  Fixture fixture;
  fixture.write("d/a.log", "1\n");
  fixture.steps = {[&] {
                     CHECK(fixture.disk.rename("d/a.log", "d/b.log").ok());
                     fixture.write("d/a.log", "2\n");
                   },
                   [&] { CHECK(fixture.disk.remove("d/b.log").ok()); },
                   [&] {
                     fixture.write("d/b.log", "other\n");
                     fixture.disk.node("d/b.log").inode = 1;
                   }};
  fixture.wait(3);
  CHECK(fixture.run({{"path", "d/*.log"}, at_once}).empty());
  CHECK(fixture.out.payloads == Lines{"1", "2", "other"});
}

}  // namespace
}  // namespace eventflux::connectors::file
