#include <csignal>

#include <doctest/doctest.h>

#include "eventflux/error.hpp"

#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

struct Ran {
  int status;
  std::string output;
};

Ran run(const Folder& folder, const std::vector<std::string>& arguments,
        double seconds = patience) {
  const std::string log = folder / "output";
  write_text(log, "");
  Process process(arguments, log);
  const int status = process.wait(seconds);
  return {status, read_text(log)};
}

bool says(const Ran& ran, const std::string& text) {
  return ran.output.find(text) != std::string::npos;
}

std::string numbers_app(const Folder& folder, const std::string& source_options,
                        const std::string& sink_path, const std::string& sink_options) {
  return "@app(name='numbers', epoch.interval='10ms')\n@source(type='file', path='" +
         folder / "in.jsonl" + "', poll.interval.ms=5" + source_options +
         ", @map(type='json'))\nCREATE STREAM Numbers (n BIGINT);\n" + "@sink(type='file', path='" +
         sink_path + "'" + sink_options +
         ", @map(type='json'))\nCREATE STREAM Twice (n BIGINT);\n" +
         "INSERT INTO Twice SELECT n * 2 AS n FROM Numbers;\n";
}

}  // namespace

TEST_CASE("usage errors exit 2 and name the near command") {
  const Folder folder;
  const Ran unknown = run(folder, {"chekc"});
  CHECK(unknown.status == 2);
  CHECK(says(unknown, "did you mean 'check'?"));
  CHECK(run(folder, {"run", "x.efql", "--sate", "s"}).status == 2);
  CHECK(run(folder, {"run"}).status == 2);
  CHECK(run(folder, {"completion", "tcsh"}).status == 2);
}

TEST_CASE("help, version and completion exit 0") {
  const Folder folder;
  CHECK(says(run(folder, {"help"}), "usage: eventflux COMMAND"));
  CHECK(says(run(folder, {"run", "--help"}), "--state DIR"));
  CHECK(run(folder, {"version"}).status == 0);
  for (const char* shell : {"bash", "zsh", "fish"})
    CHECK(says(run(folder, {"completion", shell}), "shutdown-timeout"));
  const Ran described = run(folder, {"extensions", "describe", "websocket"});
  CHECK(says(described, "reconnect.delay.ms"));
  CHECK(says(described, "At least 1. Needs open.wait.for."));
  CHECK(says(described, "Needs url='wss://…' and tls.verify='true'."));
  CHECK(says(run(folder, {"extensions", "describe", "file", "--format", "md"}),
             "'delimiter' needs framing.delimiter."));
  CHECK(says(run(folder, {"extensions", "describe", "bytes", "--format", "json"}),
             R"("least":"0","excludes":["column"])"));
  CHECK(says(run(folder, {"explain", "EF0901"}), "exit status: 70"));
  CHECK(says(run(folder, {"explain", "EF0804"}), "wrong_lifecycle"));
}

TEST_CASE("a program that does not compile exits 65 with every mistake in one run") {
  const Folder folder;
  write_text(
      folder / "a.efql",
      "CREATE STREAM S (a INT);\nINSERT INTO T SELECT b FROM S;\nINSERT INTO U SELECT a FRM S;\n");
  const Ran text = run(folder, {"check", folder / "a.efql"});
  CHECK(text.status == 65);
  CHECK(says(text, "EF0203"));
  CHECK(says(text, "EF0107"));
  const Ran json = run(folder, {"check", "--json", folder / "a.efql"});
  CHECK(says(json, "\"range\":{\"start\":{\"line\":1,\"character\":21}"));
}

TEST_CASE("a value that cannot be used exits 65 before anything is made, a variable's at start") {
  const Folder folder;
  const auto written = [&](const std::string& prefix) {
    write_text(folder / "a.efql", numbers_app(folder, ", " + prefix, folder / "out.jsonl", ""));
    return folder / "a.efql";
  };
  for (const char* command : {"check", "explain", "run"}) {
    const Ran ran = run(folder, {command, written("line.max.bytes='many'")});
    CHECK(ran.status == 65);
    CHECK(says(ran, "error[EF0303]: line.max.bytes = 'many' is not a size"));
    CHECK(says(ran, "a.efql:2:"));
  }
  CHECK(run(folder, {"check", written("line.max.bytes='${env:NO_SUCH_SIZE:-many}'")}).status == 0);
  const Ran started = run(folder, {"run", folder / "a.efql"});
  CHECK(started.status == 65);
  CHECK(says(started, "line.max.bytes = 'many' is not a size"));
}

TEST_CASE("fmt --check exits 1 and changes nothing") {
  const Folder folder;
  write_text(folder / "a.efql", "create stream S (a INT);");
  CHECK(run(folder, {"fmt", "--check", folder / "a.efql"}).status == 1);
  CHECK(read_text(folder / "a.efql") == "create stream S (a INT);");
  CHECK(run(folder, {"fmt", folder / "a.efql"}).status == 0);
  CHECK(run(folder, {"fmt", "--check", folder / "a.efql"}).status == 0);
}

