#include <doctest/doctest.h>

#include "testing.hpp"

namespace eventflux::connectors::websocket {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("payloads are emitted in order, and handed on when the line has no more") {
  Fixture fixture;
  fixture.script.say(seconds(1), "a");
  fixture.script.say(seconds(1), "b");
  fixture.script.say(seconds(2), "c");
  fixture.script.say(seconds(3), "END");
  CHECK(fixture.run({}).code == Code::connection_lost);
  CHECK(fixture.out.payloads == std::vector<std::string>{"a", "b", "c"});
  CHECK(fixture.out.idle_after == std::vector<std::size_t>{2, 3});
  CHECK(fixture.out.went_live);
  CHECK(fixture.script.closes == std::vector<std::uint16_t>{1001});
}

TEST_CASE("a url is required, EF0312, and names are checked, EF0301") {
  Fixture fixture;
  CHECK(fixture.host.source({}).error().code == Code::missing_parameter);
  const auto unknown = fixture.source({given("open.mesages", "a")});
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == Code::unknown_parameter);
  CHECK(unknown.error().help.find("open.messages") != std::string::npos);
}

TEST_CASE("every parameter has a text, and what may hold a key is secret") {
  const testing::Host host(register_extension);
  for (const auto* params :
       {&host.registry.sources().front().params, &host.registry.sinks().front().params}) {
    for (const ParamInfo& info : *params) {
      CHECK_FALSE(info.text.empty());
      if (info.name == "headers." || info.name == "open.messages" ||
          info.name == "subscribe.message" || info.name == "heartbeat.send")
        CHECK(info.secret);
      if (info.required) CHECK_FALSE(info.example.empty());
    }
  }
}

TEST_CASE("opening messages go first and subscribe.message after them") {
  Fixture fixture;
  fixture.script.say(seconds(1), "END");
  static_cast<void>(fixture.run(
      {given("open.messages", R"([{"a":[1,2]}, {"b":3}])"), given("subscribe.message", "c, d")}));
  CHECK(fixture.script.sent == std::vector<std::string>{R"({"a":[1,2]})", R"({"b":3})", "c, d"});
}

TEST_CASE("a list that mixes texts and other values is one message by mistake, EF0303") {
  Fixture fixture;
  const auto mixed = fixture.source({given("open.messages", R"(["REQ","ef",{"kinds":[1]}])")});
  REQUIRE_FALSE(mixed.ok());
  CHECK(mixed.error().code == Code::invalid_value);
  CHECK(mixed.error().help.find("[[") != std::string::npos);
  CHECK(mixed.error().message.find("REQ") == std::string::npos);
  fixture.script.say(seconds(1), "END");
  static_cast<void>(fixture.run({given("open.messages", R"([["REQ","ef",{"kinds":[1]}]])")}));
  CHECK(fixture.script.sent == std::vector<std::string>{R"(["REQ","ef",{"kinds":[1]}])"});
}

TEST_CASE("subscribe.message waits for subscribe.wait.for, and its answer for open.wait.for") {
  Fixture fixture;
  fixture.script.say(seconds(1), R"({"event":"hello"})");
  fixture.script.say(seconds(2), R"({"event":"login"})");
  fixture.script.say(seconds(3), R"({"event":"subscribed"})");
  fixture.script.say(seconds(4), "END");
  static_cast<void>(fixture.run({given("open.messages", "login"), given("subscribe.message", "sub"),
                                 given("subscribe.wait.for", "$.event = 'login'"),
                                 given("open.wait.for", "$.event = 'subscribed'")}));
  CHECK(fixture.script.sent == std::vector<std::string>{"login", "sub"});
  CHECK(fixture.script.sent_at.back() == Timestamp{2'000'000});
  CHECK(fixture.out.payloads == std::vector<std::string>{R"({"event":"hello"})"});
  CHECK(fixture.out.went_live);
}

TEST_CASE("a login that is refused or not answered ends the session, EF0507 and EF0506") {
  const ParamValues values{given("subscribe.message", "sub"),
                           given("subscribe.wait.for", "$.event = 'login'"),
                           given("open.fail.on", "$.event = 'error'"), given("open.timeout", "3s")};
  Fixture refused;
  refused.script.say(seconds(1), R"({"event":"error"})");
  CHECK(refused.run(values).code == Code::subscription_refused);
  CHECK(refused.script.sent.empty());
  Fixture silent;
  const Error error = silent.run(values);
  CHECK(error.code == Code::timed_out);
  CHECK(error.message == "no message matched subscribe.wait.for within 3s");
  CHECK(silent.source({given("subscribe.wait.for", "$.a = 1")}).error().code ==
        Code::conflicting_parameters);
}

