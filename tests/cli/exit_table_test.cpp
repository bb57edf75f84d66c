// Each exit status of the table that no other test reaches.
#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

std::string file_app(const Folder& folder, const std::string& options = {}) {
  return "@source(type='file', path='" + folder / "in.jsonl" + "', poll.interval.ms=5" + options +
         ")\nCREATE STREAM S (n BIGINT);\n@sink(type='file', path='" + folder / "out.jsonl" +
         "')\nCREATE STREAM O;\nINSERT INTO O SELECT n FROM S;\n";
}

int status_of(const Folder& folder, const std::vector<std::string>& arguments,
              const ProcessSetup& setup = {}) {
  Process process(arguments, folder / "log", setup);
  return process.wait(patience);
}

}  // namespace

TEST_CASE("1: warnings with --deny-warnings, a failed test, another output than expected") {
  const Folder folder;
  write_text(folder / "a.efql",
             "CREATE STREAM S (a INT);\nCREATE STREAM T (a INT);\n"
             "SELECT a FROM S;\n");
  CHECK(status_of(folder, {"check", folder / "a.efql"}) == 0);
  CHECK(status_of(folder, {"check", "--deny-warnings", folder / "a.efql"}) == 1);
  write_text(folder / "t.efqlt",
             "# about: Rows pass.\n\napp\nCREATE STREAM S (x INT);\n"
             "INSERT INTO O SELECT x FROM S;\n----\nok\n\nsend S\n| 1\n----\n"
             "O\n@0s + | 2\n");
  CHECK(status_of(folder, {"test", folder / "t.efqlt"}) == 1);
  CHECK(status_of(folder, {"test", folder / "t.efqlt", "--junit", folder / "junit.xml"}) == 1);
  CHECK(read_text(folder / "junit.xml").find("failures=\"5\"") != std::string::npos);
  write_text(folder / "script", "{\"stream\":\"S\",\"row\":[1]}\n");
  write_text(folder / "expected", "{}\n");
  CHECK(status_of(folder, {"replay", folder / "a.efql", folder / "script", "--expect",
                           folder / "expected"}) == 1);
}

TEST_CASE("69: a result that cannot be written, and the file is as it was (EF0510)") {
  const Folder folder;
  write_text(folder / "t.efqlt", "# about: Nothing.\n\napp\nCREATE STREAM S (x INT);\n----\nok\n");
  CHECK(status_of(folder, {"test", folder / "t.efqlt", "--junit", "/dev/full"}) == 69);
  CHECK(status_of(folder, {"test", folder / "t.efqlt", "--junit", folder / "no/such/junit.xml"}) ==
        69);
  CHECK(read_text(folder / "log").find("EF0510") != std::string::npos);
}

TEST_CASE("74: a state directory that cannot be one") {
  const Folder folder;
  write_text(folder / "in.jsonl", "");
  write_text(folder / "a.efql", file_app(folder));
  write_text(folder / "state", "a file");
  CHECK(status_of(folder, {"run", folder / "a.efql", "--state", folder / "state"}) == 74);
  CHECK(read_text(folder / "state") == "a file");
}

TEST_CASE("130: a second SIGINT gives up what is not written") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n");
  std::string app = file_app(folder);
  app.replace(app.find("out.jsonl"), 9, "blocked");
  REQUIRE(::mkdir((folder / "blocked").c_str(), 0700) == 0);  // What cannot be opened is retried.
  write_text(folder / "a.efql", app);
  Process process({"run", folder / "a.efql", "--state", folder / "state"}, folder / "log");
  CHECK(wait_for_text(patience, folder / "log", "EF0510"));
  process.signal(SIGINT);
  CHECK(wait_for_text(patience, folder / "log", "stopping: "));
  process.signal(SIGINT);
  CHECK(process.wait(patience) == 130);
}

TEST_CASE("0: --for is over, and what was read is written") {
  const Folder folder;
  write_text(folder / "in.jsonl", "");
  write_text(folder / "a.efql", file_app(folder));
  CHECK(status_of(folder, {"run", folder / "a.efql", "--state", folder / "state", "--for", "0s"}) ==
        0);
  CHECK(status_of(folder, {"run", folder / "a.efql", "--for", "1ms", "--shutdown-timeout", "1m"}) ==
        0);
}

TEST_CASE("the last line counts what was thrown away") {
  const Folder folder;
  write_text(folder / "in.jsonl",
             "{\"t\":\"2026-01-01T00:00:01Z\"}\n{\"t\":\n{\"t\":\"2026-01-01T00:00:12Z\"}\n"
             "{\"t\":\"2026-01-01T00:00:02Z\"}\n");
  write_text(
      folder / "a.efql",
      "@source(type='file', path='" + folder / "in.jsonl" +
          "', when.done='end')\nCREATE STREAM S (t TIMESTAMP, WATERMARK FOR t AS t - 1 SECOND);\n"
          "SELECT window_start, count(*) AS n FROM S WINDOW TUMBLING(10 SECONDS);\n");
  CHECK(status_of(folder, {"run", folder / "a.efql"}) == 0);
  CHECK(
      read_text(folder / "log")
          .find("stopped: S 3 rows, 0 duplicates removed, 0 dead letters, 1 rejected, 1 late\n") !=
      std::string::npos);
}

TEST_CASE("a program is formatted whole or stays as it is") {
  const Folder folder;
  write_text(folder / "a.efql", "create stream S (a INT);\nselect a from S;\n");
  std::filesystem::permissions(folder / "a.efql", std::filesystem::perms{0640});
  std::filesystem::create_symlink(folder / "a.efql", folder / "link.efql");
  CHECK(status_of(folder, {"fmt", folder / "link.efql"}) == 0);
  CHECK(read_text(folder / "a.efql").find("CREATE STREAM S") == 0);
  CHECK(std::filesystem::is_symlink(folder / "link.efql"));
  CHECK(std::filesystem::status(folder / "a.efql").permissions() == std::filesystem::perms{0640});
  CHECK_FALSE(std::filesystem::exists(folder / "a.efql.part"));
}

}  // namespace eventflux::tests
