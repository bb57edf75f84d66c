#include <csignal>
#include <filesystem>
#include <optional>

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "tests/process/process.hpp"

namespace eventflux::tests {
namespace {

std::string doubling(const Folder& folder, const std::string& select) {
  return "@app(name='signals', epoch.interval='5ms')\n@source(type='file', path='" +
         folder / "in.jsonl" +
         "', poll.interval.ms=5)\nCREATE STREAM Numbers (n BIGINT);\n@sink(type='file', path='" +
         folder / "out.jsonl" + "')\nCREATE STREAM Out (n BIGINT);\nINSERT INTO Out SELECT " +
         select + ";\n";
}

/// A program that follows a file, and its process.
struct Follower {
  explicit Follower(const std::vector<std::string>& more = {}) {
    write_text(folder / "in.jsonl", "{\"n\":1}\n");
    write_text(folder / "a.efql", doubling(folder, "n * 2 AS n FROM Numbers"));
    std::vector<std::string> words{"run", folder / "a.efql", "--state", folder / "state"};
    words.insert(words.end(), more.begin(), more.end());
    process.emplace(words, folder / "log");
    CHECK(rows({"{\"n\":2}"}));
  }

  bool rows(const std::vector<std::string>& wanted) const {
    return wait_for(patience, [&] { return read_lines(folder / "out.jsonl") == wanted; });
  }

  bool says(std::string_view text) const { return wait_for_text(patience, folder / "log", text); }

  int stop() {
    process->signal(SIGTERM);
    return process->wait(patience);
  }

  Folder folder{};
  std::optional<Process> process{};
};

}  // namespace

TEST_CASE("SIGTERM and SIGINT before anything stands end the app with 0") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const Folder folder;
    write_text(folder / "in.jsonl", "");
    write_text(folder / "a.efql", doubling(folder, "n FROM Numbers"));
    Process process({"run", folder / "a.efql", "--state", folder / "state"}, folder / "log",
                    ProcessSetup{.signals_blocked = true});
    process.signal(signal);
    CHECK(process.wait(patience) == 0);
  }
}

namespace {

/// Returns the signals that a thread blocks; bit n - 1 stands for signal n.
std::uint64_t blocked_by(const std::filesystem::path& thread) {
  for (const std::string& line : read_lines(thread / "status"))
    if (line.starts_with("SigBlk:")) return std::stoull(line.substr(7), nullptr, 16);
  return 0;
}

}  // namespace

TEST_CASE("every thread of a run blocks the signals that it answers") {
  Follower app;
  const std::string tasks = "/proc/" + std::to_string(app.process->id()) + "/task";
  std::size_t threads = 0;
  for (const auto& thread : std::filesystem::directory_iterator(tasks)) {
    if (read_text(thread.path() / "comm") == "signals\n") continue;  // It takes them meanwhile.
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
      CHECK((blocked_by(thread.path()) >> (signal - 1) & 1U) == 1U);
    ++threads;
  }
  CHECK(threads >= 4);
  CHECK(app.stop() == 0);
}

TEST_CASE("SIGUSR2 changes nothing, and the app can still be stopped") {
  Follower app;
  app.process->signal(SIGUSR2);
  app.process->signal(SIGUSR2);
  append_text(app.folder / "in.jsonl", "{\"n\":2}\n");
  CHECK(app.rows({"{\"n\":2}", "{\"n\":4}"}));
  CHECK(app.stop() == 0);
}

TEST_CASE("SIGUSR1 writes status and counters") {
  Follower app;
  app.process->signal(SIGUSR1);
  CHECK(app.says("source Numbers: 1 payloads, 1 rows, 0 unmatched, 0 rejected\n"));
  CHECK(app.says("sink Out"));
  CHECK(app.stop() == 0);
}

TEST_CASE("SIGHUP keeps an unchanged program and one that does not compile running") {
  Follower app;
  app.process->signal(SIGHUP);
  CHECK(app.says("reload: unchanged"));
  write_text(app.folder / "a.efql", doubling(app.folder, "m FROM Numbers"));
  app.process->signal(SIGHUP);
  CHECK(app.says("EF0203"));
  CHECK(app.says("reload: the program does not compile; the app keeps running"));
  append_text(app.folder / "in.jsonl", "{\"n\":2}\n");
  CHECK(app.rows({"{\"n\":2}", "{\"n\":4}"}));
  CHECK(app.stop() == 0);
}

TEST_CASE("SIGHUP takes a compatible program at the next checkpoint, and no other") {
  Follower app;
  // A query that keeps state where none did is new: it starts empty.
  const auto counting = [&](const std::string& rows) {
    return doubling(app.folder, "count(*) AS n FROM Numbers WINDOW LENGTH(" + rows + ")");
  };
  write_text(app.folder / "a.efql", counting("2"));
  app.process->signal(SIGHUP);
  CHECK(app.says("reload: compatible"));
  CHECK(app.says("stopped: Numbers 1 rows"));  // The program before it reads nothing more.
  append_text(app.folder / "in.jsonl", "{\"n\":2}\n");
  CHECK(app.rows({"{\"n\":2}", "{\"n\":1}"}));  // Nothing was read twice.
  write_text(app.folder / "a.efql", counting("3"));
  app.process->signal(SIGHUP);
  CHECK(app.says("EF0705"));
  CHECK(app.says("query into Out"));
  append_text(app.folder / "in.jsonl", "{\"n\":3}\n");
  CHECK(app.rows({"{\"n\":2}", "{\"n\":1}", "{\"n\":2}"}));
  CHECK(app.stop() == 0);
}

TEST_CASE("with --log-format json every line on standard error is a JSON object") {
  Follower app({"--log-format", "json"});
  app.process->signal(SIGUSR1);
  CHECK(app.says("source Numbers"));
  app.process->signal(SIGHUP);
  CHECK(app.says("reload: unchanged"));
  CHECK(app.stop() == 0);
  const std::vector<std::string> lines = read_lines(app.folder / "log");
  CHECK(lines.front().find("\"text\":\"state: ") != std::string::npos);
  CHECK(lines.back().find("\"text\":\"stopped: ") != std::string::npos);
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(base::parse_json(line, nullptr).has_value());
  }
}

TEST_CASE("--log-format json: a program that does not compile and an error are JSON too") {
  const Folder folder;
  write_text(folder / "a.efql", "CREATE STREAM S (a INT);\nSELECT b FROM S;\n");
  Process wrong({"run", folder / "a.efql", "--log-format", "json"}, folder / "wrong");
  CHECK(wrong.wait(patience) == 65);
  Process missing({"run", folder / "none.efql", "--log-format", "json"}, folder / "missing");
  CHECK(missing.wait(patience) == 2);
  for (const char* log : {"wrong", "missing"}) {
    CHECK_FALSE(read_lines(folder / log).empty());
    for (const std::string& line : read_lines(folder / log))
      CHECK(base::parse_json(line, nullptr).has_value());
  }
}

TEST_CASE("the simulator stops on SIGTERM with 0, and SIGHUP and SIGUSR1 leave it alone") {
  const Folder folder;
  Process market({"sim", "market", "--port", "0"}, folder / "log");
  CHECK(wait_for_text(patience, folder / "log", "Ctrl-C stops it"));
  market.signal(SIGHUP);
  market.signal(SIGUSR1);
  market.signal(SIGTERM);
  CHECK(market.wait(patience) == 0);
}

}  // namespace eventflux::tests
