// A host program as somebody outside would write it: it sees the installed headers only. It prints
// what is wrong and returns how much that was.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <eventflux/eventflux.hpp>

namespace {

using eventflux::Batch;
using eventflux::Engine;
using eventflux::Timestamp;

int wrong = 0;

void check(bool condition, const char* what) {
  if (condition) return;
  ++wrong;
  std::fprintf(stderr, "wrong: %s\n", what);
}

std::vector<std::pair<std::string, double>> alerted;

void alert(std::string_view symbol, double price) {
  alerted.emplace_back(symbol, price);
}

constexpr std::string_view program = R"(
  CREATE STREAM Trades (symbol STRING, price DOUBLE);
  INSERT INTO Alerts SELECT symbol, price FROM Trades WHERE price > 100.0;
)";

void watch(const std::string& symbol, double price) {
  auto engine = eventflux::Engine::open({.state_dir = "state"}).value();
  auto app = engine.load(program).value();
  auto show = [](const eventflux::Batch& rows) {
    for (std::uint32_t row = 0; row < rows.size(); ++row)
      alert(rows.text(row, 0), rows.real(row, 1));
  };
  auto alerts = app.subscribe("Alerts", show).value();
  auto trades = app.publisher("Trades").value();
  app.start().value();
  trades.send({symbol, price}).value();
  app.stop().value();  // stops sources, drains, checkpoints
}

constexpr std::string_view sums = R"(
  CREATE STREAM Trades (symbol STRING, price DOUBLE);
  INSERT INTO Totals
  SELECT symbol, sum(price) AS total FROM Trades WINDOW TUMBLING(10 SECONDS) GROUP BY symbol;
)";

struct Totals {
  explicit Totals(eventflux::App& app)
      : subscription(app.subscribe("Totals",
                                   [this](const Batch& rows) {
                                     for (std::uint32_t row = 0; row < rows.size(); ++row)
                                       seen.emplace_back(rows.real(row, 1));
                                   })
                         .value()) {}

  std::vector<double> seen;
  eventflux::Subscription subscription;
};

void two_engines_on_virtual_clocks() {
  eventflux::VirtualClock early{Timestamp{1'000'000}};
  eventflux::VirtualClock late{Timestamp{500'000'000'000}};
  const auto a = Engine::open({.shards = 0, .clock = &early}).value();
  const auto b = Engine::open({.shards = 0, .clock = &late}).value();
  auto first = a.load(sums).value();
  auto second = b.load(sums).value();
  const Totals first_totals(first);
  const Totals second_totals(second);
  first.start().value();
  second.start().value();
  first.publisher("Trades").value().send({"IBM", 1.0}).value();
  second.publisher("Trades").value().send({"IBM", 2.0}).value();
  early.set(Timestamp{10'000'000});
  first.advance().value();
  second.advance().value();
  check(first_totals.seen == std::vector<double>{1.0}, "the window of the first engine closes");
  check(second_totals.seen.empty(), "the window of the second engine stays open");
  late.set(Timestamp{500'010'000'000});
  second.advance().value();
  check(second_totals.seen == std::vector<double>{2.0}, "the window of the second engine closes");
}

void threads_send_at_the_same_time(std::uint32_t shards) {
  constexpr int each = 5000;
  const auto engine = Engine::open({.shards = shards}).value();
  auto app = engine.load(program).value();
  std::atomic<int> rows{0};
  const auto alerts =
      app.subscribe("Alerts", [&](const Batch& batch) { rows += static_cast<int>(batch.size()); })
          .value();
  app.start().value();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([publisher = app.publisher("Trades").value()]() mutable {
      for (int i = 0; i < each; ++i)
        publisher.send({"IBM", 200.0}).value();
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  app.stop().value();
  check(rows == 4 * each, "every row of every thread arrives");
}

void a_restart_restores_the_window() {
  eventflux::VirtualClock clock{Timestamp{1'000'000}};
  const auto engine =
      Engine::open({.state_dir = "window_state", .shards = 0, .clock = &clock}).value();
  {
    auto app = engine.load(sums).value();
    app.start().value();
    app.publisher("Trades").value().send({"IBM", 40.0}).value();
    app.stop().value();
    check(app.status().checkpoint != 0, "stop() stores a checkpoint");
  }
  auto app = engine.load(sums).value();
  const Totals totals(app);
  app.start().value();
  app.publisher("Trades").value().send({"IBM", 2.0}).value();
  clock.set(Timestamp{10'000'000});
  app.advance().value();
  check(totals.seen == std::vector<double>{42.0}, "the window holds rows of both runs");
  check(!engine.load(sums).ok(), "the state of a running app is locked");
  app.stop().value();
}

void errors_are_values_or_exceptions() {
  const auto engine = Engine::open().value();
  const auto found = engine.check("CREATE STREAM T (a INT); INSERT INTO O SELECT b FROM T;");
  check(found.size() == 1 && found[0].error.code == eventflux::Code::unknown_column,
        "check() returns the diagnostic");
  check(found.size() == 1 && found[0].text.find("error[EF0203]") == 0, "and its text for people");
  std::optional<eventflux::Code> thrown;
  try {
    static_cast<void>(engine.load("SELECT FROM").value());
  } catch (const eventflux::Exception& exception) {
    thrown = exception.error().code;
  }
  check(thrown.has_value(), "value() throws");
}

void rows_are_of_their_types() {
  const auto engine = Engine::open({.shards = 0}).value();
  auto app = engine.load(program).value();
  std::vector<std::string> seen;
  const auto alerts =
      app.subscribe("Alerts",
                    [&](const Batch& rows) {
                      for (std::uint32_t row = 0; row < rows.size(); ++row)
                        seen.emplace_back(rows.is_null(row, 0) ? "null" : rows.text(row, 0));
                    })
          .value();
  auto trades = app.publisher("Trades").value();
  app.start().value();
  eventflux::BatchBuilder rows(trades.schema());
  for (std::size_t i = 0; i < 40; ++i) {
    rows.column(0).append("a symbol of many characters");
    rows.column(1).append(200 + i);
    rows.end_row({});
  }
  trades.send(rows).value();
  check(seen.size() == 40 && seen.back() == "a symbol of many characters", "rows of a builder");
  rows.column(0).append(true);
  rows.column(1).append("x");
  rows.end_row({});
  check(!trades.send(rows).ok(), "values of other types are refused");
  trades.send({nullptr, std::size_t{300}}).value();
  check(seen.back() == "null", "nullptr is NULL");
  app.stop().value();
}

}  // namespace

int main() {
  std::filesystem::remove_all("state");
  std::filesystem::remove_all("window_state");
  watch("IBM", 120.5);
  watch("IBM", 99.0);
  check(alerted == std::vector<std::pair<std::string, double>>{{"IBM", 120.5}}, "one alert");
  two_engines_on_virtual_clocks();
  threads_send_at_the_same_time(0);
  threads_send_at_the_same_time(1);
  a_restart_restores_the_window();
  errors_are_values_or_exceptions();
  rows_are_of_their_types();
  check(!eventflux::version.empty(), "the version is installed");
  return wrong;
}
