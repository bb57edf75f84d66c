// Nexmark as a correctness suite: every query in the whole engine, against figures of a slow
// reference that shares no code with it.
#include <filesystem>

#include <doctest/doctest.h>

#include "eventflux/row_text.hpp"

#include "figures.hpp"
#include "run.hpp"

namespace eventflux::nexmark {
namespace {

std::string figures_of(Runs& runs, const Query& query, const RunSpec& spec) {
  Figures figures(query);
  const auto ran = runs.run(spec, [&](const Schema& schema, const Batch& rows) {
    figures.add(schema, rows);
    return true;
  });
  return ran.ok() ? figures.text() : ran.error().message;
}

std::string rows_of(Runs& runs, const RunSpec& spec) {
  std::string text;
  const auto ran = runs.run(spec, [&](const Schema& schema, const Batch& rows) {
    text += render_rows(schema, rows, RowFormat::raw);
    return true;
  });
  return ran.ok() ? text : ran.error().message;
}

Pace pace_of(const Query& query) {
  return query.arrival_time ? Pace::events : Pace::work;
}

/// A folder that is empty at first and gone afterwards.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() /
              (name + std::to_string(static_cast<unsigned>(::getpid())))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }

  ~Folder() { std::filesystem::remove_all(path_); }

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("every query finds what the reference finds") {
  Runs runs;
  for (const Query& query : queries()) {
    CAPTURE(query.name);
    CHECK(figures_of(runs, query, {.query = query.name, .pace = pace_of(query)}) ==
          Figures(query).expected());
  }
}

TEST_CASE("a second of disorder under a watermark of four changes nothing in event time") {
  Runs runs;
  for (const Query& query : queries()) {
    if (query.arrival_time) continue;
    CAPTURE(query.name);
    CHECK(figures_of(runs, query, {.query = query.name, .disorder = 1000}) ==
          Figures(query).expected());
  }
}

TEST_CASE("rows do not depend on how many events are handed on together") {
  Runs runs;
  for (const Query& query : queries()) {
    RunSpec spec{.query = query.name, .events = 20'000, .rate = 100, .pace = pace_of(query)};
    const std::string rows = rows_of(runs, spec);
    CHECK(rows.size() > 100);
    for (const std::uint64_t batch : {1U, 7U, 64U}) {
      spec.batch = batch;
      CAPTURE(query.name);
      CAPTURE(batch);
      CHECK((rows_of(runs, spec) == rows));
    }
  }
}

namespace {

/// Runs until 30,000 rows have come or there are no more; returns how many came.
std::uint64_t rows_of_some(Runs& runs, const RunSpec& spec, Figures& figures) {
  std::uint64_t seen = 0;
  const auto ran = runs.run(spec, [&](const Schema& schema, const Batch& rows) {
    figures.add(schema, rows);
    seen += rows.size();
    return seen < 30'000;
  });
  REQUIRE_MESSAGE(ran.ok(), (ran.ok() ? "" : ran.error().message));
  return seen;
}

}  // namespace

TEST_CASE("a query that was stopped on the way goes on where it was") {
  Runs runs;
  for (const Query& query : queries()) {
    if (query.name != "q0" && query.name != "q16") continue;
    const Folder folder("nexmark-" + query.name);
    Figures figures(query);
    const RunSpec spec{.query = query.name, .state_dir = folder.path()};
    std::uint64_t starts = 1;
    std::uint64_t seen = rows_of_some(runs, spec, figures);
    for (std::uint64_t more = seen; more != 0; ++starts) {
      more = rows_of_some(runs, spec, figures);
      seen += more;
    }
    CHECK(starts >= 3);
    CHECK(seen == 92'000);
    CHECK(figures.text() == figures.expected());
  }
}

}  // namespace eventflux::nexmark
