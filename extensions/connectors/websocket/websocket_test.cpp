#include "websocket.hpp"

#include <array>
#include <deque>

#include <doctest/doctest.h>

#include "extensions/testing/collecting_emitter.hpp"
#include "extensions/testing/host.hpp"
#include "extensions/testing/sink_rows.hpp"

namespace eventflux::connectors::websocket {

void register_extension(Registry& registry);

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EncodedRows;

/// What the other side does, on a clock that moves only when somebody waits.
struct Script {
  explicit Script(VirtualClock& host_clock) : clock(host_clock) {}

  struct Step {
    Timestamp at;
    std::string text;
  };

  VirtualClock& clock;
  std::deque<Step> steps{};
  bool answers_pings = true;
  bool takes_messages = true;
  std::string poison{};  ///< A message over which the server closes the line with `close_code`.
  std::uint16_t close_code = 1009;
  std::vector<std::string> sent{};
  std::vector<Timestamp> sent_at{};
  std::vector<std::uint16_t> closes{};
  int connects = 0;
  std::optional<Error> refusal{};

  void say(Duration after, std::string text) {
    steps.push_back({clock.now() + after, std::move(text)});
  }
};

class ScriptedSocket final : public WebSocket {
 public:
  explicit ScriptedSocket(Script& script) : script_(script), heard_(script.clock.now()) {}

  Result<std::optional<Message>> receive(Duration timeout) override {
    if (poisoned_) return Error{Code::connection_lost, "closed by the peer"};
    const Timestamp until = script_.clock.now() + timeout;
    if (script_.steps.empty() || script_.steps.front().at > until) {
      script_.clock.set(until);
      return std::optional<Message>();
    }
    const Script::Step step = script_.steps.front();
    script_.steps.pop_front();
    if (step.at > script_.clock.now()) script_.clock.set(step.at);
    if (step.text == "END") return Error{Code::connection_lost, "the script ends"};
    heard_ = script_.clock.now();
    text_ = step.text;
    const std::size_t size = text_.size();
    text_.append(64, '\0');
    return std::optional(Message{MessageKind::text, {text_.data(), size}});
  }

  Result<void> send(MessageKind kind, std::string_view payload) override {
    if (!script_.takes_messages) return Error{Code::connection_lost, "the script takes nothing"};
    if (kind == MessageKind::text && payload == "\xff")
      return Error{Code::unencodable, "not UTF-8"};
    script_.sent.emplace_back(payload);
    script_.sent_at.push_back(script_.clock.now());
    poisoned_ = poisoned_ || (!script_.poison.empty() && payload == script_.poison);
    return {};
  }

  Result<void> ping(std::string_view /*payload*/) override {
    script_.sent.emplace_back("PING");
    script_.sent_at.push_back(script_.clock.now());
    if (!script_.answers_pings || poisoned_) return {};
    ++pongs_;
    heard_ = script_.clock.now();
    return {};
  }

  std::uint64_t pongs() const override { return std::exchange(read_once_, true) ? pongs_ : 0; }

  Duration silence() const override { return script_.clock.now() - heard_; }

  void close(std::uint16_t code, std::string_view, Duration) noexcept override {
    script_.closes.push_back(code);
  }

  void cancel() noexcept override {}

  CloseReason close_reason() const override {
    return poisoned_ ? CloseReason{script_.close_code, "no"} : CloseReason{};
  }

  std::string subprotocol() const override { return {}; }

 private:
  Script& script_;
  Timestamp heard_;
  std::string text_;
  std::uint64_t pongs_ = 0;
  mutable bool read_once_ = false;
  bool poisoned_ = false;
};

/// A source or sink, and the script of its other side.
struct Bench {
  testing::Host host{register_extension};
  Script script{host.clock};
  testing::CollectingEmitter out{};
  std::string url = "ws://host/";

  Bench() {
    host.context.name = "prices";
    host.network.on_connect =
        [this](const WebSocketOptions&) -> Result<std::unique_ptr<WebSocket>> {
      ++script.connects;
      if (script.refusal) return *script.refusal;
      return std::unique_ptr<WebSocket>(std::make_unique<ScriptedSocket>(script));
    };
  }

  Result<std::unique_ptr<Source>> source(ParamValues values) {
    values.push_back({.name = "url", .text = url});
    return host.source(values);
  }