TEST_CASE("a session that follows a lost one subscribes again") {
  Fixture fixture;
  for (int i = 0; i < 2; ++i) {
    fixture.script.say(seconds(1), "END");
    static_cast<void>(fixture.run({given("subscribe.message", "again")}));
  }
  CHECK(fixture.script.connects == 2);
  CHECK(fixture.script.sent == std::vector<std::string>{"again", "again"});
}

TEST_CASE("the answers to opening messages are counted, kept back, and data before them is not") {
  Fixture fixture;
  fixture.script.say(seconds(1), R"({"channel":"trades"})");
  fixture.script.say(seconds(2), R"({"channel":"subscriptions"})");
  fixture.script.say(seconds(3), R"({"channel":"subscriptions"})");
  fixture.script.say(seconds(4), R"({"channel":"subscriptions"})");
  fixture.script.say(seconds(5), "END");
  CHECK(
      fixture.run({given("open.wait.for", "$.channel = 'subscriptions'"), given("open.count", "2")})
          .code == Code::connection_lost);
  CHECK(fixture.out.payloads ==
        std::vector<std::string>{R"({"channel":"trades"})", R"({"channel":"subscriptions"})"});
}

TEST_CASE("an answer that does not come is EF0506, a refusal EF0507") {
  Fixture late;
  CHECK(late.run({given("open.wait.for", "$.ok = true"), given("open.timeout", "3s")}).code ==
        Code::timed_out);
  CHECK(late.script.clock.now().us == 3'000'000);
  CHECK_FALSE(late.out.went_live);
  for (const bool waits : {true, false}) {
    Fixture refused;
    refused.script.say(seconds(1), "{\"type\":\"error\",\"message\":\"no\nsuch\"}");
    ParamValues values{given("open.fail.on", "$.type = 'error'")};
    if (waits) values.push_back(given("open.wait.for", "$.ok = true"));
    const Error error = refused.run(values);
    CHECK(error.code == Code::subscription_refused);
    CHECK(error.message.find("no such") != std::string::npos);
  }
}

TEST_CASE("rate.send spaces what is sent") {
  Fixture fixture;
  fixture.script.say(seconds(9), "END");
  static_cast<void>(fixture.run({given("open.messages", R"(["a","b","c"])"),
                                 given("rate.send", "2/s"), given("ping.interval", "0")}));
  REQUIRE(fixture.script.sent_at.size() == 3);
  CHECK(fixture.script.sent_at[1] - fixture.script.sent_at[0] == milliseconds(500));
  CHECK(fixture.script.sent_at[2] - fixture.script.sent_at[1] == milliseconds(500));
  CHECK(fixture.source({given("rate.send", "8")}).error().code == Code::invalid_value);
}

TEST_CASE("a half-open line is asked after receive.timeout and given up 5 s later, EF0501") {
  Fixture fixture;
  fixture.script.answers_pings = false;
  fixture.script.say(seconds(1), "a");
  const Error error = fixture.run({given("receive.timeout", "2s"), given("ping.interval", "0")});
  CHECK(error.code == Code::connection_lost);
  CHECK(fixture.script.sent == std::vector<std::string>{"PING"});
  CHECK(fixture.script.clock.now() >= Timestamp{8'000'000});
  CHECK(fixture.script.clock.now() < Timestamp{8'200'000});
  CHECK(fixture.host.log.holds("source=prices state=stale"));
  CHECK(fixture.script.closes == std::vector<std::uint16_t>{1001});
}

TEST_CASE("a silent line that answers stays open") {
  Fixture fixture;
  fixture.script.say(seconds(20), "END");
  CHECK(fixture.run({given("receive.timeout", "2s"), given("ping.interval", "0")}).message ==
        "the script ends");
  CHECK(fixture.script.clock.now() == Timestamp{20'000'000});
}