TEST_CASE("a missing variable exits 77 (EF0305)") {
  const Folder folder;
  write_text(folder / "in.jsonl", "");
  write_text(folder / "a.efql", numbers_app(folder, "", "${env:EVENTFLUX_NO_SUCH_VARIABLE}", ""));
  const Ran ran = run(folder, {"run", folder / "a.efql"});
  CHECK(ran.status == 77);
  CHECK(says(ran, "EF0305"));
}

TEST_CASE("an endpoint that stays away exits 69 when attempts are over (EF0509)") {
  const Folder folder;
  write_text(folder / "a.efql",
             "@source(type='websocket', url='ws://127.0.0.1:1', reconnect.max.attempts=1, "
             "reconnect.delay.ms=5, @map(type='json'))\n"
             "CREATE STREAM S (a INT);\nSELECT a FROM S;\n");
  const Ran ran = run(folder, {"run", folder / "a.efql"});
  CHECK(ran.status == 69);
  CHECK(says(ran, "EF0509"));
  CHECK(run(folder, {"check", "--connect", folder / "a.efql"}).status == 69);
  write_text(folder / "b.efql",
             "@source(type='timer', interval='1s')\nCREATE STREAM S (scheduled TIMESTAMP);\n"
             "@sink(type='websocket', url='ws://127.0.0.1:1', @map(type='json'))\n"
             "CREATE STREAM Out (at TIMESTAMP);\n"
             "INSERT INTO Out SELECT scheduled AS at FROM S;\n");
  CHECK(run(folder, {"check", "--connect", folder / "b.efql"}).status == 69);
}

TEST_CASE("a sink whose retries are over fails the app under on_exhausted='fail' (EF0543)") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n");
  write_text(folder / "a.efql",
             numbers_app(folder, "", folder / ".",
                         ", retry.max-attempts=2, retry.initial-delay='5ms', on_exhausted='fail'"));
  const Ran ran = run(folder, {"run", folder / "a.efql", "--state", folder / "state"});
  CHECK(ran.status == 69);
  CHECK(says(ran, "EF05"));
}

TEST_CASE("a bad row under error.strategy='fail' exits 65 and is read again after a restart") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n{\"n\":\"x\"}\n{\"n\":3}\n");
  write_text(folder / "a.efql",
             numbers_app(folder, ", error.strategy='fail'", folder / "out.jsonl", ""));
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Ran ran = run(folder, {"run", folder / "a.efql", "--state", folder / "state"});
    CHECK(ran.status == 65);
    CHECK(says(ran, "EF0604"));
    CHECK(read_lines(folder / "out.jsonl") == std::vector<std::string>{"{\"n\":2}"});
  }
  write_text(folder / "a.efql",
             numbers_app(folder, ", error.strategy='drop'", folder / "out.jsonl", ""));
  CHECK(
      run(folder, {"run", folder / "a.efql", "--state", folder / "state", "--until-eof"}).status ==
      0);
  CHECK(read_lines(folder / "out.jsonl") == std::vector<std::string>{"{\"n\":2}", "{\"n\":6}"});
}

TEST_CASE("a dead letter before the payload at which the app stops is stored, once") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"kind\":\"other\"}\n{\"kind\":\"n\",\"n\":\"x\"}\n");
  write_text(folder / "a.efql",
             "@source(type='file', path='" + folder / "in.jsonl" +
                 "', unmatched='dlq', error.strategy='fail', @map(type='json'))\n"
                 "CREATE SOURCE feed;\n"
                 "CREATE RESOURCE Numbers ON feed WHEN $.kind = 'n' (n BIGINT);\n"
                 "SELECT n FROM Numbers;\n");
  for (int attempt = 0; attempt < 2; ++attempt) {
    CHECK(run(folder, {"run", folder / "a.efql", "--state", folder / "state"}).status == 65);
    const Ran listed = run(folder, {"dlq", "ls", "--state", folder / "state"});
    CHECK(says(listed, "EF0608"));
    CHECK(says(listed, "1 dead letters"));
  }
}

namespace {

/// Doubles numbers; one of the input is too large for that.
std::string failing_app(const Folder& folder, const std::string& epochs,
                        const std::string& action) {
  return "@app(name='numbers', " + epochs + ")\n@source(type='file', path='" + folder / "in.jsonl" +
         "', poll.interval.ms=5, @map(type='json'))\nCREATE STREAM Numbers (n BIGINT);\n"
         "@sink(type='file', path='" +
         folder / "out.jsonl" +
         "', @map(type='json'))\nCREATE STREAM Totals (total BIGINT, rows BIGINT);\n"
         "INSERT INTO Seen SELECT count(*) AS rows FROM Numbers;\n@onerror(action='" +
         action +
         "') INSERT INTO Totals SELECT sum(n * 2) AS total, count(*) AS rows FROM Numbers;\n";
}

}  // namespace

