#include "websocket.hpp"

#include <cstdlib>
#include <deque>

#include <doctest/doctest.h>

namespace eventflux::connectors::websocket {

void register_extension(Registry& registry);

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What the other side does, on a clock that moves only when somebody waits.
struct Script {
  struct Step {
    Timestamp at;
    std::string text;
  };

  VirtualClock clock{};
  std::deque<Step> steps{};
  bool answers_pings = true;
  bool takes_messages = true;
  std::vector<std::string> sent{};
  std::vector<Timestamp> sent_at{};
  std::vector<std::uint16_t> closes{};
  std::string last_url{};
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
    return {};
  }

  Result<void> ping(std::string_view /*payload*/) override {
    script_.sent.emplace_back("PING");
    script_.sent_at.push_back(script_.clock.now());
    if (!script_.answers_pings) return {};
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

  CloseReason close_reason() const override { return {}; }

  std::string subprotocol() const override { return {}; }

 private:
  Script& script_;
  Timestamp heard_;
  std::string text_;
  std::uint64_t pongs_ = 0;
  mutable bool read_once_ = false;
};

class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(Script& script) : script_(script) {}

  Result<std::unique_ptr<WebSocket>> connect(const WebSocketOptions& options,
                                             const StopSignal&) override {
    ++script_.connects;
    script_.last_url = options.url;
    if (script_.refusal) return *script_.refusal;
    return std::unique_ptr<WebSocket>(std::make_unique<ScriptedSocket>(script_));
  }

  Result<std::unique_ptr<WebSocketServer>> listen(const WebSocketServerOptions&) override {
    return Error{Code::invalid_address, "nothing listens here"};
  }

 private:
  Script& script_;
};

class NoFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string&, OpenMode) override { return none(); }

  Result<std::optional<FileStat>> stat(const std::string&) override { return none(); }

  Result<void> rename(const std::string&, const std::string&) override { return none(); }

  Result<void> remove(const std::string&) override { return none(); }

  Result<std::vector<std::string>> glob(const std::string&) override { return none(); }

 private:
  static Error none() { return {Code::file_failed, "there are no files"}; }
};

class Lines final : public Log {
 public:
  void write(LogLevel, std::string_view text) override { all.append(text).append("\n"); }

  std::string all;
};

class Collector final : public Emitter {
 public:
  bool stopping() const noexcept override { return false; }

  Result<void> emit(const Envelope& envelope) override {
    payloads.emplace_back(envelope.payload.data(), envelope.payload.size());
    if (source != nullptr && payloads.size() == stop_after) source->stop();
    return {};
  }

  Result<void> idle() override {
    idle_after.push_back(payloads.size());
    return {};
  }

  BatchBuilder& rows() override { std::abort(); }

  Result<void> emit_rows(const Cursor&) override { std::abort(); }

  const Schema& schema() const override { std::abort(); }

  std::optional<Cursor> resume(std::string_view) const override { return std::nullopt; }

  void live() override { went_live = true; }

  void pause(Duration) override {}

  std::vector<std::string> payloads;
  std::vector<std::size_t> idle_after;
  bool went_live = false;
  Source* source = nullptr;
  std::size_t stop_after = 0;
};

/// Everything that an extension needs from its host.
struct Host {
  Script script{};
  ScriptedTransport transport{script};
  NoFiles files{};
  Rng rng{1};
  Lines log{};
  Context context{script.clock, rng, files, transport, log, "prices"};
  Registry registry{};
  Collector out{};

  Host() { register_extension(registry); }

  Result<std::unique_ptr<Source>> source(ParamValues values) {
    values.push_back({.name = "url", .text = "ws://host/"});
    return registry.find_source("websocket")->make(values, context);
  }