TEST_CASE("pings go out once per ping.interval") {
  Fixture fixture;
  fixture.script.say(milliseconds(10'500), "END");
  static_cast<void>(fixture.run({given("ping.interval", "2s")}));
  CHECK(fixture.script.sent.size() == 5);
}

TEST_CASE("heartbeats are sent, and one that nothing answers is EF0506") {
  Fixture fixture;
  fixture.script.say(seconds(4), "pong");
  fixture.script.say(seconds(9), R"({"beat":1})");
  const Error error =
      fixture.run({given("heartbeat.send", "tick"), given("heartbeat.interval", "5s"),
                   given("heartbeat.expect", "$.beat = 1"), given("ping.interval", "0")});
  CHECK(error.code == Code::timed_out);
  CHECK(fixture.script.sent == std::vector<std::string>{"tick", "tick"});
  CHECK(fixture.out.payloads == std::vector<std::string>{"pong"});
  CHECK(fixture.script.clock.now() >= Timestamp{15'000'000});
}

TEST_CASE("a heartbeat that the server sends by itself is missed after one interval") {
  Fixture fixture;
  fixture.script.say(seconds(1), R"({"channel":"heartbeats"})");
  const Error error = fixture.run(
      {given("heartbeat.expect", "$.channel = 'heartbeats'"), given("heartbeat.interval", "2s")});
  CHECK(error.code == Code::timed_out);
  CHECK(fixture.script.clock.now() < Timestamp{4'200'000});
}

TEST_CASE("a pong that is not JSON is named by payload and is neither data nor missed") {
  Fixture fixture;
  for (int i = 1; i <= 4; ++i)
    fixture.script.say(seconds(5 * i) + milliseconds(100), "pong");
  fixture.script.say(seconds(24), "END");
  CHECK(fixture
            .run({given("heartbeat.send", "ping"), given("heartbeat.interval", "5s"),
                  given("heartbeat.expect", "payload = 'pong'"), given("ping.interval", "0")})
            .message == "the script ends");
  CHECK(fixture.script.sent == std::vector<std::string>(4, "ping"));
  CHECK(fixture.out.payloads.empty());
}

TEST_CASE("a connection that answers pings and brings no data ends after data.timeout, EF0506") {
  Fixture fixture;
  fixture.script.say(seconds(3), "data");
  for (int i = 1; i <= 20; ++i)
    fixture.script.say(seconds(3 + i), "pong");
  const Error error = fixture.run({given("data.timeout", "8s"), given("ping.interval", "1s"),
                                   given("heartbeat.expect", "payload = 'pong'")});
  CHECK(error.code == Code::timed_out);
  CHECK(error.message == "no data came within 8s");
  CHECK(fixture.script.clock.now() >= Timestamp{11'000'000});
  CHECK(fixture.script.clock.now() < Timestamp{11'200'000});
}

TEST_CASE("a message that the connection refuses is a rejected payload, and the session ends") {
  Fixture fixture;
  fixture.script.say(seconds(1), "a");
  fixture.script.say(seconds(2), "LARGE");
  CHECK(fixture.run({}).code == Code::too_large);
  CHECK(fixture.out.payloads == std::vector<std::string>{"a"});
  CHECK(fixture.out.errors == std::vector<std::string>{"EF0605"});
}

/// Unpacks what begins with "z:", and refuses what is then longer than 9 bytes.
struct TestRules final : PayloadRules {
  std::uint64_t bytes_max() const override { return 40U << 20U; }

  Result<std::span<char>> plain(std::span<char> payload) override {
    const auto inner = payload.first(2)[0] == 'z' ? payload.subspan(2) : payload;
    if (inner.size() > 99) return Error{Code::too_large, "too large"};
    return inner;
  }
};

TEST_CASE("conditions see what the mapper sees, and limits are those of the source") {
  Fixture fixture;
  TestRules rules;
  fixture.host.context.payloads = &rules;
  std::uint64_t asked = 0;
  const auto connect = fixture.host.network.on_connect;
  fixture.host.network.on_connect = [&](const WebSocketOptions& options) {
    asked = options.message_bytes_max;
    return connect(options);
  };
  fixture.script.say(seconds(1), R"(z:{"ok":true})");
  fixture.script.say(seconds(2), "z:data");
  fixture.script.say(seconds(3), "z:" + std::string(100, 'x'));
  fixture.script.say(seconds(4), "END");
  static_cast<void>(fixture.run({given("open.wait.for", "$.ok = true")}));
  CHECK(fixture.out.went_live);
  CHECK(fixture.out.payloads == std::vector<std::string>{"data"});
  CHECK(fixture.out.errors == std::vector<std::string>{"EF0605"});
  CHECK(asked == 40U << 20U);
}

TEST_CASE("the framing says how many payloads a message holds") {
  const auto payloads = [](const std::string& framing, const std::string& message) {
    Fixture fixture;
    fixture.script.say(seconds(1), message);
    fixture.script.say(seconds(2), "END");
    static_cast<void>(
        fixture.run({given("framing", framing), given("heartbeat.expect", "$.beat = 1")}));
    return fixture.out.payloads;
  };
  using Texts = std::vector<std::string>;
  CHECK(payloads("message", "[1,2]") == Texts{"[1,2]"});
  CHECK(payloads("array", R"( [{"a":"],"} ,{"beat":1}, [2] ] )") == Texts{R"({"a":"],"})", "[2]"});
  CHECK(payloads("array", R"({"a":1})") == Texts{R"({"a":1})"});
  CHECK(payloads("array", "[]").empty());
  CHECK(payloads("lines", "{\"beat\":1}\na\r\n\nb\n") == Texts{"a", "b"});
}

