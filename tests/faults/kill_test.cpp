#include <charconv>
#include <csignal>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "base/fail_point.hpp"
#include "base/json.hpp"
#include "tests/process/process.hpp"

// file → keyed window → file. Every row carries its number, and each window of ten rows per key is
// written with its first number and its sum, so loss, duplication and wrong totals need no guess.

namespace eventflux::tests {
namespace {

constexpr int keys = 7;
constexpr int window = 10;

std::string program(const Folder& folder) {
  return "@app(name='kill', epoch.interval='10ms')\n"
         "@source(type='file', path='" +
         folder / "in.jsonl" +
         "', poll.interval.ms=5, @map(type='json'))\n"
         "CREATE STREAM Numbers (k BIGINT, n BIGINT);\n"
         "@sink(type='file', path='" +
         folder / "out.jsonl" +
         "', @map(type='json'))\n"
         "CREATE STREAM Totals (k BIGINT, first_n BIGINT, total BIGINT, counted BIGINT);\n"
         "INSERT INTO Totals SELECT k, first(n) AS first_n, sum(n) AS total, count(*) AS counted\n"
         "FROM Numbers WINDOW LENGTH_BATCH(10) PER (k) GROUP BY k;\n";
}

std::string rows(int first, int count) {
  std::string text;
  for (int n = first; n < first + count; ++n)
    text += "{\"k\":" + std::to_string(n % keys) + ",\"n\":" + std::to_string(n) + "}\n";
  return text;
}

/// What the windows of `count` rows add up to, by key and first number.
std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> expected(int count) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> totals;
  for (int k = 0; k < keys; ++k) {
    for (int first = k; first + keys * (window - 1) < count; first += keys * window) {
      std::int64_t total = 0;
      for (int i = 0; i < window; ++i)
        total += first + keys * i;
      totals[{k, first}] = total;
    }
  }
  return totals;
}

struct Outcome {
  std::size_t windows = 0;
  std::size_t wrong = 0;
  std::size_t duplicates = 0;
  std::size_t torn = 0;
};

Outcome judge(const Folder& folder, int count) {
  const auto wanted = expected(count);
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  Outcome outcome;
  for (const std::string& line : read_lines(folder / "out.jsonl")) {
    const auto row = base::parse_json(line, nullptr);
    if (!row) {
      ++outcome.torn;
      continue;
    }
    const std::pair key{row->find("k")->integer, row->find("first_n")->integer};
    const auto found = wanted.find(key);
    if (found == wanted.end() || found->second != row->find("total")->integer) {
      ++outcome.wrong;
    } else if (!seen.insert(key).second) {
      ++outcome.duplicates;
    }
  }
  outcome.windows = seen.size();
  return outcome;
}

bool complete(const Folder& folder, int count) {
  return judge(folder, count).windows == expected(count).size();
}

void run_and_kill(const Folder& folder, int after_ms) {
  Process process({"run", folder / "kill.efql", "--state", folder / "state"}, folder / "log");
  pause_ms(after_ms);
  process.signal(SIGKILL);
  const int status = process.wait(patience);
  CAPTURE(read_text(folder / "log"));
  REQUIRE(status == 128 + SIGKILL);
}

}  // namespace

TEST_CASE("200 kills lose no row, and every total is right") {
  const Folder folder;
  write_text(folder / "kill.efql", program(folder));
  constexpr int kills = 200;
  constexpr int per_kill = 400;
  write_text(folder / "in.jsonl", "");
  for (int kill = 0; kill < kills; ++kill) {
    append_text(folder / "in.jsonl", rows(kill * per_kill, per_kill));
    run_and_kill(folder, 4 + (kill * 37) % 116);
  }
  constexpr int count = kills * per_kill;
  Process process({"run", folder / "kill.efql", "--state", folder / "state"}, folder / "last");
  // All windows may be there before the last process is: it is stopped once it runs.
  const auto done = [&] {
    return read_text(folder / "last").find("state: ") != std::string::npos &&
           complete(folder, count);
  };
  CHECK(wait_for(patience, done));
  process.signal(SIGTERM);
  CHECK(process.wait(patience) == 0);
  const Outcome outcome = judge(folder, count);
  CHECK(outcome.windows == expected(count).size());
  CHECK(outcome.wrong == 0);
  MESSAGE("200 kills: " << outcome.windows << " windows, 0 lost, " << outcome.wrong << " wrong, "
                        << outcome.duplicates << " duplicates, " << outcome.torn << " torn lines");
}

