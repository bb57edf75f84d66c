#include "runtime/delivery/sink_writer.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/log.hpp"

namespace eventflux::runtime {
namespace {

using std::chrono::milliseconds;

const Schema schema{{{"n", Type::int64}}};

/// What the other side answers, one entry per call; then it takes everything.
struct Peer {
  std::deque<Result<void>> opens;
  std::deque<WriteResult> writes;
  std::deque<Result<void>> flushes;
  int opened = 0;
  int flushed = 0;
  std::vector<std::string> taken;  ///< The rows of each write, with when it came.
  std::function<void()> on_write = [] {};
};

class ScriptedSink final : public Sink {
 public:
  ScriptedSink(Peer& peer, Clock& clock) : peer_(peer), clock_(clock) {}

  Result<void> open(const Schema&) override {
    ++peer_.opened;
    if (peer_.opens.empty()) return {};
    Result<void> answer = std::move(peer_.opens.front());
    peer_.opens.pop_front();
    return answer;
  }

  WriteResult write(const OutputBatch& batch) override {
    peer_.taken.push_back(std::string(batch.bytes) + "@" + to_text(clock_.steady() - Timestamp{}));
    peer_.on_write();
    if (peer_.writes.empty()) return WriteResult::accepted();
    WriteResult answer = std::move(peer_.writes.front());
    peer_.writes.pop_front();
    return answer;
  }

  Result<void> flush() override {
    ++peer_.flushed;
    if (peer_.flushes.empty()) return {};
    Result<void> answer = std::move(peer_.flushes.front());
    peer_.flushes.pop_front();
    return answer;
  }

 private:
  Peer& peer_;
  Clock& clock_;
};

WriteResult rejected(std::vector<std::uint32_t> rows) {
  return {WriteStatus::rows_rejected, {Code::row_rejected, "no room"}, std::move(rows)};
}

/// A writer on a virtual clock, with one batch of the rows a, b and c.
struct Fixture {
  explicit Fixture(const model::SinkOptions& options, bool network = false, bool more_comes = false)
      : policy("out", schema, options, {letters, failure, *log, clock, true}),
        writer({.name = "out",
                .schema = schema,
                .prologue = {},
                .options = options,
                .make = [this]() -> Result<std::unique_ptr<Sink>> {
                  return std::unique_ptr<Sink>(std::make_unique<ScriptedSink>(peer, clock));
                },
                .acknowledge = [this](std::uint64_t epoch,
                                      std::optional<WriteToken>) { acknowledged = epoch; },
                .network = network},
               policy, failure, clock, Rng(7), *log) {
    put("abc");
    mark(1);
    if (!more_comes) writer.finish();
  }

  /// Each letter is a row.
  void put(const std::string& rows) {
    SinkBatch item;
    item.bytes = rows;
    for (std::uint32_t row = 0; row < rows.size(); ++row) {
      item.ends.push_back(row + 1);
      item.emitted_us.push_back(0);
    }
    writer.push(std::move(item));
  }

  void mark(std::uint64_t epoch) { writer.push(Barrier{epoch}); }

  /// Runs to the end and returns the rows of each write, without the times.
  std::vector<std::string> run() {
    writer.finish();
    writer.run();
    std::vector<std::string> rows;
    for (const std::string& taken : peer.taken)
      rows.push_back(taken.substr(0, taken.find('@')));
    return rows;
  }

