#include "tests/bench/micro/latency.hpp"

#include <array>
#include <cstdio>

#include "eventflux/engine.hpp"

#include "tests/bench/measure/clocks.hpp"
#include "tests/bench/measure/json_object.hpp"
#include "tests/bench/micro/rows.hpp"

namespace eventflux::bench {
namespace {

constexpr std::int64_t length_ns = 1'500'000'000;
constexpr std::uint32_t warm_up = 20'000;
constexpr double disturbed_above = 1.2;

struct Plan {
  std::string name;
  std::string query;
  double rate;
  double ceiling_p50;
};

/// The sends of one plan, each waited for until it is due.
class Sender {
 public:
  explicit Sender(const Plan& plan)
      : rows_(make_rows(65'536, 100)),
        engine_(Engine::open({.shards = 0}).value()),
        app_(engine_.load(std::string(trades) + plan.query).value()),
        subscription_(
            app_.subscribe("Out", [this](const Batch&) { seen_ns_ = wall_ns(); }).value()),
        publisher_(app_.publisher("Trades").value()) {
    app_.start().value();
  }

  void send(std::uint32_t number) {
    const std::uint32_t row = number % rows_.size();
    publisher_
        .send({rows_.symbol[row].view(), rows_.price[row], rows_.quantity[row], rows_.id[row]})
        .value();
  }

  void run(LatencyResult& result) {
    for (std::uint32_t i = 0; i < warm_up; ++i)
      send(i);
    const double gap_ns = 1e9 / result.rate;
    const auto count = static_cast<std::uint32_t>(static_cast<double>(length_ns) / gap_ns);
    const std::int64_t cpu = thread_cpu_ns();
    const std::int64_t start = wall_ns();
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::int64_t due = start + static_cast<std::int64_t>(static_cast<double>(i) * gap_ns);
      std::int64_t now = wall_ns();
      while (now < due)
        now = wall_ns();
      send(i);
      result.latency.add(seen_ns_ - due);
      result.call.add(seen_ns_ - now);
    }
    result.disturbed =
        static_cast<double>(wall_ns() - start) / static_cast<double>(thread_cpu_ns() - cpu);
  }

 private:
  Rows rows_;
  std::int64_t seen_ns_ = 0;
  Engine engine_;
  App app_;
  Subscription subscription_;
  Publisher publisher_;
};

}  // namespace

bool LatencyResult::ok() const {
  const Histogram& judged = disturbed > disturbed_above ? call : latency;
  return ceiling_p50 == 0 || static_cast<double>(judged.at(0.5)) <= ceiling_p50;
}

std::vector<LatencyResult> run_latency() {
  const std::string filter =
      "INSERT INTO Out SELECT symbol, price * quantity AS amount, id FROM Trades "
      "WHERE price > -1.0 AND quantity < 2.0;";
  const std::string length =
      "INSERT INTO Out SELECT symbol, avg(price) AS mean, min(price) AS low, max(price) AS high "
      "FROM Trades WINDOW LENGTH(100) PER (symbol) GROUP BY symbol;";
  std::vector<LatencyResult> results;
  for (const Plan& plan : {Plan{"filter, send row", filter, 100'000, 1000},
                           Plan{"filter, send row", filter, 500'000, 0},
                           Plan{"LENGTH(100), send row", length, 100'000, 1000}}) {
    LatencyResult result;
    result.name = plan.name;
    result.rate = plan.rate;
    result.ceiling_p50 = plan.ceiling_p50;
    Sender(plan).run(result);
    results.push_back(std::move(result));
  }
  return results;
}

std::string to_json(const LatencyResult& result) {
  return JsonObject()
      .text("name", result.name)
      .number("rate", result.rate)
      .number("p50_ns", result.latency.at(0.5))
      .number("p90_ns", result.latency.at(0.9))
      .number("p99_ns", result.latency.at(0.99))
      .number("p999_ns", result.latency.at(0.999))
      .number("max_ns", result.latency.max())
      .number("call_p50_ns", result.call.at(0.5))
      .number("call_p99_ns", result.call.at(0.99))
      .number("call_p999_ns", result.call.at(0.999))
      .number("disturbed", result.disturbed)
      .number("ceiling_p50_ns", result.ceiling_p50)
      .boolean("ok", result.ok())
      .str();
}

std::string to_table(const std::vector<LatencyResult>& results) {
  std::array<char, 256> line{};
  std::snprintf(line.data(), line.size(), "%-24s %8s | %8s %8s %9s %9s | %8s %8s %9s\n",
                "in process, ns", "rows/s", "due p50", "p99", "p99.9", "max", "call p50", "p99",
                "p99.9");
  std::string table = line.data();
  for (const LatencyResult& r : results) {
    const auto at = [](const Histogram& times, double share) {
      return static_cast<long long>(times.at(share));
    };
    std::snprintf(line.data(), line.size(),
                  "%-24s %8.0f | %8lld %8lld %9lld %9lld | %8lld %8lld %9lld  %s%s\n",
                  r.name.c_str(), r.rate, at(r.latency, 0.5), at(r.latency, 0.99),
                  at(r.latency, 0.999), static_cast<long long>(r.latency.max()), at(r.call, 0.5),
                  at(r.call, 0.99), at(r.call, 0.999), r.ok() ? "ok" : "SLOW",
                  r.disturbed > disturbed_above ? " (disturbed)" : "");
    table += line.data();
  }
  return table;
}

}  // namespace eventflux::bench
