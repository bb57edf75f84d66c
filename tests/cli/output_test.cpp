// What cannot be written, and what a terminal shows.
#include <algorithm>
#include <csignal>
#include <regex>
#include <unistd.h>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

struct Ran {
  int status;
  std::string errors;
};

Ran run_with(const Folder& folder, const std::vector<std::string>& arguments,
             const ProcessSetup& setup) {
  write_text(folder / "errors", "");
  Process process(arguments, folder / "errors", setup);
  const int status = process.wait(patience);
  return {status, read_text(folder / "errors")};
}

void write_program(const Folder& folder) {
  write_text(folder / "in.jsonl", "{\"n\":1}\n{\"n\":2}\n");
  write_text(folder / "script", "{\"stream\":\"S\",\"row\":[1]}\n");
  write_text(folder / "wrong.efql", "CREATE STREAM S (n BIGINT);\nSELECT m FROM S;\n");
  write_text(folder / "t.efqlt",
             "# about: Rows pass.\n\napp\nCREATE STREAM S (x INT);\n"
             "INSERT INTO O SELECT x FROM S;\n----\nok\n\nsend S\n| 1\n----\n"
             "O\n@0s + | 1\n");
  write_text(folder / "a.efql", "@source(type='file', path='" + folder / "in.jsonl" +
                                    "', when.done='end')\nCREATE STREAM S (n BIGINT);\n"
                                    "SELECT n FROM S;\n");
}

std::vector<std::vector<std::string>> printing_commands(const Folder& folder) {
  return {{"help"},
          {"help", "run"},
          {"version"},
          {"completion", "bash"},
          {"extensions", "ls"},
          {"extensions", "describe", "file"},
          {"extensions", "manifest"},
          {"explain", "EF0203"},
          {"explain", folder / "a.efql"},
          {"test", folder / "t.efqlt"},
          {"replay", folder / "a.efql", folder / "script"},
          {"sim", "market", "--describe"},
          {"run", folder / "a.efql"},
          {"run", folder / "a.efql", "--format", "csv"}};
}

}  // namespace

TEST_CASE("what cannot be written ends no command with 0 (EF0510)") {
  const Folder folder;
  write_program(folder);
  for (const auto& command : printing_commands(folder)) {
    CAPTURE(command[0]);
    const Ran ran = run_with(folder, command, {.output = "/dev/full"});
    CHECK(ran.status == 69);
    CHECK(ran.errors.find("error[EF0510]: cannot write standard output: No space left on device") !=
          std::string::npos);
  }
  CHECK(run_with(folder, {"check", "--json", folder / "wrong.efql"}, {.output = "/dev/full"})
            .status == 65);
}

TEST_CASE("a reader that has gone ends a command with 0") {
  const Folder folder;
  write_program(folder);
  for (const auto& command : printing_commands(folder)) {
    CAPTURE(command[0]);
    CHECK(run_with(folder, command, {.output_closed = true}).status == 0);
  }
}

TEST_CASE("a run ends when its output can no longer be written") {
  const Folder folder;
  write_program(folder);
  write_text(folder / "a.efql", "@source(type='file', path='" + folder / "in.jsonl" +
                                    "')\nCREATE STREAM S (n BIGINT);\nSELECT n FROM S;\n");
  CHECK(run_with(folder, {"run", folder / "a.efql"}, {.output = "/dev/full"}).status == 69);
  CHECK(run_with(folder, {"run", folder / "a.efql"}, {.output_closed = true}).status == 0);
}

