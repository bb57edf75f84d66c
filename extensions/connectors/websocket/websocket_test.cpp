#include <doctest/doctest.h>

#include "testing.hpp"

namespace eventflux::connectors::websocket {
namespace {

using testing::EncodedRows;

TEST_CASE("the sink sends one message per row and takes the pong as its acknowledgement") {
  Fixture fixture;
  const auto sink = fixture.sink({given("open.messages", "hello")}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a", "b"}.batch()).status == WriteStatus::accepted);
  CHECK(fixture.script.sent == std::vector<std::string>{"hello", "a", "b", "PING"});
  sink->flush().value();
}

TEST_CASE("the probe of a sink connects, logs in and leaves") {
  Fixture fixture;
  const auto sink = fixture.sink({given("open.messages", "hello")}).value();
  CHECK(sink->probe().ok());
  CHECK(fixture.script.sent == std::vector<std::string>{"hello"});
  CHECK(fixture.script.closes == std::vector<std::uint16_t>{1000});
  fixture.script.refusal = Error{Code::connection_refused, "nobody there"};
  CHECK(sink->probe().error().code == Code::connection_refused);
}

TEST_CASE("without ack the sink asks for nothing") {
  Fixture fixture;
  const auto sink = fixture.sink({given("ack", "none"), given("message.type", "binary")}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"\xff"}.batch()).status == WriteStatus::accepted);
  CHECK(fixture.script.sent == std::vector<std::string>{"\xff"});
}

TEST_CASE("a pong that does not come leaves the batch unknown, and the next write disconnected") {
  Fixture fixture;
  fixture.script.answers_pings = false;
  const auto sink = fixture.sink({given("ack.timeout", "2s")}).value();
  sink->open({}).value();
  const WriteResult result = sink->write(EncodedRows{"a"}.batch());
  CHECK(result.status == WriteStatus::unknown);
  CHECK(result.error.code == Code::timed_out);
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::disconnected);
  fixture.script.answers_pings = true;
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::accepted);
}

TEST_CASE("a line that takes nothing is disconnected before the first row") {
  Fixture fixture;
  const auto sink = fixture.sink({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::disconnected);
  sink->open({}).value();
  fixture.script.takes_messages = false;
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::disconnected);
}

TEST_CASE("text that is not UTF-8 is a rejected row, EF0606, and the others are written") {
  Fixture fixture;
  const auto sink = fixture.sink({}).value();
  sink->open({}).value();
  const WriteResult result = sink->write(EncodedRows{"a", "\xff", "b"}.batch());
  CHECK(result.status == WriteStatus::rows_rejected);
  CHECK(result.error.code == Code::unencodable);
  CHECK(result.rejected == std::vector<std::uint32_t>{1});
  CHECK(fixture.script.sent == std::vector<std::string>{"a", "b", "PING"});
}

TEST_CASE("a line that was unused for ping.interval proves that it is alive first") {
  Fixture fixture;
  const auto sink = fixture.sink({given("ping.interval", "10s")}).value();
  sink->open({}).value();
  fixture.script.clock.set(Timestamp{20'000'000});
  fixture.script.answers_pings = false;
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::disconnected);
  CHECK(fixture.script.sent == std::vector<std::string>{"PING"});
}

TEST_CASE("a close over a row, 1003, 1007 or 1009, rejects it, and the line goes on after it") {
  for (const std::uint16_t code : std::array<std::uint16_t, 3>{1003, 1007, 1009}) {
    CAPTURE(code);
    Fixture fixture;
    fixture.script.poison = "big";
    fixture.script.close_code = code;
    const auto sink = fixture.sink({}).value();
    sink->open({}).value();
    const WriteResult result = sink->write(EncodedRows{"big"}.batch());
    CHECK(result.status == WriteStatus::rows_rejected);
    CHECK(result.rejected == std::vector<std::uint32_t>{0});
    CHECK(result.error.code == Code::row_rejected);
    CHECK(result.error.message ==
          "the server closed the connection over this row: code " + std::to_string(code) + " 'no'");
    sink->flush().value();
    CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::accepted);
    CHECK(fixture.script.connects == 2);
  }
}

TEST_CASE("another close code is a lost connection and no verdict on the row") {
  Fixture fixture;
  fixture.script.poison = "big";
  fixture.script.close_code = 1011;
  const auto sink = fixture.sink({}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"big"}.batch()).status == WriteStatus::unknown);
}

TEST_CASE("among several rows the refused one is found by a pong after each") {
  for (const std::string& poison : {std::string("a"), std::string("b"), std::string("c")}) {
    CAPTURE(poison);
    Fixture fixture;
    fixture.script.poison = poison;
    const auto sink = fixture.sink({}).value();
    sink->open({}).value();
    const EncodedRows rows{"a", "b", "c"};
    CHECK(sink->write(rows.batch()).status == WriteStatus::unknown);
    sink->open({}).value();
    const WriteResult result = sink->write(rows.batch());
    CHECK(result.status == WriteStatus::rows_rejected);
    CHECK(result.rejected ==
          std::vector<std::uint32_t>{static_cast<std::uint32_t>(poison[0] - 'a')});
    sink->flush().value();
    CHECK(sink->write(EncodedRows{"d"}.batch()).status == WriteStatus::accepted);
  }
}

TEST_CASE(
    "without ack a close over a row is seen later, and the row is found when all come again") {
  Fixture fixture;
  fixture.script.poison = "b";
  const auto sink = fixture.sink({given("ack", "none")}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::accepted);
  CHECK(sink->write(EncodedRows{"b"}.batch()).status == WriteStatus::accepted);
  CHECK_FALSE(sink->flush().ok());
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::disconnected);
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::accepted);
  CHECK(sink->write(EncodedRows{"b"}.batch()).status == WriteStatus::rows_rejected);
}

TEST_CASE("a connection that is lost while nothing is written fails flush and wants open()") {
  Fixture fixture;
  const auto sink = fixture.sink({}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).status == WriteStatus::accepted);
  fixture.script.say({}, "END");
  CHECK_FALSE(sink->flush().ok());
  CHECK(sink->write(EncodedRows{"b"}.batch()).status == WriteStatus::disconnected);
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"b"}.batch()).status == WriteStatus::accepted);
  CHECK(fixture.script.connects == 2);
}

TEST_CASE("a sink that is stopped sends no more") {
  Fixture fixture;
  const auto sink = fixture.sink({}).value();
  sink->open({}).value();
  sink->stop();
  CHECK(sink->write(EncodedRows{"a"}.batch()).status != WriteStatus::accepted);
  CHECK(fixture.script.sent.empty());
}

}  // namespace
}  // namespace eventflux::connectors::websocket