  Result<std::unique_ptr<Sink>> sink(ParamValues values) {
    values.push_back({.name = "url", .text = "ws://host/"});
    return registry.find_sink("websocket")->make(values, context);
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
  Host host;
  host.script.say(seconds(1), "a");
  host.script.say(seconds(1), "b");
  host.script.say(seconds(2), "c");
  host.script.say(seconds(3), "END");
  CHECK(host.run({}).code == Code::connection_lost);
  CHECK(host.out.payloads == std::vector<std::string>{"a", "b", "c"});
  CHECK(host.out.idle_after == std::vector<std::size_t>{2, 3});
  CHECK(host.out.went_live);
  CHECK(host.script.closes == std::vector<std::uint16_t>{1001});
}

TEST_CASE("a url is required, EF0312, and names are checked, EF0301") {
  Host host;
  const SourceEntry& entry = *host.registry.find_source("websocket");
  CHECK(entry.make({}, host.context).error().code == Code::missing_parameter);
  const auto unknown = host.source({given("open.mesages", "a")});
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == Code::unknown_parameter);
  CHECK(unknown.error().help.find("open.messages") != std::string::npos);
}

TEST_CASE("every parameter has a text, and headers are secret") {
  Host host;
  for (const auto* params : {&host.registry.find_source("websocket")->params,
                             &host.registry.find_sink("websocket")->params}) {
    for (const ParamInfo& info : *params) {
      CHECK_FALSE(info.text.empty());
      if (info.name == "headers.") CHECK(info.secret);
      if (info.required) CHECK_FALSE(info.example.empty());
    }
  }
}

TEST_CASE("opening messages go first and subscribe.message behind them") {
  Host host;
  host.script.say(seconds(1), "END");
  static_cast<void>(host.run(
      {given("open.messages", R"([{"a":[1,2]}, "b"])"), given("subscribe.message", "c, d")}));
  CHECK(host.script.sent == std::vector<std::string>{R"({"a":[1,2]})", "b", "c, d"});
}

TEST_CASE("a session that follows a lost one subscribes again") {
  Host host;
  for (int i = 0; i < 2; ++i) {
    host.script.say(seconds(1), "END");
    static_cast<void>(host.run({given("subscribe.message", "again")}));
  }
  CHECK(host.script.connects == 2);
  CHECK(host.script.sent == std::vector<std::string>{"again", "again"});
}

TEST_CASE("the answers to opening messages are counted, kept back, and data before them is not") {
  Host host;
  host.script.say(seconds(1), R"({"channel":"trades"})");
  host.script.say(seconds(2), R"({"channel":"subscriptions"})");
  host.script.say(seconds(3), R"({"channel":"subscriptions"})");
  host.script.say(seconds(4), R"({"channel":"subscriptions"})");
  host.script.say(seconds(5), "END");
  CHECK(host.run({given("open.wait.for", "$.channel = 'subscriptions'"), given("open.count", "2")})
            .code == Code::connection_lost);
  CHECK(host.out.payloads ==
        std::vector<std::string>{R"({"channel":"trades"})", R"({"channel":"subscriptions"})"});
}

TEST_CASE("an answer that does not come is EF0506, a refusal EF0507") {
  Host late;
  CHECK(late.run({given("open.wait.for", "$.ok = true"), given("open.timeout", "3s")}).code ==
        Code::timed_out);
  CHECK(late.script.clock.now().us == 3'000'000);
  CHECK_FALSE(late.out.went_live);
  for (const bool waits : {true, false}) {
    Host refused;
    refused.script.say(seconds(1), "{\"type\":\"error\",\"message\":\"no\nsuch\"}");
    ParamValues values{given("open.fail.on", "$.type = 'error'")};
    if (waits) values.push_back(given("open.wait.for", "$.ok = true"));
    const Error error = refused.run(values);
    CHECK(error.code == Code::subscription_refused);
    CHECK(error.message.find("no such") != std::string::npos);
  }
}