TEST_CASE("a crash at any fail point, the first time and later, loses nothing") {
  for (const std::string_view point : base::fail_point_names()) {
    // Of transactional sinks, which tests/delivery/exactly_once_test.cpp kills there.
    if (point.starts_with("sink.commit.")) continue;
    CAPTURE(point);
    const Folder folder;
    constexpr int count = 2000;
    write_text(folder / "kill.efql", program(folder));
    write_text(folder / "in.jsonl", rows(0, count));
    bool reached = false;
    for (const char* nth : {"1", "2", "3"}) {
      Process process({"run", folder / "kill.efql", "--state", folder / "state", "--until-eof"},
                      folder / "log",
                      {.environment = {{"EVENTFLUX_FAIL", std::string(point) + ":" + nth}}});
      reached = process.wait(patience) == 137 || reached;
    }
    CHECK(reached);
    Process process({"run", folder / "kill.efql", "--state", folder / "state", "--until-eof"},
                    folder / "log");
    CHECK(process.wait(patience) == 0);
    const Outcome outcome = judge(folder, count);
    CHECK(outcome.windows == expected(count).size());
    CHECK(outcome.wrong == 0);
  }
}

TEST_CASE("a first signal drains and exits 0, a locked store is refused with 11") {
  const Folder folder;
  write_text(folder / "kill.efql", program(folder));
  write_text(folder / "in.jsonl", rows(0, 700));
  Process process({"run", folder / "kill.efql", "--state", folder / "state"}, folder / "log");
  const auto done = [&] { return complete(folder, 700); };
  CHECK(wait_for(patience, done));
  Process second({"run", folder / "kill.efql", "--state", folder / "state"}, folder / "second");
  CHECK(second.wait(patience) == 11);
  CHECK(read_text(folder / "second").find("EF0701") != std::string::npos);
  process.signal(SIGINT);
  CHECK(process.wait(patience) == 0);
}

TEST_CASE("a damaged store is refused with 12 and left as it is") {
  const Folder folder;
  write_text(folder / "kill.efql", program(folder));
  write_text(folder / "in.jsonl", rows(0, 700));
  {
    Process process({"run", folder / "kill.efql", "--state", folder / "state", "--until-eof"},
                    folder / "log");
    REQUIRE(process.wait(patience) == 0);
  }
  const std::string store = folder / "state/kill/store.mdb";
  const std::string intact = read_text(store);
  std::string cut = intact.substr(0, intact.size() / 2);
  write_text(store, cut);
  Process truncated({"run", folder / "kill.efql", "--state", folder / "state"},
                    folder / "truncated");
  CHECK(truncated.wait(patience) == 12);
  CHECK(read_text(store) == cut);
  write_text(store, "");
  Process empty({"run", folder / "kill.efql", "--state", folder / "state"}, folder / "empty");
  CHECK(empty.wait(patience) == 12);
  CHECK(read_text(folder / "empty").find("EF0702") != std::string::npos);
}

TEST_CASE("a changed query does not take over foreign state") {
  const Folder folder;
  write_text(folder / "kill.efql", program(folder));
  write_text(folder / "in.jsonl", rows(0, 700));
  {
    Process process({"run", folder / "kill.efql", "--state", folder / "state", "--until-eof"},
                    folder / "log");
    REQUIRE(process.wait(patience) == 0);
  }
  std::string other = program(folder);
  other.replace(other.find("LENGTH_BATCH(10)"), 16, "LENGTH_BATCH(20)");
  write_text(folder / "kill.efql", other);
  Process process({"run", folder / "kill.efql", "--state", folder / "state"}, folder / "other");
  CHECK(process.wait(patience) == 14);
  CHECK(read_text(folder / "other").find("EF0705") != std::string::npos);
}

}  // namespace eventflux::tests
