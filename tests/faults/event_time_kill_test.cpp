#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "eventflux/time.hpp"

#include "base/fail_point.hpp"
#include "base/json.hpp"
#include "tests/process/process.hpp"

// Two sources, one of them a pattern of three files, are merged and summed in windows of event time
// while the process is killed again and again. Every row carries its partition and number, some are
// malformed and some late, so what has to come out follows from the numbers alone.

namespace eventflux::tests {
namespace {

constexpr std::int64_t partitions = 4;  // one.jsonl and three files of the pattern
constexpr std::int64_t keys = 5;
constexpr std::int64_t per_window = 100;  // rows of a partition in 10 s
constexpr std::int64_t warm_up = 300;     // rows that are read before the first kill
constexpr std::int64_t per_kill = 20;
constexpr std::int64_t start_us = 1'600'000'000'000'000;

bool malformed(std::int64_t i) {
  return i % 50 == 49;
}

bool late(std::int64_t i) {
  return i >= warm_up && i % 50 == 25;
}

bool valid(std::int64_t i) {
  return !malformed(i) && !late(i);
}

/// Times stand out of order within a second, and never across a window.
std::int64_t time_of(std::int64_t i) {
  if (late(i)) return start_us - 1'000'000'000;
  return start_us + (i / 10 * 10 + i * 7 % 10) * 100'000;
}

std::string file_of(std::int64_t p) {
  return p == 0 ? "one.jsonl" : "part-" + std::to_string(p) + ".jsonl";
}

std::string rows_of(std::int64_t p, std::int64_t first, std::int64_t end) {
  std::string text;
  for (std::int64_t i = first; i < end; ++i) {
    if (malformed(i)) {
      text += "broken " + std::to_string(i * partitions + p) + "\n";
      continue;
    }
    text += R"({"n":)" + std::to_string(i * partitions + p) + R"(,"k":)" +
            std::to_string(i % keys) + R"(,"t":")" + to_text(Timestamp{time_of(i)}) + "\"}\n";
  }
  return text;
}

std::string source(const Folder& folder, const std::string& file, const std::string& stream) {
  return "@source(type='file', path='" + folder / file +
         "', poll.interval.ms=5, late='dlq', @map(type='json'))\nCREATE STREAM " + stream +
         " (n BIGINT, k BIGINT, t TIMESTAMP, WATERMARK FOR t AS t - 2 SECONDS);\n";
}

std::string sink(const Folder& folder, const std::string& stream, const std::string& columns) {
  return "@sink(type='file', path='" + folder / stream +
         ".jsonl', @map(type='json'))\nCREATE STREAM " + stream + " (" + columns + ");\n";
}

struct Parts {
  bool reordered = false;
  bool extra = false;  ///< A stream of its own, whose clock is far ahead of the others.
};

std::string program(const Folder& folder, Parts parts = {}) {
  const std::string one = source(folder, "one.jsonl", "One");
  const std::string several = source(folder, "part-*.jsonl", "Several");
  const std::string rows = sink(folder, "Rows", "n BIGINT");
  const std::string totals =
      sink(folder, "Totals", "k BIGINT, w TIMESTAMP, total BIGINT, counted BIGINT");
  const std::string merge_one = "INSERT INTO Merged SELECT n, k, t FROM One;\n";
  const std::string merge_several = "INSERT INTO Merged SELECT n, k, t FROM Several;\n";
  const std::string pass = "INSERT INTO Rows SELECT n FROM Merged;\n";
  const std::string sum =
      "INSERT INTO Totals SELECT k, window_start AS w, sum(n) AS total, count(*) AS counted\n"
      "FROM Merged WINDOW TUMBLING(10 SECONDS) GROUP BY k;\n";
  std::string text = "@app(name='kill', epoch.interval='10ms');\n";
  if (parts.extra) {
    text += source(folder, "extra.jsonl", "Extra") + sink(folder, "More", "n BIGINT, c BIGINT") +
            "INSERT INTO More SELECT max(n) AS n, count(*) AS c FROM Extra WINDOW TUMBLING(10 "
            "SECONDS);\n";
  }
  return text + (parts.reordered
                     ? totals + several + rows + one + merge_one + merge_several + sum + pass
                     : one + several + rows + totals + merge_one + merge_several + pass + sum);
}

/// Follows a file of JSON lines from where the last call ended.
class Tail {
 public:
  explicit Tail(std::string path) : path_(std::move(path)) {}