TEST_CASE("rate.send spaces what is sent") {
  Host host;
  host.script.say(seconds(9), "END");
  static_cast<void>(host.run({given("open.messages", R"(["a","b","c"])"), given("rate.send", "2/s"),
                              given("ping.interval", "0")}));
  REQUIRE(host.script.sent_at.size() == 3);
  CHECK(host.script.sent_at[1] - host.script.sent_at[0] == milliseconds(500));
  CHECK(host.script.sent_at[2] - host.script.sent_at[1] == milliseconds(500));
  CHECK(host.source({given("rate.send", "8")}).error().code == Code::invalid_value);
}

TEST_CASE("a half-open line is asked after receive.timeout and given up 5 s later, EF0501") {
  Host host;
  host.script.answers_pings = false;
  host.script.say(seconds(1), "a");
  const Error error = host.run({given("receive.timeout", "2s"), given("ping.interval", "0")});
  CHECK(error.code == Code::connection_lost);
  CHECK(host.script.sent == std::vector<std::string>{"PING"});
  CHECK(host.script.clock.now() >= Timestamp{8'000'000});
  CHECK(host.script.clock.now() < Timestamp{8'200'000});
  CHECK(host.log.all.find("source=prices state=stale") != std::string::npos);
  CHECK(host.script.closes == std::vector<std::uint16_t>{1001});
}

TEST_CASE("a silent line that answers stays open") {
  Host host;
  host.script.say(seconds(20), "END");
  CHECK(host.run({given("receive.timeout", "2s"), given("ping.interval", "0")}).message ==
        "the script ends");
  CHECK(host.script.clock.now() == Timestamp{20'000'000});
}

