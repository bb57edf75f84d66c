#include "tests/bench/end_to_end/rate_run.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <mutex>

#include "tests/bench/end_to_end/children.hpp"
#include "tests/bench/end_to_end/follower.hpp"
#include "tests/bench/measure/json_object.hpp"
#include "tests/process/process.hpp"

namespace eventflux::bench {
namespace {

constexpr double settle_seconds = 1.0;  // of the start that no figure counts
constexpr int engine_core = 0;
constexpr int other_core = 1;

std::string program(int port, const std::string& out, Leaving leaving) {
  const std::string sink = leaving == Leaving::at_once ? ", batch.size='1'" : "";
  return "@app(name='rate')\n@source(type='websocket', url='ws://127.0.0.1:" +
         std::to_string(port) +
         "', open.messages='[{\"type\":\"subscribe\",\"channel\":\"market_trades\","
         "\"product_ids\":[\"BTC-USD\",\"ETH-USD\"]}]', "
         "open.wait.for='$.channel = ''subscriptions''', @map(type='json'))\n"
         "CREATE SOURCE market;\n"
         "CREATE RESOURCE trades ON market WHEN $.channel = 'market_trades' "
         "EACH $.events[*].trades[*] (trade_id BIGINT, product_id STRING, price DOUBLE, "
         "size DOUBLE, time TIMESTAMP);\n"
         "@sink(type='file', path='" +
         out + "'" + sink +
         ", @map(type='json', timestamps='us'))\n"
         "CREATE STREAM fills (time TIMESTAMP, product_id STRING, amount DOUBLE);\n"
         "INSERT INTO fills SELECT time, product_id, price * size AS amount FROM trades "
         "WHERE price > 0.0;\n";
}

/// Rows as they come out of the file.
class Arrivals {
 public:
  void add(std::string_view line, std::int64_t seen_us) {
    constexpr std::string_view before = "{\"time\":";
    std::int64_t due_us = 0;
    if (!line.starts_with(before)) return;
    std::from_chars(line.data() + before.size(), line.data() + line.size(), due_us);
    const std::lock_guard lock(mutex_);
    last_us_ = seen_us - due_us;
    if (!counting_) return;
    latency_.add(last_us_);
    ++rows_;
  }

  void count(bool on) {
    const std::lock_guard lock(mutex_);
    counting_ = on;
  }

  void report(RateResult& result) {
    const std::lock_guard lock(mutex_);
    result.latency = latency_;
    result.rows = rows_;
    result.last_us = last_us_;
  }

 private:
  std::mutex mutex_;
  bool counting_ = false;
  Histogram latency_;
  std::uint64_t rows_ = 0;
  std::int64_t last_us_ = 0;
};

int port_of(const std::string& log) {
  constexpr std::string_view before = "ws://127.0.0.1:";
  int port = 0;
  tests::wait_for(5, [&] {
    const std::string text = tests::read_text(log);
    const std::size_t at = text.find(before);
    if (at != std::string::npos) port = std::atoi(text.c_str() + at + before.size());
    return port != 0;
  });
  return port;
}

void add_cpu(RateResult& result, const std::map<std::string, double>& before,
             const std::map<std::string, double>& after) {
  for (const auto& [name, seconds] : after) {
    const auto found = before.find(name);
    const double spent = seconds - (found == before.end() ? 0 : found->second);
    result.threads[name] = spent / result.seconds;
    result.engine_cpu += result.threads[name];
  }
}

double total(const std::map<std::string, double>& seconds) {
  double all = 0;
  for (const auto& [name, one] : seconds)
    all += one;
  return all;
}

std::string rate_text(double rate) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.0f", rate);
  return text.data();
}

}  // namespace

bool RateResult::sustained() const {
  constexpr double enough = 0.98;
  constexpr std::int64_t behind_us = 300'000;
  return static_cast<double>(rows) >= enough * static_cast<double>(expected) && last_us < behind_us;
}