  std::unique_ptr<Log> log = base::make_silent_log();
  VirtualClock clock;
  DeadLetterBuffer letters;
  Failure failure;
  Peer peer;
  std::uint64_t acknowledged = 0;
  ErrorPolicy policy;
  SinkWriter writer;
};

model::SinkOptions retrying(model::RetryBackoff backoff) {
  model::SinkOptions options;
  options.strategy = model::ErrorStrategy::retry;
  options.retry_attempts = 4;
  options.retry_backoff = backoff;
  return options;
}

TEST_CASE("a rejected row is written again alone, after waits that double") {
  Fixture fixture(retrying(model::RetryBackoff::exponential));
  fixture.peer.writes = {rejected({1}), rejected({0}), rejected({0})};
  fixture.writer.run();
  CHECK(fixture.peer.taken == std::vector<std::string>{"abc@0s", "b@100ms", "b@300ms", "b@700ms"});
  CHECK(fixture.writer.counters().written == 3);
  CHECK(fixture.writer.counters().rejected == 0);
  CHECK(fixture.letters.take().empty());
  CHECK(fixture.acknowledged == 1);
}

TEST_CASE("waits grow by the first under linear, stay under fixed, and end at max-delay") {
  for (const auto& [backoff, times] :
       {std::pair{model::RetryBackoff::linear, std::vector<std::string>{"b@100ms", "b@300ms"}},
        std::pair{model::RetryBackoff::fixed, std::vector<std::string>{"b@100ms", "b@200ms"}}}) {
    Fixture fixture(retrying(backoff));
    fixture.peer.writes = {rejected({1}), rejected({0})};
    fixture.writer.run();
    CHECK(std::vector<std::string>(fixture.peer.taken.begin() + 1, fixture.peer.taken.end()) ==
          times);
  }
  model::SinkOptions bounded = retrying(model::RetryBackoff::exponential);
  bounded.retry_max = milliseconds(150);
  Fixture fixture(bounded);
  fixture.peer.writes = {rejected({1}), rejected({0}), rejected({0})};
  fixture.writer.run();
  CHECK(fixture.peer.taken.back() == "b@400ms");
}

TEST_CASE("a row that is rejected to the end is exhausted, with the attempts it had") {
  for (const auto exhausted : {model::ErrorStrategy::automatic, model::ErrorStrategy::drop}) {
    model::SinkOptions options = retrying(model::RetryBackoff::fixed);
    options.retry_exhausted = exhausted;
    Fixture fixture(options);
    fixture.peer.writes = {rejected({0, 2}), rejected({0}), rejected({0}), rejected({0}),
                           rejected({0}),    rejected({0}), rejected({0})};
    fixture.writer.run();
    CHECK(fixture.writer.counters().written == 1);
    CHECK(fixture.writer.counters().rejected == 2);
    const auto letters = fixture.letters.take();
    if (exhausted == model::ErrorStrategy::drop) {
      CHECK(letters.empty());
      continue;
    }
    REQUIRE(letters.size() == 2);
    CHECK(letters[0].row == "\"a\"");
    CHECK(letters[0].attempts == 4);
    CHECK(letters[1].row == "\"c\"");
  }
}

TEST_CASE("error.retry.exhausted='fail' ends the app and acknowledges nothing") {
  model::SinkOptions options = retrying(model::RetryBackoff::fixed);
  options.retry_exhausted = model::ErrorStrategy::fail;
  options.retry_attempts = 2;
  Fixture fixture(options);
  fixture.peer.writes = {rejected({1}), rejected({0})};
  fixture.writer.run();
  REQUIRE(fixture.failure.is_set());
  CHECK(fixture.failure.error()->code == Code::row_rejected);
  CHECK(fixture.acknowledged == 0);
}

TEST_CASE("without retry a rejected row is decided at once, and the batch goes on") {
  Fixture fixture(model::SinkOptions{});
  fixture.peer.writes = {rejected({1})};
  fixture.writer.run();
  CHECK(fixture.peer.taken.size() == 1);
  const auto letters = fixture.letters.take();
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].attempts == 1);
  CHECK(fixture.acknowledged == 1);
}

TEST_CASE("a stop ends the wait of a rejected row, which is not acknowledged") {
  Fixture fixture(retrying(model::RetryBackoff::fixed));
  fixture.peer.writes = {rejected({1})};
  fixture.peer.on_write = [&] { fixture.writer.stop(); };
  fixture.writer.run();
  CHECK(fixture.peer.taken.size() == 1);
  CHECK(fixture.clock.steady() == Timestamp{});
  CHECK(fixture.letters.take().empty());
  CHECK(fixture.acknowledged == 0);
}

TEST_CASE("a lost connection while a row is written again is retried by retry.* in between") {
  Fixture fixture(retrying(model::RetryBackoff::fixed));
  fixture.peer.writes = {rejected({1}), WriteResult::failed(WriteStatus::disconnected,
                                                            {Code::connection_lost, "gone"})};
  fixture.writer.run();
  CHECK(fixture.peer.taken.size() == 4);
  CHECK(fixture.writer.counters().written == 3);
}

using Rows = std::vector<std::string>;
const Error gone{Code::connection_lost, "gone"};

TEST_CASE("a flush that fails opens the sink again and writes all since the last good one") {
  for (const bool network : {false, true}) {
    CAPTURE(network);
    Fixture fixture({}, network, true);
    fixture.put("d");
    fixture.put("e");
    fixture.mark(2);
    fixture.peer.flushes = {Result<void>{}, gone, gone};
    CHECK(fixture.run() == Rows{"abc", "d", "e", "d", "e", "d", "e"});
    CHECK(fixture.peer.opened == 3);
    CHECK(fixture.acknowledged == 2);
    CHECK(fixture.writer.counters().written == 5);
    CHECK(fixture.writer.counters().possible_duplicates == 4);
  }
}