  /// Returns the lines that are whole; what a kill tore, the sink cuts back.
  std::vector<base::Json> more() {
    std::ifstream file(path_, std::ios::binary);
    file.seekg(offset_);
    std::vector<base::Json> rows;
    for (std::string line; std::getline(file, line) && !file.eof();) {
      auto row = base::parse_json(line, nullptr);
      REQUIRE(row);
      rows.push_back(std::move(*row));
      offset_ += static_cast<std::streamoff>(line.size()) + 1;
    }
    return rows;
  }

 private:
  std::string path_;
  std::streamoff offset_ = 0;
};

std::int64_t next_valid(std::int64_t i) {
  while (!valid(++i)) {
  }
  return i;
}

/// What came out, held against what went in. Every call is about one run of the program.
class Judge {
 public:
  explicit Judge(const Folder& folder)
      : rows_(folder / "Rows.jsonl"), totals_(folder / "Totals.jsonl") {}

  /// Each run goes on in every partition at or before the row after the last one that was written,
  /// and not before what a checkpoint covers; from there on it leaves nothing out.
  void check_rows() {
    std::array<std::int64_t, partitions> at{-1, -1, -1, -1};
    for (const base::Json& row : rows_.more()) {
      const std::int64_t n = row.find("n")->integer;
      const auto p = static_cast<std::size_t>(n % partitions);
      const std::int64_t i = n / partitions;
      if (at[p] < 0) {
        CHECK(i <= next_valid(written_[p]));
        CHECK(i > covered_[p]);
        CHECK(i >= began_[p]);
        began_[p] = i;
      } else {
        CHECK(i == next_valid(at[p]));
      }
      at[p] = i;
      repeated_ += i <= written_[p] ? 1 : 0;
      written_[p] = std::max(written_[p], i);
    }
    check_totals();
  }

  /// Takes the dead letters of the store. Those of a checkpoint come with its positions, so no row
  /// before one of them may come out again.
  void take_letters(const std::vector<std::string>& lines) {
    std::set<std::int64_t> letters;
    for (const std::string& line : lines) {
      CAPTURE(line);
      const auto letter = base::parse_json(line, nullptr);
      REQUIRE(letter);
      const base::Json* row = letter->find("row");
      const std::int64_t n = row != nullptr ? row->find("n")->integer
                                            : std::stoll(letter->find("payload")->text.substr(7));
      CHECK(late(n / partitions) == (row != nullptr));
      CHECK(letters.insert(n).second);  // Stored once.
      std::int64_t& covered = covered_[static_cast<std::size_t>(n % partitions)];
      covered = std::max(covered, n / partitions);
    }
    letters_ = std::move(letters);
  }

  /// All rows before `end` of each partition were read, and their windows closed.
  void check_complete(std::int64_t end) {
    std::set<std::int64_t> letters;
    Totals wanted;
    for (std::int64_t n = 0; n < end * partitions; ++n) {
      const std::int64_t i = n / partitions;
      if (!valid(i)) {
        letters.insert(n);
        continue;
      }
      auto& [total, counted] = wanted[{i % keys, i / per_window}];
      total += n;
      ++counted;
    }
    CHECK(letters_ == letters);
    CHECK(seen_ == wanted);
    for (const std::int64_t i : written_)
      CHECK(next_valid(i) >= end);
  }

  std::size_t repeated() const { return repeated_; }

 private:
  using Totals = std::map<std::pair<std::int64_t, std::int64_t>, std::pair<std::int64_t, int>>;

  void check_totals() {
    for (const base::Json& row : totals_.more()) {
      const auto at = parse_timestamp(row.find("w")->text);
      REQUIRE(at.ok());
      const std::pair key{row.find("k")->integer, (at->us - start_us) / 10'000'000};
      const std::pair sums{row.find("total")->integer,
                           static_cast<int>(row.find("counted")->integer)};
      CHECK(seen_.emplace(key, sums).first->second == sums);  // A repeated row is the same.
    }
  }

  Tail rows_;
  Tail totals_;
  std::array<std::int64_t, partitions> written_{-1, -1, -1, -1};
  std::array<std::int64_t, partitions> began_{-1, -1, -1, -1};
  std::array<std::int64_t, partitions> covered_{-1, -1, -1, -1};
  std::set<std::int64_t> letters_;
  Totals seen_;
  std::size_t repeated_ = 0;
};

class Loop {
 public:
  Loop() : judge_(folder_) { write_text(folder_ / "a.efql", program(folder_)); }

