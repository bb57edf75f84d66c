#include <doctest/doctest.h>

#include "testing.hpp"

namespace eventflux::connectors::websocket {
namespace {

using testing::EncodedRows;

TEST_CASE("the sink sends one message per row and takes the pong as its acknowledgement") {
  Bench bench;
  const auto sink = bench.sink({given("open.messages", "hello")}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a", "b"}.batch()).verdict == Verdict::accepted);
  CHECK(bench.script.sent == std::vector<std::string>{"hello", "a", "b", "PING"});
  sink->flush().value();
}

TEST_CASE("without ack the sink asks for nothing") {
  Bench bench;
  const auto sink = bench.sink({given("ack", "none"), given("message.type", "binary")}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"\xff"}.batch()).verdict == Verdict::accepted);
  CHECK(bench.script.sent == std::vector<std::string>{"\xff"});
}

TEST_CASE("a pong that does not come leaves the batch unknown, and the next write retriable") {
  Bench bench;
  bench.script.answers_pings = false;
  const auto sink = bench.sink({given("ack.timeout", "2s")}).value();
  sink->open({}).value();
  const WriteResult result = sink->write(EncodedRows{"a"}.batch());
  CHECK(result.verdict == Verdict::unknown);
  CHECK(result.error.code == Code::timed_out);
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::retriable);
  bench.script.answers_pings = true;
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::accepted);
}

TEST_CASE("a line that takes nothing is retriable before the first row") {
  Bench bench;
  const auto sink = bench.sink({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::retriable);
  sink->open({}).value();
  bench.script.takes_messages = false;
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::retriable);
}

TEST_CASE("text that is not UTF-8 is a rejected row, EF0606, and the others are written") {
  Bench bench;
  const auto sink = bench.sink({}).value();
  sink->open({}).value();
  const WriteResult result = sink->write(EncodedRows{"a", "\xff", "b"}.batch());
  CHECK(result.verdict == Verdict::row_rejected);
  CHECK(result.error.code == Code::unencodable);
  CHECK(result.rejected == std::vector<std::uint32_t>{1});
  CHECK(bench.script.sent == std::vector<std::string>{"a", "b", "PING"});
}

TEST_CASE("a line that was unused for ping.interval proves that it is alive first") {
  Bench bench;
  const auto sink = bench.sink({given("ping.interval", "10s")}).value();
  sink->open({}).value();
  bench.script.clock.set(Timestamp{20'000'000});
  bench.script.answers_pings = false;
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::retriable);
  CHECK(bench.script.sent == std::vector<std::string>{"PING"});
}

TEST_CASE("a sink that is stopped sends no more") {
  Bench bench;
  const auto sink = bench.sink({}).value();
  sink->open({}).value();
  sink->stop();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict != Verdict::accepted);
  CHECK(bench.script.sent.empty());
}

}  // namespace
}  // namespace eventflux::connectors::websocket