  Result<std::unique_ptr<Sink>> sink(ParamValues values) {
    values.push_back({.name = "url", .text = "ws://host/"});
    return host.sink(values);
  }

  Error run(const ParamValues& values) {
    const auto made = source(values).value();
    auto ran = made->run(out);
    return ran.ok() ? Error{Code::internal, "run() ended without an error"} : ran.error();
  }
};

ParamValue given(std::string name, std::string text) {
  return {.name = std::move(name), .text = std::move(text)};
}

TEST_CASE("payloads are emitted in order, and handed on when the line has no more") {
  Bench bench;
  bench.script.say(seconds(1), "a");
  bench.script.say(seconds(1), "b");
  bench.script.say(seconds(2), "c");
  bench.script.say(seconds(3), "END");
  CHECK(bench.run({}).code == Code::connection_lost);
  CHECK(bench.out.payloads == std::vector<std::string>{"a", "b", "c"});
  CHECK(bench.out.idle_after == std::vector<std::size_t>{2, 3});
  CHECK(bench.out.went_live);
  CHECK(bench.script.closes == std::vector<std::uint16_t>{1001});
}

TEST_CASE("a url is required, EF0312, and names are checked, EF0301") {
  Bench bench;
  CHECK(bench.host.source({}).error().code == Code::missing_parameter);
  const auto unknown = bench.source({given("open.mesages", "a")});
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == Code::unknown_parameter);
  CHECK(unknown.error().help.find("open.messages") != std::string::npos);
}

TEST_CASE("every parameter has a text, and headers are secret") {
  const testing::Host host(register_extension);
  for (const auto* params :
       {&host.registry.sources().front().params, &host.registry.sinks().front().params}) {
    for (const ParamInfo& info : *params) {
      CHECK_FALSE(info.text.empty());
      if (info.name == "headers.") CHECK(info.secret);
      if (info.required) CHECK_FALSE(info.example.empty());
    }
  }
}

TEST_CASE("opening messages go first and subscribe.message behind them") {
  Bench bench;
  bench.script.say(seconds(1), "END");
  static_cast<void>(bench.run(
      {given("open.messages", R"([{"a":[1,2]}, "b"])"), given("subscribe.message", "c, d")}));
  CHECK(bench.script.sent == std::vector<std::string>{R"({"a":[1,2]})", "b", "c, d"});
}

TEST_CASE("a session that follows a lost one subscribes again") {
  Bench bench;
  for (int i = 0; i < 2; ++i) {
    bench.script.say(seconds(1), "END");
    static_cast<void>(bench.run({given("subscribe.message", "again")}));
  }
  CHECK(bench.script.connects == 2);
  CHECK(bench.script.sent == std::vector<std::string>{"again", "again"});
}

TEST_CASE("the answers to opening messages are counted, kept back, and data before them is not") {
  Bench bench;
  bench.script.say(seconds(1), R"({"channel":"trades"})");
  bench.script.say(seconds(2), R"({"channel":"subscriptions"})");
  bench.script.say(seconds(3), R"({"channel":"subscriptions"})");
  bench.script.say(seconds(4), R"({"channel":"subscriptions"})");
  bench.script.say(seconds(5), "END");
  CHECK(bench.run({given("open.wait.for", "$.channel = 'subscriptions'"), given("open.count", "2")})
            .code == Code::connection_lost);
  CHECK(bench.out.payloads ==
        std::vector<std::string>{R"({"channel":"trades"})", R"({"channel":"subscriptions"})"});
}

TEST_CASE("an answer that does not come is EF0506, a refusal EF0507") {
  Bench late;
  CHECK(late.run({given("open.wait.for", "$.ok = true"), given("open.timeout", "3s")}).code ==
        Code::timed_out);
  CHECK(late.script.clock.now().us == 3'000'000);
  CHECK_FALSE(late.out.went_live);
  for (const bool waits : {true, false}) {
    Bench refused;
    refused.script.say(seconds(1), "{\"type\":\"error\",\"message\":\"no\nsuch\"}");
    ParamValues values{given("open.fail.on", "$.type = 'error'")};
    if (waits) values.push_back(given("open.wait.for", "$.ok = true"));
    const Error error = refused.run(values);
    CHECK(error.code == Code::subscription_refused);
    CHECK(error.message.find("no such") != std::string::npos);
  }
}