  void append(std::int64_t count) {
    for (std::int64_t p = 0; p < partitions; ++p)
      append_text(folder_ / file_of(p), rows_of(p, rows_, rows_ + count));
    rows_ += count;
  }

  void change(Parts parts) {
    if (parts.extra)
      write_text(folder_ / "extra.jsonl",
                 "{\"n\":7,\"k\":0,\"t\":\"2025-01-01T00:00:05Z\"}\n"
                 "{\"n\":8,\"k\":0,\"t\":\"2025-01-01T00:00:06Z\"}\n");
    write_text(folder_ / "a.efql", program(folder_, parts));
  }

  void run_to_the_end() {
    Process process({"run", folder_ / "a.efql", "--state", folder_ / "state", "--until-eof"},
                    folder_ / "log");
    CHECK(process.wait(patience) == 0);
    CAPTURE(read_text(folder_ / "log"));
    judge_.check_rows();
    take_letters();
    judge_.check_complete(rows_);
  }

  /// Ends a run at a fail point, which may not be reached before `after_ms`, or at any moment.
  void run_and_kill(int after_ms, const std::string& point) {
    ProcessSetup setup;
    if (!point.empty()) setup.environment["EVENTFLUX_FAIL"] = point;
    Process process({"run", folder_ / "a.efql", "--state", folder_ / "state"}, folder_ / "log",
                    setup);
    if (point.empty()) {
      pause_ms(after_ms);
    } else {
      wait_for(after_ms / 1e3, [&] { return !process.running(); });
    }
    if (point.starts_with("drain")) {
      process.signal(SIGTERM);
    } else {
      process.signal(SIGKILL);
    }
    const int status = process.wait(patience);
    CHECK((status >= 128 || point.starts_with("drain")));
    judge_.check_rows();
  }

  void take_letters() {
    write_text(folder_ / "letters", "");
    Process process({"dlq", "ls", "--json", "--limit", "10000000", "--state", folder_ / "state"},
                    folder_ / "errors", {.output = folder_ / "letters"});
    REQUIRE(process.wait(patience) == 0);
    judge_.take_letters(read_lines(folder_ / "letters"));
  }

  std::size_t repeated() const { return judge_.repeated(); }

  std::vector<std::string> more() const { return read_lines(folder_ / "More.jsonl"); }

 private:
  Folder folder_;
  Judge judge_;
  std::int64_t rows_ = 0;
};

/// `make check-slow` asks for 10,000.
int kills_wanted() {
  const char* kills = std::getenv("EVENTFLUX_KILLS");
  return kills == nullptr ? 60 : std::atoi(kills) / 5 * 5;
}

}  // namespace

TEST_CASE("kills under event time lose no row, and no total, and store each dead letter once") {
  const int kills = kills_wanted();
  const std::vector<std::string_view> points = base::fail_point_names();
  Loop loop;
  loop.append(warm_up);
  loop.run_to_the_end();
  for (int kill = 0; kill < kills; ++kill) {
    loop.append(per_kill);
    const auto point = static_cast<std::size_t>(kill / 2);
    const std::string nth = std::to_string(1 + kill / 7 % 4);
    loop.run_and_kill(
        6 + kill * 37 % 71,
        kill % 2 == 0 ? std::string() : std::string(points[point % points.size()]) + ":" + nth);
    if (kill % (kills / 60 + 1) == 0) loop.take_letters();
  }
  loop.run_to_the_end();
  MESSAGE(kills << " kills: " << loop.repeated() << " rows came twice");
}

TEST_CASE("event time goes on over bounded runs, reordered text and an added stream") {
  Loop loop;
  loop.append(warm_up);
  loop.run_to_the_end();
  loop.append(3 * per_window);  // more than the delay, so that no clock may run ahead
  loop.run_to_the_end();
  loop.change({.reordered = true});
  loop.append(3 * per_window);
  loop.run_to_the_end();
  loop.change({.reordered = true, .extra = true});
  loop.append(3 * per_window);
  loop.run_to_the_end();
  CHECK(loop.more() == std::vector<std::string>{R"({"n":8,"c":2})"});
  loop.change({});
  loop.append(3 * per_window);
  loop.run_to_the_end();
  CHECK(loop.repeated() == 0);
}

}  // namespace eventflux::tests
