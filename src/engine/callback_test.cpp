#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "eventflux/eventflux.hpp"

#include "runtime/exec/thread.hpp"

namespace {

using eventflux::App;
using eventflux::AppState;
using eventflux::Batch;
using eventflux::Code;
using eventflux::Engine;
using eventflux::Publisher;
using eventflux::Subscription;

constexpr std::string_view chain = R"(
  CREATE STREAM First (a BIGINT);
  CREATE STREAM Second (a BIGINT);
  INSERT INTO Out SELECT a + 1 AS a FROM Second;
)";

App open_app(std::uint32_t shards, std::string_view program = chain) {
  return Engine::open({.shards = shards}).value().load(program).value();
}

/// Counts in one stream, from the outside of the app.
struct Count {
  explicit Count(App& app, std::string_view stream)
      : subscription(
            app.subscribe(stream, [this](const Batch& batch) { rows += batch.size(); }).value()) {}

  std::atomic<std::uint32_t> rows{0};
  Subscription subscription;
};

}  // namespace

TEST_CASE("a callback sends to another stream of its app") {
  for (const std::uint32_t shards : {0U, 1U}) {
    CAPTURE(shards);
    App app = open_app(shards);
    Publisher second = app.publisher("Second").value();
    std::vector<std::int64_t> seen;
    std::uint32_t refused = 0;
    const auto forward = app.subscribe("First", [&](const Batch& rows) {
      for (std::uint32_t row = 0; row < rows.size(); ++row)
        if (!second.send({rows.integer(row, 0)}).ok()) ++refused;
    });
    const auto out =
        app.subscribe("Out", [&](const Batch& rows) { seen.push_back(rows.integer(0, 0)); });
    REQUIRE(app.start().ok());
    Publisher first = app.publisher("First").value();
    for (int i = 0; i < 20'000; ++i)
      REQUIRE(first.send({i}).ok());
    REQUIRE(app.stop().ok());
    CHECK(refused == 0);
    REQUIRE(seen.size() == 20'000);
    CHECK(seen.back() == 20'000);
  }
}

TEST_CASE("a callback cannot stop or advance the app that runs it") {
  for (const std::uint32_t shards : {0U, 1U}) {
    CAPTURE(shards);
    App app = open_app(shards);
    std::vector<Code> codes;
    const auto all = app.subscribe("First", [&](const Batch&) {
      codes.push_back(app.stop().error().code);
      codes.push_back(app.advance().error().code);
    });
    REQUIRE(app.start().ok());
    REQUIRE(app.publisher("First").value().send({1}).ok());
    CHECK(app.stop().ok());
    CHECK(codes == std::vector<Code>{Code::wrong_lifecycle, Code::wrong_lifecycle});
  }
}

TEST_CASE("a callback that throws fails the app with EF0802 and not the host") {
  for (const std::uint32_t shards : {0U, 1U}) {
    CAPTURE(shards);
    App app = open_app(shards);
    const auto all = app.subscribe(
        "First", [](const Batch&) { throw std::runtime_error("the host is unwell"); });
    REQUIRE(app.start().ok());
    Publisher first = app.publisher("First").value();
    static_cast<void>(first.send({1}));
    app.wait();
    CHECK(app.status().finished);
    CHECK(first.send({2}).error().code == Code::app_failed);
    CHECK(app.stop().error().message == "a callback threw: the host is unwell");
    CHECK(app.status().state == AppState::failed);
    CHECK(eventflux::code_text(app.status().failure->code) == "EF0802");
  }
}

namespace {

/// Ends the process when the callback runs after its subscription.
void subscribe_and_end(App& app) {
  bool alive = true;
  const auto callback = [&](const Batch&) {
    if (!alive) std::abort();
  };
  auto one = std::make_optional(app.subscribe("Out", callback).value());
  one.reset();
  alive = false;
}

}  // namespace

TEST_CASE("subscriptions come and go while rows flow") {
  for (const std::uint32_t shards : {0U, 1U}) {
    CAPTURE(shards);
    App app = open_app(shards);
    const Count all(app, "Second");
    REQUIRE(app.start().ok());
    const auto send_all = [publisher = app.publisher("Second").value()]() mutable {
      for (int i = 0; i < 20'000; ++i)
        static_cast<void>(publisher.send({i}));
    };
    eventflux::exec::Thread sender("sender", send_all, [](const eventflux::Error&) {});
    for (int i = 0; i < 200; ++i)
      subscribe_and_end(app);
    sender.join();
    REQUIRE(app.stop().ok());
    CHECK(all.rows == 20'000);
  }
}

TEST_CASE("a subscription may end inside its own callback, and start another one") {
  App app = open_app(0);
  std::uint32_t once = 0;
  std::uint32_t later = 0;
  std::optional<Subscription> first;
  std::optional<Subscription> second;
  first = app.subscribe("First",
                        [&](const Batch&) {
                          ++once;
                          second = app.subscribe("First", [&](const Batch&) { ++later; }).value();
                          first.reset();
                        })
              .value();
  REQUIRE(app.start().ok());
  Publisher publisher = app.publisher("First").value();
  REQUIRE(publisher.send({1}).ok());
  CHECK(once == 1);
  CHECK(later == 0);
  REQUIRE(publisher.send({2}).ok());
  CHECK(once == 1);
  CHECK(later == 1);
}

TEST_CASE("publishers and subscriptions may outlive their app and its engine") {
  std::optional<Publisher> publisher;
  std::optional<Subscription> subscription;
  {
    App app = open_app(1);
    publisher = app.publisher("First").value();
    subscription = app.subscribe("Out", [](const Batch&) {}).value();
    REQUIRE(app.start().ok());
    REQUIRE(publisher->send({1}).ok());
  }
  CHECK(publisher->send({2}).error().code == Code::wrong_lifecycle);
  subscription.reset();
}

TEST_CASE("time that was moved by hand fires timers when the app is told") {
  constexpr std::string_view bars = R"(
    CREATE STREAM Trades (price DOUBLE);
    INSERT INTO Sums SELECT sum(price) AS total FROM Trades WINDOW TUMBLING(1 SECOND);
  )";
  for (const std::uint32_t shards : {0U, 1U}) {
    CAPTURE(shards);
    eventflux::VirtualClock clock{eventflux::Timestamp{5'000'000}};
    const auto engine = Engine::open({.shards = shards, .clock = &clock}).value();
    App app = engine.load(bars).value();
    std::vector<double> sums;
    const auto out =
        app.subscribe("Sums", [&](const Batch& rows) { sums.push_back(rows.real(0, 0)); });
    REQUIRE(app.start().ok());
    Publisher trades = app.publisher("Trades").value();
    REQUIRE(trades.send({1.5}).ok());
    REQUIRE(trades.send({2.5}).ok());
    REQUIRE(app.advance().ok());
    CHECK(sums.empty());
    clock.set(eventflux::Timestamp{6'000'000});
    REQUIRE(app.advance().ok());
    CHECK(sums == std::vector<double>{4.0});
    CHECK(app.stop().ok());
    CHECK(clock.now().us == 6'000'000);
  }
}
