#include <sstream>

#include <doctest/doctest.h>

#include "extensions/testing/collecting_emitter.hpp"
#include "extensions/testing/host.hpp"
#include "writer.hpp"

namespace eventflux::connectors::nexmark {

void register_extension(Registry& registry);

namespace {

TableProjection all_of(Kind kind) {
  TableProjection wanted{static_cast<std::size_t>(kind), {}};
  for (std::size_t i = 0; i < tables()[wanted.table].columns.size(); ++i)
    wanted.columns.push_back(i);
  return wanted;
}

using Rows = testing::CollectingEmitter;

std::vector<Schema> schemas_of(const std::vector<TableProjection>& wanted) {
  std::vector<Schema> schemas;
  for (const TableProjection& one : wanted) {
    Schema& schema = schemas.emplace_back();
    for (const std::size_t column : one.columns)
      schema.fields.push_back(tables()[one.table].columns.fields[column]);
  }
  return schemas;
}

const std::vector<TableProjection> everything{all_of(Kind::person), all_of(Kind::auction),
                                              all_of(Kind::bid)};
constexpr std::size_t persons = 0;
constexpr std::size_t auctions = 1;
constexpr std::size_t bids = 2;

/// Reads "rate=1000 events=100".
ParamValues values_of(const std::string& text) {
  ParamValues values;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    values.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  return values;
}

/// One run of a source; each pause takes as long as was asked.
struct Run {
  explicit Run(const std::string& values, const std::vector<TableProjection>& wanted = everything,
               const std::optional<Cursor>& cursor = {})
      : rows(wanted, schemas_of(wanted)) {
    rows.on_pause = host.passing_time();
    if (cursor) rows.cursors[""] = *cursor;
    ended = host.run(values_of(values), rows);
  }

  template <class T>
  T at(std::size_t resource, std::size_t column, std::uint32_t row) {
    return rows.column(column, resource).at<T>(row);
  }

  std::int64_t sum(std::size_t resource, std::size_t column) {
    std::int64_t all = 0;
    for (std::uint32_t row = 0; row < rows.row_count(resource); ++row)
      all += at<std::int64_t>(resource, column, row);
    return all;
  }

  std::int64_t bytes(std::size_t resource, std::size_t column) {
    std::int64_t all = 0;
    for (std::uint32_t row = 0; row < rows.row_count(resource); ++row)
      all += at<Text>(resource, column, row).length;
    return all;
  }