TEST_CASE("what a close of the server means depends on its code") {
  const auto outcome = [](const std::string& code) {
    Fixture fixture;
    fixture.script.say(seconds(1), "CLOSE " + code);
    return fixture.run({given("close.fail.on", "4004, 4010-4014")}).code;
  };
  CHECK(outcome("1000") == Code::end_of_input);
  CHECK(outcome("1001") == Code::connection_lost);
  CHECK(outcome("4003") == Code::connection_lost);
  CHECK(outcome("4004") == Code::reconnects_exhausted);
  CHECK(outcome("4012") == Code::reconnects_exhausted);
  Fixture fixture;
  for (const char* codes : {"x", "999", "4014-4010", "5000", "4000-"})
    CHECK(fixture.source({given("close.fail.on", codes)}).error().code == Code::invalid_value);
}

TEST_CASE("a normal close before the session is live is a lost connection") {
  Fixture fixture;
  fixture.script.say(seconds(1), "CLOSE 1000");
  CHECK(fixture.run({given("open.wait.for", "$.ok = true")}).code == Code::connection_lost);
}

TEST_CASE("close.code is what we close with") {
  Fixture fixture;
  fixture.script.say(seconds(1), "END");
  static_cast<void>(fixture.run({given("close.code", "4000")}));
  CHECK(fixture.script.closes == std::vector<std::uint16_t>{4000});
  for (const char* code : {"1001", "2999", "5000", "x"})
    CHECK(fixture.source({given("close.code", code)}).error().code == Code::invalid_value);
}

TEST_CASE("with both at 0 no ping is ever sent") {
  Fixture fixture;
  fixture.script.say(seconds(90), "END");
  static_cast<void>(fixture.run({given("ping.interval", "0"), given("receive.timeout", "0")}));
  CHECK(fixture.script.sent.empty());
}

TEST_CASE("stop ends the session with a goodbye and without an error") {
  Fixture fixture;
  for (int i = 1; i <= 9; ++i)
    fixture.script.say(seconds(i), "a");
  const auto source = fixture.source({}).value();
  fixture.out.on_payload = [&] {
    if (fixture.out.payloads.size() == 3) source->stop();
  };
  CHECK(source->run(fixture.out).ok());
  CHECK(fixture.out.payloads.size() == 3);
  CHECK(fixture.script.closes == std::vector<std::uint16_t>{1000});
}

TEST_CASE("a stop before run() is kept") {
  Fixture fixture;
  const auto source = fixture.source({}).value();
  source->stop();
  CHECK(source->run(fixture.out).ok());
  CHECK(fixture.out.payloads.empty());
}

TEST_CASE("probe connects, waits for the answer and leaves") {
  Fixture fixture;
  fixture.script.say(seconds(1), R"({"ok":true})");
  const auto source =
      fixture.source({given("subscribe.message", "s"), given("open.wait.for", "$.ok = true")})
          .value();
  CHECK(source->probe().ok());
  CHECK(fixture.script.sent == std::vector<std::string>{"s"});
  CHECK(fixture.script.closes == std::vector<std::uint16_t>{1000});
  fixture.script.refusal = Error{Code::connection_refused, "nobody there"};
  CHECK(source->probe().error().code == Code::connection_refused);
}

TEST_CASE("tls.verify = false is logged") {
  Fixture fixture;
  fixture.script.say(seconds(1), "END");
  fixture.url = "wss://host/";
  static_cast<void>(fixture.run({given("tls.verify", "false")}));
  CHECK(fixture.host.log.holds("tls.verify=false"));
}

}  // namespace
}  // namespace eventflux::connectors::websocket
