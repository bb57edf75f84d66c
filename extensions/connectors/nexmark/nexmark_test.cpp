#include <algorithm>
#include <sstream>

#include <doctest/doctest.h>

#include "eventflux/extension.hpp"
#include "eventflux/row_text.hpp"
#include "eventflux/transport.hpp"

#include "writer.hpp"

namespace eventflux::connectors::nexmark {

void register_extension(Registry& registry);

namespace {

RowsWanted all_of(Kind kind) {
  RowsWanted wanted{static_cast<std::size_t>(kind), {}};
  for (std::size_t i = 0; i < offers()[wanted.offer].columns.size(); ++i)
    wanted.columns.push_back(i);
  return wanted;
}

/// Takes rows of several resources and notes in which order they came.
class Rows final : public Emitter {
 public:
  Rows(std::vector<RowsWanted> wanted, VirtualClock& clock)
      : wanted_(std::move(wanted)), clock_(clock) {
    for (const RowsWanted& one : wanted_) {
      Schema schema;
      for (const std::size_t column : one.columns)
        schema.fields.push_back(offers()[one.offer].columns.fields[column]);
      schemas_.push_back(schema);
      rows_.emplace_back(schema);
    }
    noted_.resize(wanted_.size());
  }

  std::optional<Cursor> cursor{};
  std::string order{};  ///< One letter per row: a, b, c … for resource 0, 1, 2 …

  std::string text(std::size_t index) {
    std::string all;
    std::vector<Column> columns;
    for (std::uint32_t first = 0; first < count(index); first += batch_rows_max) {
      all += render_rows(
          schemas_[index],
          rows_[index].view(first, std::min(count(index) - first, batch_rows_max), columns),
          RowFormat::raw);
    }
    return all;
  }

  std::uint32_t count(std::size_t index) const { return rows_[index].rows(); }

  template <class T>
  T at(std::size_t index, std::size_t column, std::uint32_t row) {
    return rows_[index].column(column).column().at<T>(row);
  }

  std::int64_t sum(std::size_t index, std::size_t column) {
    std::int64_t all = 0;
    for (std::uint32_t row = 0; row < count(index); ++row)
      all += at<std::int64_t>(index, column, row);
    return all;
  }

  std::int64_t bytes(std::size_t index, std::size_t column) {
    std::int64_t all = 0;
    for (std::uint32_t row = 0; row < count(index); ++row)
      all += at<Text>(index, column, row).length;
    return all;
  }

  Result<void> emit(const Envelope&) override { return {}; }

  Result<void> idle() override { return {}; }

  BatchBuilder& rows() override { return rows_[0]; }

  std::span<const RowsWanted> wanted() const override { return wanted_; }

  BatchBuilder& rows_of(std::size_t index) override {
    note();
    part_ = index;
    return rows_[index];
  }

  Result<void> emit_rows(const Cursor& next) override {
    note();
    cursor = next;
    return {};
  }

  const Schema& schema() const override { return schemas_[0]; }

  std::optional<Cursor> resume(std::string_view) const override { return cursor; }

  void live() override {}

  void pause(Duration wait) override { clock_.set(clock_.now() + wait); }

  bool stopping() const noexcept override { return false; }

 private:
  void note() {
    order.append(count(part_) - noted_[part_], static_cast<char>('a' + part_));
    noted_[part_] = count(part_);
  }

  std::vector<RowsWanted> wanted_;
  VirtualClock& clock_;
  std::vector<Schema> schemas_;
  std::vector<BatchBuilder> rows_;
  std::vector<std::uint32_t> noted_;
  std::size_t part_ = 0;
};

class NoFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string&, OpenMode) override { return none(); }

  Result<std::optional<FileStat>> stat(const std::string&) override { return none(); }

  Result<void> rename(const std::string&, const std::string&) override { return none(); }

  Result<void> remove(const std::string&) override { return none(); }

  Result<std::vector<std::string>> glob(const std::string&) override { return none(); }

 private:
  static Error none() { return {Code::file_failed, "no files"}; }
};

class NoTransport final : public Transport {
 public:
  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions&, const StopSignal&) override {
    return Error{Code::connection_refused, "no network"};
  }

  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions&) override {
    return Error{Code::connection_refused, "no network"};
  }
};

class NoLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

struct Bench {
  VirtualClock clock{};
  Rng rng{1};
  NoFiles files{};
  NoTransport transport{};
  NoLog log{};
  Context context{.clock = clock, .rng = rng, .files = files, .transport = transport, .log = log};

  std::string run(const ParamValues& values, Rows& out) {
    Registry registry;
    register_extension(registry);
    const auto source = registry.find_source("nexmark")->make(values, context);
    if (!source.ok()) return code_text(source.error().code);
    const auto ran = (*source)->run(out);
    return ran.ok() ? "" : code_text(ran.error().code);
  }
};

const std::vector<RowsWanted> everything{all_of(Kind::person), all_of(Kind::auction),
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

struct Run {
  explicit Run(const std::string& values, std::vector<RowsWanted> wanted = everything,
               std::optional<Cursor> cursor = {})
      : rows(std::move(wanted), bench.clock) {
    rows.cursor = std::move(cursor);
    ended = bench.run(values_of(values), rows);
  }

  Bench bench{};
  Rows rows;
  std::string ended{};
};

}  // namespace

TEST_CASE("100,000 events of seed 1 have the sums that other programs find") {
  Run run("rate=1000 events=100000");
  CHECK(run.ended == "EF0505");
  CHECK(run.rows.count(persons) == 2000);
  CHECK(run.rows.count(auctions) == 6000);
  CHECK(run.rows.count(bids) == 92000);
  CHECK(run.rows.sum(bids, 0) == 363'729'703);
  CHECK(run.rows.sum(bids, 1) == 172'159'209);
  CHECK(run.rows.sum(bids, 2) == 660'163'610'626);
  CHECK(run.rows.bytes(bids, 6) == 6'208'929);
  CHECK(run.rows.sum(auctions, 7) == 11'191'727);
  CHECK(run.rows.sum(auctions, 4) == 88'848'031'938);
  CHECK(run.rows.bytes(persons, 7) + run.rows.bytes(auctions, 9) == 2'618'157);
  CHECK(run.rows.at<std::int64_t>(bids, 0, 0) == 1000);
  CHECK(run.rows.at<std::int64_t>(bids, 1, 0) == 1001);
  CHECK(run.rows.at<std::int64_t>(bids, 2, 0) == 42003);
  CHECK(run.rows.at<Text>(bids, 3, 0).view() == "channel-2870");
  CHECK(to_text(Timestamp{run.rows.at<std::int64_t>(bids, 5, 91999)}) ==
        "2015-07-15T00:01:39.999Z");
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
    CHECK(mixed.rows.count(i) == run.rows.count(i));
    CHECK(mixed.rows.sum(i, 0) == run.rows.sum(i, 0));
  }
  CHECK(mixed.rows.at<std::int64_t>(bids, 5, 0) != run.rows.at<std::int64_t>(bids, 5, 0));
}

TEST_CASE("a resource takes the columns that it names, in its own order") {
  Run all("events=5000");
  Run some("events=5000", {{2, {2, 3, 0}}, {0, {6, 0}}});
  CHECK(some.rows.sum(0, 0) == all.rows.sum(bids, 2));
  CHECK(some.rows.bytes(0, 1) == all.rows.bytes(bids, 3));
  CHECK(some.rows.sum(0, 2) == all.rows.sum(bids, 0));
  CHECK(some.rows.sum(1, 1) == all.rows.sum(persons, 0));
  CHECK(Run("events=5000", {}).ended == "EF0505");
}

TEST_CASE("at the pace of event time a row comes when its time does") {
  Run run("rate=2 events=8 pace=event_time", {all_of(Kind::bid)});
  CHECK(run.rows.count(0) == 4);
  CHECK(run.bench.clock.now().us == 3'500'000);
}

TEST_CASE("the oddities of the first implementation can be had") {
  Run ours("events=5000");
  Run theirs("events=5000 compat=flink");
  CHECK(theirs.rows.sum(bids, 1) ==
        ours.rows.sum(bids, 1) + std::int64_t{1000} * ours.rows.count(bids));
  CHECK(theirs.rows.sum(bids, 0) == ours.rows.sum(bids, 0));
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