TEST_CASE("rate.send spaces what is sent") {
  Bench bench;
  bench.script.say(seconds(9), "END");
  static_cast<void>(bench.run({given("open.messages", R"(["a","b","c"])"),
                               given("rate.send", "2/s"), given("ping.interval", "0")}));
  REQUIRE(bench.script.sent_at.size() == 3);
  CHECK(bench.script.sent_at[1] - bench.script.sent_at[0] == milliseconds(500));
  CHECK(bench.script.sent_at[2] - bench.script.sent_at[1] == milliseconds(500));
  CHECK(bench.source({given("rate.send", "8")}).error().code == Code::invalid_value);
}

TEST_CASE("a half-open line is asked after receive.timeout and given up 5 s later, EF0501") {
  Bench bench;
  bench.script.answers_pings = false;
  bench.script.say(seconds(1), "a");
  const Error error = bench.run({given("receive.timeout", "2s"), given("ping.interval", "0")});
  CHECK(error.code == Code::connection_lost);
  CHECK(bench.script.sent == std::vector<std::string>{"PING"});
  CHECK(bench.script.clock.now() >= Timestamp{8'000'000});
  CHECK(bench.script.clock.now() < Timestamp{8'200'000});
  CHECK(bench.host.log.holds("source=prices state=stale"));
  CHECK(bench.script.closes == std::vector<std::uint16_t>{1001});
}

TEST_CASE("a silent line that answers stays open") {
  Bench bench;
  bench.script.say(seconds(20), "END");
  CHECK(bench.run({given("receive.timeout", "2s"), given("ping.interval", "0")}).message ==
        "the script ends");
  CHECK(bench.script.clock.now() == Timestamp{20'000'000});
}

TEST_CASE("pings go out once per ping.interval") {
  Bench bench;
  bench.script.say(milliseconds(10'500), "END");
  static_cast<void>(bench.run({given("ping.interval", "2s")}));
  CHECK(bench.script.sent.size() == 5);
}

TEST_CASE("heartbeats are sent, and one that nothing answers is EF0506") {
  Bench bench;
  bench.script.say(seconds(4), "pong");
  bench.script.say(seconds(9), R"({"beat":1})");
  const Error error =
      bench.run({given("heartbeat.send", "tick"), given("heartbeat.interval", "5s"),
                 given("heartbeat.expect", "$.beat = 1"), given("ping.interval", "0")});
  CHECK(error.code == Code::timed_out);
  CHECK(bench.script.sent == std::vector<std::string>{"tick", "tick"});
  CHECK(bench.out.payloads == std::vector<std::string>{"pong"});
  CHECK(bench.script.clock.now() >= Timestamp{15'000'000});
}

TEST_CASE("a heartbeat that the server sends by itself is missed after one interval") {
  Bench bench;
  bench.script.say(seconds(1), R"({"channel":"heartbeats"})");
  const Error error = bench.run(
      {given("heartbeat.expect", "$.channel = 'heartbeats'"), given("heartbeat.interval", "2s")});
  CHECK(error.code == Code::timed_out);
  CHECK(bench.script.clock.now() < Timestamp{4'200'000});
}

TEST_CASE("stop ends the session with a goodbye and without an error") {
  Bench bench;
  for (int i = 1; i <= 9; ++i)
    bench.script.say(seconds(i), "a");
  const auto source = bench.source({}).value();
  bench.out.on_payload = [&] {
    if (bench.out.payloads.size() == 3) source->stop();
  };
  CHECK(source->run(bench.out).ok());
  CHECK(bench.out.payloads.size() == 3);
  CHECK(bench.script.closes == std::vector<std::uint16_t>{1000});
}

TEST_CASE("a stop before run() is kept") {
  Bench bench;
  const auto source = bench.source({}).value();
  source->stop();
  CHECK(source->run(bench.out).ok());
  CHECK(bench.out.payloads.empty());
}

TEST_CASE("probe connects, waits for the answer and leaves") {
  Bench bench;
  bench.script.say(seconds(1), R"({"ok":true})");
  const auto source =
      bench.source({given("subscribe.message", "s"), given("open.wait.for", "$.ok = true")})
          .value();
  CHECK(source->probe().ok());
  CHECK(bench.script.sent == std::vector<std::string>{"s"});
  CHECK(bench.script.closes == std::vector<std::uint16_t>{1000});
  bench.script.refusal = Error{Code::connection_refused, "nobody there"};
  CHECK(source->probe().error().code == Code::connection_refused);
}

TEST_CASE("tls.verify = false is logged") {
  Bench bench;
  bench.script.say(seconds(1), "END");
  bench.url = "wss://host/";
  static_cast<void>(bench.run({given("tls.verify", "false")}));
  CHECK(bench.host.log.holds("tls.verify=false"));
}

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

TEST_CASE("a pong that does not come leaves the batch unknown, and the next write disconnected") {
  Bench bench;
  bench.script.answers_pings = false;
  const auto sink = bench.sink({given("ack.timeout", "2s")}).value();
  sink->open({}).value();
  const WriteResult result = sink->write(EncodedRows{"a"}.batch());
  CHECK(result.verdict == Verdict::unknown);
  CHECK(result.error.code == Code::timed_out);
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::disconnected);
  bench.script.answers_pings = true;
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::accepted);
}

