#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include <doctest/doctest.h>

#include "eventflux/extension.hpp"

#include "runtime/files/posix_files.hpp"
#include "testkit/simulator_host.hpp"
#include "tests/net/peers.hpp"

namespace eventflux {
void register_extensions(Registry& registry);
}

namespace eventflux::net_tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class NoLog final : public Log {
 public:
  void write(LogLevel, std::string_view) override {}
};

class Counter final : public Emitter {
 public:
  bool stopping() const noexcept override { return false; }

  Result<void> emit(const Envelope& envelope) override {
    const std::lock_guard lock(mutex_);
    last_.assign(envelope.payload.data(), envelope.payload.size());
    ++messages_;
    changed_.notify_all();
    return {};
  }

  Result<void> idle() override { return {}; }

  BatchBuilder& rows() override { std::abort(); }

  Result<void> emit_rows(const Cursor&) override { std::abort(); }

  const Schema& schema() const override { std::abort(); }

  std::optional<Cursor> resume(std::string_view) const override { return std::nullopt; }

  void gap(const Gap&) override {}

  void live() override {}

  void pause(Duration) override {}

  /// Returns whether so many messages came within the patience of a test.
  bool wait_for(std::uint64_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return messages_ >= count; });
  }

  std::uint64_t messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t messages_ = 0;
  std::string last_;
};

const ParamValues subscription{
    {.name = "open.messages",
     .text = R"([{"type":"subscribe","product_ids":["BTC-USD","ETH-USD"],"channel":"market_trades"},
                 {"type":"subscribe","channel":"heartbeats"}])"},
    {.name = "open.wait.for", .text = "$.channel = 'subscriptions'"},
    {.name = "open.count", .text = "2"},
    {.name = "open.timeout", .text = "3s"}};

/// A market on loopback, and what a source that reads from it needs.
struct Market {
  time::SystemClock clock{};
  net::NetTransport transport{clock};
  files::PosixFiles files{};
  Rng rng{1};
  NoLog log{};
  Context context{clock, rng, files, transport, log, "market"};
  Registry registry{};
  std::unique_ptr<testkit::SimulatorHost> host{};
  Counter out{};

  explicit Market(testkit::SimulatorPlan plan) {
    register_extensions(registry);
    host = testkit::SimulatorHost::start(*registry.find_simulator("market"), std::move(plan),
                                         transport, clock)
               .value();
  }

  std::unique_ptr<Source> source(ParamValues values = {}) {
    values.insert(values.end(), subscription.begin(), subscription.end());
    values.push_back({.name = "url", .text = host->url()});
    return registry.find_source("websocket")->make(values, context).value();
  }

  /// Runs one session to its end. Returns why it ended.
  Error run(const ParamValues& values = {}) {
    auto ran = source(values)->run(out);
    return ran.ok() ? Error{Code::internal, "run() ended without an error"} : ran.error();
  }
};

testkit::SimulatorPlan with_faults(const FaultPlan& faults) {
  return {.faults = faults};
}

TEST_CASE("the websocket source reads the market until it is stopped, and stops at once") {
  Market market({});
  const auto source = market.source();
  Result<void> ran;
  std::thread reader([&] { ran = source->run(market.out); });
  CHECK(market.out.wait_for(20));
  const Timestamp start = market.clock.steady();
  source->stop();
  reader.join();
  CHECK(market.clock.steady() - start < promptly);
  CHECK(ran.ok());
}

TEST_CASE("a market of 50,000 trades per second fills its messages") {
  testkit::SimulatorPlan plan;
  plan.load.rate = 50'000;
  Market market(std::move(plan));
  const auto source = market.source();
  Result<void> ran;
  std::thread reader([&] { ran = source->run(market.out); });
  CHECK(market.out.wait_for(100));
  source->stop();
  reader.join();
  CHECK(ran.ok());
}

TEST_CASE("a session that was cut is followed by one that subscribes again") {
  Market market(with_faults({.disconnect_every = milliseconds(200)}));
  for (int i = 0; i < 2; ++i) {
    const std::uint64_t before = market.out.messages();
    CHECK(market.run().code == Code::connection_lost);
    CHECK(market.out.messages() > before);
  }
  CHECK(market.host->connections() == 2);
}

TEST_CASE("a market that goes silent is noticed by receive.timeout, EF0501") {
  Market market(with_faults({.half_open_after = milliseconds(300)}));
  const Timestamp start = market.clock.steady();
  const Error error = market.run({{.name = "receive.timeout", .text = "200ms"}});
  CHECK(error.code == Code::connection_lost);
  CHECK(error.message.find("nothing came") != std::string::npos);
  CHECK(market.clock.steady() - start < seconds(7));
}

TEST_CASE("a market that never acknowledges is EF0506") {
  Market market(with_faults({.never_ack = true}));
  CHECK(market.run().code == Code::timed_out);
}

TEST_CASE("a market that refuses the upgrade is EF0503, and a slow one EF0506") {
  for (const int status : {401, 403, 429, 503}) {
    Market market(with_faults({.status = status}));
    const Error error = market.run();
    CHECK(error.code == Code::handshake_refused);
    CHECK(error.message.find(std::to_string(status)) != std::string::npos);
  }
  Market slow(with_faults({.slow_handshake = patience}));
  CHECK(slow.run({{.name = "connect.timeout", .text = "100ms"}}).code == Code::timed_out);
}

TEST_CASE("probe subscribes and leaves") {
  Market market({});
  CHECK(market.source()->probe().ok());
}

TEST_CASE("the market over TLS is reached with its CA") {
  const Certificates certificates;
  testkit::SimulatorPlan plan;
  plan.server.tls.cert_file = certificates.issue("127.0.0.1");
  Market market(std::move(plan));
  CHECK(market.source()->probe().error().code == Code::tls_failed);
  CHECK(market.source({{.name = "tls.ca", .text = certificates.ca()}})->probe().ok());
}

TEST_CASE("the host stops although a client reads nothing") {
  testkit::SimulatorPlan plan;
  plan.load.rate = 0;
  Market market(std::move(plan));
  const Flag never;
  const auto deaf = market.transport.connect({.url = market.host->url()}, never).value();
  deaf->send(MessageKind::text, R"({"type":"subscribe","channel":"market_trades"})").value();
  CHECK(deaf->receive(patience).value().has_value());
  const Timestamp start = market.clock.steady();
  market.host->stop();
  CHECK(market.clock.steady() - start < seconds(2));
}

TEST_CASE("the websocket sink has its rows acknowledged by a real pong") {
  std::atomic<int> received{0};
  Server server({}, [&received](WebSocket& socket) {
    while (socket.receive(patience).ok())
      ++received;
  });
  Market market({});
  const auto sink = market.registry.find_sink("websocket")
                        ->make({{.name = "url", .text = server.url()}}, market.context)
                        .value();
  sink->open({}).value();
  const std::string bytes = "abc";
  const std::vector<std::uint32_t> ends{1, 2, 3};
  for (int i = 0; i < 10; ++i)
    REQUIRE(sink->write({.bytes = bytes, .ends = ends}).status == WriteStatus::accepted);
  // The pong came behind them, so the server has them all.
  CHECK(received == 30);
}

}  // namespace
}  // namespace eventflux::net_tests