TEST_CASE("pings go out once per ping.interval") {
  Host host;
  host.script.say(milliseconds(10'500), "END");
  static_cast<void>(host.run({given("ping.interval", "2s")}));
  CHECK(host.script.sent.size() == 5);
}

TEST_CASE("heartbeats are sent, and one that nothing answers is EF0506") {
  Host host;
  host.script.say(seconds(4), "pong");
  host.script.say(seconds(9), R"({"beat":1})");
  const Error error =
      host.run({given("heartbeat.send", "tick"), given("heartbeat.interval", "5s"),
                given("heartbeat.expect", "$.beat = 1"), given("ping.interval", "0")});
  CHECK(error.code == Code::timed_out);
  CHECK(host.script.sent == std::vector<std::string>{"tick", "tick"});
  CHECK(host.out.payloads == std::vector<std::string>{"pong"});
  CHECK(host.script.clock.now() >= Timestamp{15'000'000});
}

TEST_CASE("a heartbeat that the server sends by itself is missed after one interval") {
  Host host;
  host.script.say(seconds(1), R"({"channel":"heartbeats"})");
  const Error error = host.run(
      {given("heartbeat.expect", "$.channel = 'heartbeats'"), given("heartbeat.interval", "2s")});
  CHECK(error.code == Code::timed_out);
  CHECK(host.script.clock.now() < Timestamp{4'200'000});
}

TEST_CASE("stop ends the session with a goodbye and without an error") {
  Host host;
  for (int i = 1; i <= 9; ++i)
    host.script.say(seconds(i), "a");
  const auto source = host.source({}).value();
  host.out.source = source.get();
  host.out.stop_after = 3;
  CHECK(source->run(host.out).ok());
  CHECK(host.out.payloads.size() == 3);
  CHECK(host.script.closes == std::vector<std::uint16_t>{1000});
}

TEST_CASE("a stop before run() is kept") {
  Host host;
  const auto source = host.source({}).value();
  source->stop();
  CHECK(source->run(host.out).ok());
  CHECK(host.out.payloads.empty());
}

TEST_CASE("probe connects, waits for the answer and leaves") {
  Host host;
  host.script.say(seconds(1), R"({"ok":true})");
  const auto source =
      host.source({given("subscribe.message", "s"), given("open.wait.for", "$.ok = true")}).value();
  CHECK(source->probe().ok());
  CHECK(host.script.sent == std::vector<std::string>{"s"});
  CHECK(host.script.closes == std::vector<std::uint16_t>{1000});
  host.script.refusal = Error{Code::connection_refused, "nobody there"};
  CHECK(source->probe().error().code == Code::connection_refused);
}

TEST_CASE("tls.verify = false is logged") {
  Host host;
  host.script.say(seconds(1), "END");
  static_cast<void>(host.run({given("tls.verify", "false")}));
  CHECK(host.log.all.find("tls.verify=false") != std::string::npos);
}

struct Rows {
  std::string bytes{};
  std::vector<std::uint32_t> ends{};

  Rows(std::initializer_list<std::string> rows) {
    for (const std::string& row : rows) {
      bytes += row;
      ends.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
  }

  OutputBatch batch() const { return {.bytes = bytes, .ends = ends}; }
};

TEST_CASE("the sink sends one message per row and takes the pong as its acknowledgement") {
  Host host;
  const auto sink = host.sink({given("open.messages", "hello")}).value();
  sink->open({}).value();
  CHECK(sink->write(Rows{"a", "b"}.batch()).verdict == Verdict::accepted);
  CHECK(host.script.sent == std::vector<std::string>{"hello", "a", "b", "PING"});
  sink->flush().value();
}

TEST_CASE("without ack the sink asks for nothing") {
  Host host;
  const auto sink = host.sink({given("ack", "none"), given("message.type", "binary")}).value();
  sink->open({}).value();
  CHECK(sink->write(Rows{"\xff"}.batch()).verdict == Verdict::accepted);
  CHECK(host.script.sent == std::vector<std::string>{"\xff"});
}

TEST_CASE("a pong that does not come leaves the batch unknown, and the next write retriable") {
  Host host;
  host.script.answers_pings = false;
  const auto sink = host.sink({given("ack.timeout", "2s")}).value();
  sink->open({}).value();
  const WriteResult result = sink->write(Rows{"a"}.batch());
  CHECK(result.verdict == Verdict::unknown);
  CHECK(result.error.code == Code::timed_out);
  CHECK(sink->write(Rows{"a"}.batch()).verdict == Verdict::retriable);
  host.script.answers_pings = true;
  sink->open({}).value();
  CHECK(sink->write(Rows{"a"}.batch()).verdict == Verdict::accepted);
}

TEST_CASE("a line that takes nothing is retriable before the first row") {
  Host host;
  const auto sink = host.sink({}).value();
  CHECK(sink->write(Rows{"a"}.batch()).verdict == Verdict::retriable);
  sink->open({}).value();
  host.script.takes_messages = false;
  CHECK(sink->write(Rows{"a"}.batch()).verdict == Verdict::retriable);
}

TEST_CASE("text that is not UTF-8 is a rejected row, EF0606, and the others are written") {
  Host host;
  const auto sink = host.sink({}).value();
  sink->open({}).value();
  const WriteResult result = sink->write(Rows{"a", "\xff", "b"}.batch());
  CHECK(result.verdict == Verdict::row_rejected);
  CHECK(result.error.code == Code::unencodable);
  CHECK(result.rejected == std::vector<std::uint32_t>{1});
  CHECK(host.script.sent == std::vector<std::string>{"a", "b", "PING"});
}

TEST_CASE("a line that was unused for ping.interval proves that it is alive first") {
  Host host;
  const auto sink = host.sink({given("ping.interval", "10s")}).value();
  sink->open({}).value();
  host.script.clock.set(Timestamp{20'000'000});
  host.script.answers_pings = false;
  CHECK(sink->write(Rows{"a"}.batch()).verdict == Verdict::retriable);
  CHECK(host.script.sent == std::vector<std::string>{"PING"});
}

TEST_CASE("a sink that is stopped sends no more") {
  Host host;
  const auto sink = host.sink({}).value();
  sink->open({}).value();
  sink->stop();
  CHECK(sink->write(Rows{"a"}.batch()).verdict != Verdict::accepted);
  CHECK(host.script.sent.empty());
}

}  // namespace
}  // namespace eventflux::connectors::websocket