RateResult run_rate(double rate, double seconds, Leaving leaving) {
  RateResult result;
  result.name = leaving == Leaving::at_once ? "batch.size=1" : "default batches";
  result.rate = rate;
  result.seconds = seconds;
  result.expected = static_cast<std::uint64_t>(rate * seconds);
  const tests::Folder folder;
  const PinnedTo other(other_core);
  tests::Process simulator(
      {"sim", "market", "--port", "0", "--rate", rate_text(rate), "--set", "message.trades=1",
       "--set", "message.interval=0ms", "--set", "snapshot.trades=0"},
      folder / "sim.log");
  const std::string query = folder / "rate.efql";
  const std::string out = folder / "out.jsonl";
  tests::write_text(query, program(port_of(folder / "sim.log"), out, leaving));
  Arrivals arrivals;
  const Follower follower(
      out, [&](std::string_view line, std::int64_t seen_us) { arrivals.add(line, seen_us); });
  std::unique_ptr<tests::Process> engine;
  {
    const PinnedTo own(engine_core);
    engine = std::make_unique<tests::Process>(std::vector<std::string>{"run", query},
                                              folder / "run.log");
  }
  tests::pause_ms(static_cast<int>(settle_seconds * 1000));
  const int pid = child_with(query);
  const int sender = child_with("message.trades=1");
  const auto before = thread_seconds(pid);
  const double sent_before = total(thread_seconds(sender));
  arrivals.count(true);
  tests::pause_ms(static_cast<int>(seconds * 1000));
  arrivals.count(false);
  add_cpu(result, before, thread_seconds(pid));
  result.sender_cpu = (total(thread_seconds(sender)) - sent_before) / seconds;
  arrivals.report(result);
  return result;
}

RateResult find_highest_rate() {
  constexpr double seconds = 3;
  double good = 10'000;
  double bad = 0;
  RateResult best = run_rate(good, seconds, Leaving::by_default);
  while (bad == 0 || bad / good > 1.15) {
    const double rate = bad == 0 ? good * 2 : (good + bad) / 2;
    RateResult tried = run_rate(rate, seconds, Leaving::by_default);
    if (tried.sustained()) {
      good = rate;
      best = std::move(tried);
    } else {
      bad = rate;
    }
  }
  best.name = "highest rate on one core";
  return best;
}

std::string to_json(const RateResult& r) {
  JsonObject threads;
  for (const auto& [name, cores] : r.threads)
    threads.number(name, cores);
  return JsonObject()
      .text("name", r.name)
      .number("rate", r.rate)
      .number("rows", static_cast<std::int64_t>(r.rows))
      .number("expected", static_cast<std::int64_t>(r.expected))
      .boolean("sustained", r.sustained())
      .number("p50_us", r.latency.at(0.5))
      .number("p90_us", r.latency.at(0.9))
      .number("p99_us", r.latency.at(0.99))
      .number("p999_us", r.latency.at(0.999))
      .number("max_us", r.latency.max())
      .number("engine_cores", r.engine_cpu)
      .number("sender_cores", r.sender_cpu)
      .json("threads", threads.str())
      .str();
}

std::string to_table(const std::vector<RateResult>& results) {
  std::array<char, 256> line{};
  std::snprintf(line.data(), line.size(), "%-26s %9s %9s %8s %8s %8s %8s %9s %6s %6s\n",
                "market -> run -> file, us", "msg/s", "written/s", "p50", "p90", "p99", "p99.9",
                "max", "engine", "sender");
  std::string table = line.data();
  for (const RateResult& r : results) {
    std::snprintf(
        line.data(), line.size(), "%-26s %9.0f %9.0f %8lld %8lld %8lld %8lld %9lld %6.2f %6.2f%s\n",
        r.name.c_str(), r.rate, static_cast<double>(r.rows) / r.seconds,
        static_cast<long long>(r.latency.at(0.5)), static_cast<long long>(r.latency.at(0.9)),
        static_cast<long long>(r.latency.at(0.99)), static_cast<long long>(r.latency.at(0.999)),
        static_cast<long long>(r.latency.max()), r.engine_cpu, r.sender_cpu,
        r.sustained() ? "" : "  BEHIND");
    table += line.data();
  }
  return table;
}

}  // namespace eventflux::bench