TEST_CASE("a row that fails under @onerror(action='fail') exits 65 with all before it written") {
  for (const std::string epochs : {"epoch.interval='10s'", "epoch.records=1"}) {
    CAPTURE(epochs);
    const Folder folder;
    write_text(folder / "in.jsonl",
               "{\"n\":1}\n{\"n\":2}\n{\"n\":9223372036854775807}\n{\"n\":4}\n");
    const auto write_app = [&](const std::string& action) {
      write_text(folder / "a.efql", failing_app(folder, epochs, action));
    };
    const std::vector<std::string> arguments{"run", folder / "a.efql", "--state", folder / "state",
                                             "--until-eof"};
    write_app("fail");
    const std::vector<std::string> before{R"({"total":2,"rows":1})", R"({"total":6,"rows":2})"};
    std::vector<std::string> rows;
    for (int attempt = 0; attempt < 2; ++attempt) {
      const Ran ran = run(folder, arguments);
      CHECK(ran.status == 65);
      CHECK(says(ran, "EF0603"));
      // The epoch of the row is not committed: what it wrote before the row comes again.
      rows.insert(rows.end(), before.begin(), before.end());
      CHECK(read_lines(folder / "out.jsonl") == rows);
    }
    write_app("drop");
    CHECK(run(folder, arguments).status == 0);
    rows.insert(rows.end(), before.begin(), before.end());
    rows.emplace_back(R"({"total":14,"rows":3})");
    CHECK(read_lines(folder / "out.jsonl") == rows);
  }
}

TEST_CASE("malformed payloads become dead letters, and dlq shows them") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n{\"n\":\n{\"n\":9223372036854775807}\n{\"n\":3}\n");
  write_text(folder / "a.efql", numbers_app(folder, "", folder / "out.jsonl", ""));
  CHECK(
      run(folder, {"run", folder / "a.efql", "--state", folder / "state", "--until-eof"}).status ==
      0);
  CHECK(read_lines(folder / "out.jsonl").size() == 2);
  const Ran listed = run(folder, {"dlq", "ls", "--state", folder / "state"});
  CHECK(listed.status == 0);
  CHECK(says(listed, "EF0601"));
  CHECK(says(listed, "EF0603"));
  CHECK(says(run(folder, {"dlq", "show", "--state", folder / "state"}),
             "\"payload\":\"{\\\"n\\\":\""));
}

TEST_CASE("a sink below a folder that does not exist ends the app at once, EF0303") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n");
  write_text(folder / "a.efql", numbers_app(folder, "", folder / "no/such/folder/out.jsonl", ""));
  const Ran ran = run(folder, {"run", folder / "a.efql", "--state", folder / "state"});
  CHECK(ran.status == 65);
  CHECK(says(ran, "EF0303"));
}

TEST_CASE("a drain that takes too long exits 75 (EF0805), a second signal 143") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n");
  // A folder where the file should be may go away, so the sink keeps trying.
  write_text(folder / "a.efql", numbers_app(folder, "", folder / ".", ""));
  Process slow(
      {"run", folder / "a.efql", "--state", folder / "state", "--shutdown-timeout", "300ms"},
      folder / "slow");
  CHECK(wait_for_text(patience, folder / "slow", "EF0510"));
  slow.signal(SIGTERM);
  CHECK(slow.wait(patience) == 75);
  CHECK(read_text(folder / "slow").find("EF0805") != std::string::npos);
  Process forced({"run", folder / "a.efql", "--state", folder / "state"}, folder / "forced");
  CHECK(wait_for_text(patience, folder / "forced", "EF0510"));
  forced.signal(SIGTERM);
  CHECK(wait_for_text(patience, folder / "forced", "stopping: "));  // Two at once would be one.
  forced.signal(SIGTERM);
  CHECK(forced.wait(patience) == 143);
}

TEST_CASE("--set overrides a parameter, and an unknown path is refused") {
  const Folder folder;
  write_text(folder / "in.jsonl", "{\"n\":1}\n");
  write_text(folder / "a.efql", numbers_app(folder, "", folder / "out.jsonl", ""));
  CHECK(run(folder, {"run", folder / "a.efql", "--until-eof", "--set",
                     "sink.Twice.file.path=" + folder / "other.jsonl"})
            .status == 0);
  CHECK(read_lines(folder / "other.jsonl").size() == 1);
  CHECK(run(folder, {"run", folder / "a.efql", "--set", "sink.None.path=x"}).status == 78);
  const Ran refused =
      run(folder, {"run", folder / "a.efql", "--set", "source.Numbers.when.done=never"});
  CHECK(refused.status == 78);
  CHECK(says(refused, "error[EF0303]: when.done = 'never' is not a known value"));
}

TEST_CASE("replay refuses a line that does not fit with 65 and its number (EF0807)") {
  const Folder folder;
  write_text(folder / "a.efql", "CREATE STREAM S (a INT);\nSELECT a FROM S;\n");
  write_text(folder / "script",
             "{\"stream\":\"S\",\"row\":[1]}\n{\"stream\":\"S\",\"row\":[1,2]}\n");
  const Ran ran = run(folder, {"replay", folder / "a.efql", folder / "script"});
  CHECK(ran.status == 65);
  CHECK(says(ran, "\"line\":2"));
  CHECK(says(ran, "EF0807"));
}

}  // namespace eventflux::tests