TEST_CASE("a sink that was lost while it held nothing is opened for the next row only") {
  Fixture fixture({}, true, true);
  fixture.mark(2);
  fixture.mark(3);
  fixture.put("d");
  fixture.mark(4);
  fixture.peer.flushes = {Result<void>{}, gone};
  CHECK(fixture.run() == Rows{"abc", "d"});
  CHECK(fixture.peer.opened == 2);
  CHECK(fixture.acknowledged == 4);
  CHECK(fixture.writer.counters().possible_duplicates == 0);
}

TEST_CASE("a lost connection found by a write brings back what was accepted before it") {
  for (const WriteStatus status : {WriteStatus::disconnected, WriteStatus::unknown}) {
    Fixture fixture({}, false, true);
    fixture.put("d");
    fixture.put("e");
    fixture.mark(2);
    fixture.peer.writes = {WriteResult::accepted(), WriteResult::accepted(),
                           WriteResult::failed(status, gone)};
    CHECK(fixture.run() == Rows{"abc", "d", "e", "d", "e"});
    CHECK(fixture.peer.opened == 2);
    CHECK(fixture.acknowledged == 2);
    CHECK(fixture.writer.counters().possible_duplicates ==
          (status == WriteStatus::unknown ? 2 : 1));
  }
}

TEST_CASE("a retriable write is tried again on the open sink, and what came before it is flushed") {
  model::SinkOptions options;
  options.retry_max_attempts = 2;
  options.on_exhausted = model::OnExhausted::drop;
  Fixture fixture(options, false, true);
  fixture.put("d");
  fixture.put("e");
  fixture.mark(2);
  const auto full =
      WriteResult::failed(WriteStatus::retriable, {Code::file_failed, "no space left"});
  fixture.peer.writes = {WriteResult::accepted(), WriteResult::accepted(), full, full};
  CHECK(fixture.run() == Rows{"abc", "d", "e", "e"});
  CHECK(fixture.peer.opened == 1);
  CHECK(fixture.peer.flushed == 2);
  CHECK(fixture.acknowledged == 2);
  CHECK(fixture.writer.counters().written == 4);
  CHECK(fixture.writer.counters().rejected == 1);
}

TEST_CASE("rows that were rejected do not come again with the others") {
  Fixture fixture({}, false, true);
  fixture.peer.writes = {rejected({1})};
  fixture.peer.flushes = {gone};
  CHECK(fixture.run() == Rows{"abc", "ac"});
  CHECK(fixture.letters.take().size() == 1);
  CHECK(fixture.writer.counters().written == 2);
  CHECK(fixture.writer.counters().rejected == 1);
  Fixture all({}, false, true);
  all.peer.writes = {rejected({0, 1, 2})};
  all.peer.flushes = {gone};
  CHECK(all.run() == Rows{"abc"});
  CHECK(all.acknowledged == 1);
}

TEST_CASE("a flush that fails to the end is exhausted, with all rows it is about") {
  for (const auto exhausted : {model::OnExhausted::dlq, model::OnExhausted::fail}) {
    model::SinkOptions options;
    options.retry_max_attempts = 2;
    options.on_exhausted = exhausted;
    Fixture fixture(options, false, true);
    fixture.peer.flushes = {gone, gone, gone};
    CHECK(fixture.run() == Rows{"abc", "abc"});
    CHECK(fixture.writer.counters().written == 0);
    CHECK(fixture.writer.counters().rejected == 3);
    const bool fails = exhausted == model::OnExhausted::fail;
    CHECK(fixture.failure.is_set() == fails);
    CHECK(fixture.acknowledged == (fails ? 0 : 1));
    CHECK(fixture.letters.take().size() == (fails ? 0 : 3));
  }
}

TEST_CASE("a sink that takes more than is held in memory is flushed before the epoch ends") {
  Fixture fixture({}, false, true);
  fixture.put(std::string(7U << 20U, 'x'));
  fixture.peer.on_write = [&] {
    if (fixture.peer.taken.size() != 2) return;
    fixture.put(std::string(2U << 20U, 'y'));
    fixture.put("d");
    fixture.mark(2);
  };
  fixture.peer.flushes = {Result<void>{}, Result<void>{}, gone};
  const Rows rows = fixture.run();
  REQUIRE(rows.size() == 5);
  CHECK(rows[3] == "d");
  CHECK(rows[4] == "d");
}

TEST_CASE("a parameter that no second try mends ends the app") {
  for (const Code code : {Code::invalid_value, Code::invalid_address}) {
    Fixture fixture({});
    fixture.peer.opens = {Error{code, "no folder"}};
    fixture.writer.run();
    REQUIRE(fixture.failure.is_set());
    CHECK(fixture.failure.error()->code == code);
    CHECK(fixture.acknowledged == 0);
  }
}