TEST_CASE("the status line never stands beside a row, in any format") {
  for (const char* format : {"box", "json", "csv", "line", "changelog", "markdown"}) {
    CAPTURE(format);
    const Folder folder;
    write_program(folder);
    write_text(folder / "a.efql", "@source(type='file', path='" + folder / "in.jsonl" +
                                      "', poll.interval.ms=5)\nCREATE STREAM S (n BIGINT);\n"
                                      "SELECT n FROM S;\n");
    Terminal terminal;
    const std::regex rate("out ([1-9]|0[.][1-9])");
    Process process({"run", folder / "a.efql", "--format", format}, terminal.path());
    const auto shown = [&](const std::string& text) {
      return wait_for(patience, [&] { return terminal.text().find(text) != std::string::npos; });
    };
    CHECK(shown("dlq 0"));
    for (int n = 100; n < 103; ++n) {
      const std::string before = terminal.text();
      append_text(folder / "in.jsonl", "{\"n\":" + std::to_string(n) + "}\n");
      CHECK(shown(std::to_string(n)));
      // The next row finds the line there again.
      const auto again = [&] {
        return terminal.text().rfind("dlq 0") > terminal.text().rfind("10");
      };
      CHECK(wait_for(patience, again));
    }
    // Rows that are printed come out.
    CHECK(wait_for(patience, [&] { return std::regex_search(terminal.text(), rate); }));
    process.signal(SIGTERM);
    CHECK(process.wait(patience) == 0);
    CHECK(terminal.text().find("checkpoint") == std::string::npos);  // of a state in memory
    for (const std::string& line : terminal.lines()) {
      CAPTURE(line);
      CHECK(line.find("dlq 0") == std::string::npos);
    }
  }
}

TEST_CASE("a box fits the terminal, and what it shows cannot steer it") {
  const Folder folder;
  write_text(folder / "in.jsonl",
             R"({"a":"日本電気 and more text than fits","b":"\u001b[31mred"})");
  append_text(folder / "in.jsonl", "\n");
  write_text(folder / "a.efql", "@source(type='file', path='" + folder / "in.jsonl" +
                                    "', when.done='end')\nCREATE STREAM S (a STRING, b STRING);\n"
                                    "@sink(type='console')\nCREATE STREAM O;\n"
                                    "INSERT INTO O SELECT a, b FROM S;\n");
  Terminal terminal(30);
  Process process({"run", folder / "a.efql"}, terminal.path());
  CHECK(process.wait(patience) == 0);
  const std::vector<std::string> lines = terminal.lines();
  const auto has = [&](const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  };
  CHECK(has("│ 日本電気 and … │ \\e[31mred │"));
}

TEST_CASE("streams that share the output are told apart") {
  const Folder folder;
  write_program(folder);
  write_text(
      folder / "a.efql",
      "@source(type='file', path='" + folder / "in.jsonl" +
          "', when.done='end')\nCREATE STREAM S (n BIGINT);\nINSERT INTO T SELECT n * 10 AS n "
          "FROM S WHERE n = 1;\n");
  const Ran ran = run_with(folder, {"run", folder / "a.efql", "--print", "S", "--print", "T"},
                           {.output = folder / "rows"});
  CHECK(ran.status == 0);
  std::vector<std::string> rows = read_lines(folder / "rows");
  std::sort(rows.begin(), rows.end());
  CHECK(rows == std::vector<std::string>{R"({"_stream":"S","n":1})", R"({"_stream":"S","n":2})",
                                         R"({"_stream":"T","n":10})"});
}

TEST_CASE("a secret that others can read, or that is not a file, exits 77 (EF0307, EF0305)") {
  const Folder folder;
  write_program(folder);
  write_text(folder / "a.efql", "@source(type='file', path='${file:" + folder / "secret" +
                                    "}', when.done='end')\nCREATE STREAM S (n BIGINT);\n"
                                    "SELECT n FROM S;\n");
  write_text(folder / "secret", folder / "in.jsonl" + "\n");
  const auto run = [&] { return run_with(folder, {"run", folder / "a.efql"}, {}); };
  ::chmod((folder / "secret").c_str(), 0640);
  CHECK(run().status == 0);
  ::chmod((folder / "secret").c_str(), 0644);
  const Ran exposed = run();
  CHECK(exposed.status == 77);
  CHECK(exposed.errors.find("EF0307") != std::string::npos);
  CHECK(exposed.errors.find("in.jsonl") == std::string::npos);
  ::unlink((folder / "secret").c_str());
  CHECK(run().status == 77);
  CHECK(::mkfifo((folder / "secret").c_str(), 0600) == 0);
  const Ran pipe = run();
  CHECK(pipe.status == 77);
  CHECK(pipe.errors.find("is not a regular file") != std::string::npos);
}

}  // namespace eventflux::tests