  testing::Host host{register_extension};
  Rows rows;
  std::string ended{};
};

}  // namespace

TEST_CASE("100,000 events of seed 1 have the sums that other programs find") {
  Run run("rate=1000 events=100000");
  CHECK(run.ended == "EF0505");
  CHECK(run.rows.row_count(persons) == 2000);
  CHECK(run.rows.row_count(auctions) == 6000);
  CHECK(run.rows.row_count(bids) == 92000);
  CHECK(run.sum(bids, 0) == 363'729'703);
  CHECK(run.sum(bids, 1) == 172'159'209);
  CHECK(run.sum(bids, 2) == 660'163'610'626);
  CHECK(run.bytes(bids, 6) == 6'208'929);
  CHECK(run.sum(auctions, 7) == 11'191'727);
  CHECK(run.sum(auctions, 4) == 88'848'031'938);
  CHECK(run.bytes(persons, 7) + run.bytes(auctions, 9) == 2'618'157);
  CHECK(run.at<std::int64_t>(bids, 0, 0) == 1000);
  CHECK(run.at<std::int64_t>(bids, 1, 0) == 1001);
  CHECK(run.at<std::int64_t>(bids, 2, 0) == 42003);
  CHECK(run.at<Text>(bids, 3, 0).view() == "channel-2870");
  CHECK(to_text(Timestamp{run.at<std::int64_t>(bids, 5, 91999)}) == "2015-07-15T00:01:39.999Z");
}

TEST_CASE("rows come in the order of their events, however many are handed on together") {
  Run run("events=100");
  const std::string in_order = "abbb" + std::string(46, 'c');
  CHECK(run.rows.order == in_order + in_order);
  for (const char* batch : {"1", "7", "64"}) {
    Run other(std::string("events=100 batch=") + batch);
    CHECK(other.rows.order == run.rows.order);
    for (std::size_t i = 0; i < everything.size(); ++i)
      CHECK(other.rows.text(i) == run.rows.text(i));
  }
  Run twice("events=7", {all_of(Kind::bid), all_of(Kind::auction), all_of(Kind::bid)});
  CHECK(twice.rows.order == "bbbacacac");
  CHECK(twice.rows.text(0) == twice.rows.text(2));
}

TEST_CASE("a run that goes on at place n makes the rows of one that began at 0") {
  Run whole("events=3000 out_of_order=1000");
  for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{777}, std::uint64_t{2999}}) {
    Run rest("events=3000 out_of_order=1000", everything, Cursor{{}, std::to_string(n), n});
    CHECK(rest.rows.order == whole.rows.order.substr(n));
    for (std::size_t i = 0; i < everything.size(); ++i)
      CHECK(whole.rows.text(i).ends_with(rest.rows.text(i)));
  }
  CHECK(Run("", everything, Cursor{{}, "nonsense", 0}).ended == "EF0551");
}

TEST_CASE("disorder mixes the same events") {
  Run run("rate=1000 events=10000");
  Run mixed("rate=1000 events=10000 out_of_order=1000");
  CHECK(mixed.rows.order != run.rows.order);
  for (std::size_t i = 0; i < everything.size(); ++i) {
    CHECK(mixed.rows.row_count(i) == run.rows.row_count(i));
    CHECK(mixed.sum(i, 0) == run.sum(i, 0));
  }
  CHECK(mixed.at<std::int64_t>(bids, 5, 0) != run.at<std::int64_t>(bids, 5, 0));
}

TEST_CASE("a resource takes the columns that it names, in its own order") {
  Run all("events=5000");
  Run some("events=5000", {{2, {2, 3, 0}}, {0, {6, 0}}});
  CHECK(some.sum(0, 0) == all.sum(bids, 2));
  CHECK(some.bytes(0, 1) == all.bytes(bids, 3));
  CHECK(some.sum(0, 2) == all.sum(bids, 0));
  CHECK(some.sum(1, 1) == all.sum(persons, 0));
  CHECK(Run("events=5000", {}).ended == "EF0505");
}

TEST_CASE("at the pace of event time a row comes when its time does") {
  Run run("rate=2 events=8 pace=event_time", {all_of(Kind::bid)});
  CHECK(run.rows.row_count(0) == 4);
  CHECK(run.host.clock.now().us == 3'500'000);
}

TEST_CASE("the oddities of the first implementation can be had") {
  Run ours("events=5000");
  Run theirs("events=5000 compat=flink");
  CHECK(theirs.sum(bids, 1) == ours.sum(bids, 1) + std::int64_t{1000} * ours.rows.row_count(bids));
  CHECK(theirs.sum(bids, 0) == ours.sum(bids, 0));
  // Nine of ten channels have an id, and channel-1 of seed 2 is one of them.
  const auto url = [](Compat compat) {
    return std::string(Tables(2, compat).channel(Tables::hot_channels + 1).url.view());
  };
  CHECK(url(Compat::none).ends_with("&channel_id=2147483648"));
  CHECK(url(Compat::flink).ends_with("&channel_id=-2147483648"));
}

TEST_CASE("a parameter out of its bounds is refused") {
  for (const char* value : {"rate=0", "events=-1", "batch=1025", "out_of_order=1906", "pace=slow"})
    CHECK(Run(value).ended == "EF0303");
}

}  // namespace eventflux::connectors::nexmark