TEST_CASE("on_exhausted decides about a batch that cannot be written, opened or not") {
  for (const bool opens : {false, true}) {
    CAPTURE(opens);
    model::SinkOptions options;
    options.retry_max_attempts = 2;
    options.strategy = model::ErrorStrategy::drop;  // is about rows, not about the batch
    Fixture fixture(options);
    const Error gone{Code::file_failed, "gone"};
    if (opens) {
      fixture.peer.writes = {WriteResult::failed(WriteStatus::retriable, gone),
                             WriteResult::failed(WriteStatus::retriable, gone)};
    } else {
      fixture.peer.opens = {gone, gone};
    }
    fixture.writer.run();
    CHECK_FALSE(fixture.failure.is_set());
    CHECK(fixture.letters.take().size() == 3);
    CHECK(fixture.writer.counters().rejected == 3);
  }
}

TEST_CASE("reconnect.max.attempts and reconnect bound how often a network sink is opened") {
  const Error refused{Code::connection_refused, "no"};
  for (const auto& [reconnect, attempts] : {std::pair{true, 2}, std::pair{false, -1}}) {
    model::SinkOptions options;
    options.reconnect = reconnect;
    options.reconnect_attempts = attempts;
    Fixture fixture(options, true);
    fixture.peer.opens = {refused, refused, refused, refused};
    fixture.writer.run();
    REQUIRE(fixture.failure.is_set());
    CHECK(fixture.failure.error()->code == Code::connection_refused);
    CHECK(fixture.peer.opens.size() == (reconnect ? 2 : 3));
  }
}

TEST_CASE("retry.backoff says how the bound of the jitter grows") {
  // The sum of many waits is near half the sum of their bounds.
  const auto total = [](model::RetryBackoff kind) {
    model::SinkOptions options;
    options.sink_backoff = kind;
    options.retry_max_attempts = 41;
    Fixture fixture(options);
    fixture.peer.writes.assign(
        41, WriteResult::failed(WriteStatus::retriable, {Code::timed_out, "late"}));
    fixture.writer.run();
    return std::chrono::duration_cast<std::chrono::seconds>(fixture.clock.steady() - Timestamp{})
        .count();
  };
  const auto fixed = total(model::RetryBackoff::fixed);
  const auto linear = total(model::RetryBackoff::linear);
  const auto exponential = total(model::RetryBackoff::exponential);
  CHECK(fixed <= 4);
  CHECK(linear > 20);
  CHECK(linear < 82);
  CHECK(exponential > 200);
}

TEST_CASE("retry.max-elapsed ends the attempts by time") {
  model::SinkOptions options;
  options.sink_backoff = model::RetryBackoff::fixed;
  options.retry_max_elapsed = milliseconds(500);
  options.on_exhausted = model::OnExhausted::fail;
  Fixture fixture(options);
  fixture.peer.writes.assign(
      100, WriteResult::failed(WriteStatus::retriable, {Code::timed_out, "late"}));
  fixture.writer.run();
  REQUIRE(fixture.failure.is_set());
  CHECK(fixture.failure.error()->code == Code::retries_exhausted);
  CHECK(fixture.clock.steady() - Timestamp{} >= milliseconds(500));
  CHECK(fixture.clock.steady() - Timestamp{} < milliseconds(700));
}

TEST_CASE("a dead letter waits for the epoch of its row, not of the batch it lingered in") {
  struct Kept final : OutputTarget {
    void push(SinkMessage message) override { messages.push_back(std::move(message)); }

    std::vector<SinkMessage> messages;
  };

  Fixture fixture({}, false, true);
  Kept kept;
  const Graph graph;
  SinkOperator op({.schema = schema, .encoder = nullptr, .batch_rows = 10, .batch_interval_us = 1},
                  kept, fixture.policy, graph);
  const auto emit = [&](std::int64_t n) {
    BatchBuilder rows(schema);
    REQUIRE(rows.append(std::vector<Value>{Value(n)}, Timestamp{}).ok());
    std::vector<Column> columns;
    op.on_batch(0, rows.view(0, 1, columns));
  };
  emit(1);
  op.barrier(2);
  emit(2);
  op.barrier(3);
  op.barrier(4);  // No row of this sink lies in epoch 4.
  emit(3);
  op.close_batch();
  REQUIRE(kept.messages.size() == 4);  // The batch and three barriers.
  fixture.peer.writes = {WriteResult::accepted(), rejected({0, 1, 2})};
  for (SinkMessage& message : kept.messages)
    fixture.writer.push(std::move(message));
  fixture.run();
  CHECK(fixture.letters.take_until(2).size() == 1);
  const auto second = fixture.letters.take_until(3);
  REQUIRE(second.size() == 1);
  CHECK(second[0].row == R"({"n":2})");
  CHECK(fixture.letters.take_until(4).empty());
  CHECK(fixture.letters.take_until(5).size() == 1);
}

}  // namespace
}  // namespace eventflux::runtime