TEST_CASE("a line that takes nothing is disconnected before the first row") {
  Bench bench;
  const auto sink = bench.sink({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::disconnected);
  sink->open({}).value();
  bench.script.takes_messages = false;
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::disconnected);
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
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::disconnected);
  CHECK(bench.script.sent == std::vector<std::string>{"PING"});
}

TEST_CASE("a close over a row, 1003, 1007 or 1009, rejects it, and the line goes on after it") {
  for (const std::uint16_t code : std::array<std::uint16_t, 3>{1003, 1007, 1009}) {
    CAPTURE(code);
    Bench bench;
    bench.script.poison = "big";
    bench.script.close_code = code;
    const auto sink = bench.sink({}).value();
    sink->open({}).value();
    const WriteResult result = sink->write(EncodedRows{"big"}.batch());
    CHECK(result.verdict == Verdict::row_rejected);
    CHECK(result.rejected == std::vector<std::uint32_t>{0});
    CHECK(result.error.code == Code::row_rejected);
    CHECK(result.error.message ==
          "the server closed the connection over this row: code " + std::to_string(code) + " 'no'");
    sink->flush().value();
    CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::accepted);
    CHECK(bench.script.connects == 2);
  }
}

TEST_CASE("another close code is a lost connection and no verdict on the row") {
  Bench bench;
  bench.script.poison = "big";
  bench.script.close_code = 1011;
  const auto sink = bench.sink({}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"big"}.batch()).verdict == Verdict::unknown);
}

TEST_CASE("among several rows the refused one is found by a pong after each") {
  for (const std::string& poison : {std::string("a"), std::string("b"), std::string("c")}) {
    CAPTURE(poison);
    Bench bench;
    bench.script.poison = poison;
    const auto sink = bench.sink({}).value();
    sink->open({}).value();
    const EncodedRows rows{"a", "b", "c"};
    CHECK(sink->write(rows.batch()).verdict == Verdict::unknown);
    sink->open({}).value();
    const WriteResult result = sink->write(rows.batch());
    CHECK(result.verdict == Verdict::row_rejected);
    CHECK(result.rejected ==
          std::vector<std::uint32_t>{static_cast<std::uint32_t>(poison[0] - 'a')});
    sink->flush().value();
    CHECK(sink->write(EncodedRows{"d"}.batch()).verdict == Verdict::accepted);
  }
}

TEST_CASE(
    "without ack a close over a row is seen later, and the row is found when all come again") {
  Bench bench;
  bench.script.poison = "b";
  const auto sink = bench.sink({given("ack", "none")}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::accepted);
  CHECK(sink->write(EncodedRows{"b"}.batch()).verdict == Verdict::accepted);
  CHECK_FALSE(sink->flush().ok());
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::disconnected);
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::accepted);
  CHECK(sink->write(EncodedRows{"b"}.batch()).verdict == Verdict::row_rejected);
}

TEST_CASE("a connection that is lost while nothing is written fails flush and wants open()") {
  Bench bench;
  const auto sink = bench.sink({}).value();
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"a"}.batch()).verdict == Verdict::accepted);
  bench.script.say({}, "END");
  CHECK_FALSE(sink->flush().ok());
  CHECK(sink->write(EncodedRows{"b"}.batch()).verdict == Verdict::disconnected);
  sink->open({}).value();
  CHECK(sink->write(EncodedRows{"b"}.batch()).verdict == Verdict::accepted);
  CHECK(bench.script.connects == 2);
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
