#include "tests/bench/end_to_end/durability.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "eventflux/engine.hpp"

#include "tests/bench/end_to_end/children.hpp"
#include "tests/bench/measure/clocks.hpp"
#include "tests/bench/measure/histogram.hpp"
#include "tests/bench/measure/json_object.hpp"
#include "tests/process/process.hpp"

namespace eventflux::bench {
namespace {

// Seconds of work: what a start and an end cost should not count as an epoch's.
constexpr std::int64_t rows = 120'000'000;
constexpr int rounds = 3;
constexpr std::uint32_t groups = 1'000'000;

struct Setting {
  std::string name;
  std::string app;  ///< Parameters of @app.
  bool durable;
  double budget;
};

// Epochs are cut by time alone, but for the setting that shows the defaults.
const std::vector<Setting>& settings() {
  const std::string by_time = ", epoch.records='1000000000', epoch.bytes='1000000000'";
  static const std::vector<Setting> all{
      {"no state directory", "epoch.interval='1 s'" + by_time, false, 0},
      {"epochs of 1 s", "epoch.interval='1 s'" + by_time, true, 0.02},
      {"epochs of 50 ms", "epoch.interval='50 ms'" + by_time, true, 0.05},
      {"default epochs", "", true, 0}};
  return all;
}

struct Timing {
  double seconds;
  double cpu_seconds;
};

Timing run_once(const Setting& setting) {
  const tests::Folder folder;
  const std::string query = folder / "durable.efql";
  tests::write_text(
      query, "@app(name='durable'" + (setting.app.empty() ? "" : ", " + setting.app) +
                 ")\n@source(type='generator', rate='0', count='" + std::to_string(rows) +
                 "', key='uniform(1,10000)', value='uniform(0,1)')\n"
                 "CREATE STREAM Rows (key BIGINT, value DOUBLE);\n"
                 "INSERT INTO Totals SELECT key, sum(value) AS total, count(*) AS n FROM Rows "
                 "GROUP BY key;\n");
  std::vector<std::string> words{"run", query};
  if (setting.durable) words.insert(words.end(), {"--state", folder / "state"});
  const double cpu = ended_children_seconds();
  const std::int64_t start = wall_ns();
  tests::Process process(words, folder / "run.log");
  const int status = process.wait(60);
  const Timing timing{static_cast<double>(wall_ns() - start) / 1e9, ended_children_seconds() - cpu};
  const std::string log = tests::read_text(folder / "run.log");
  if (status != 0 || log.find(std::to_string(rows).append(" rows")) == std::string::npos)
    std::fprintf(stderr, "%s: not all rows were taken: %s\n", setting.name.c_str(), log.c_str());
  return timing;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

constexpr std::string_view grouped =
    "@app(name='groups', epoch.interval='300 ms', epoch.records='1000000000', "
    "epoch.bytes='1000000000')\n"
    "CREATE STREAM Rows (key BIGINT, value DOUBLE);\n"
    "INSERT INTO Totals SELECT key, sum(value) AS total, count(*) AS n FROM Rows GROUP BY key;\n";

void send_keys(Publisher& publisher, std::uint32_t first) {
  BatchBuilder batch(publisher.schema());
  for (std::uint32_t row = 0; row < batch_rows_target; ++row) {
    batch.column(0).append(std::int64_t{(first + row) % groups});
    batch.column(1).append(0.5);
    batch.end_row(Timestamp{0});
  }
  publisher.send(std::move(batch)).value();
}

/// Sends for some seconds and notes how long each call took.
void send_timed(App& app, CheckpointResult& result) {
  constexpr std::int64_t length_ns = 5'000'000'000;
  auto publisher = app.publisher("Rows").value();
  Histogram latency;
  const std::uint64_t before = app.status().checkpoint;
  const std::int64_t start = wall_ns();
  std::uint32_t first = 0;
  for (std::int64_t now = start; now < start + length_ns;) {
    const std::int64_t begun = now;
    send_keys(publisher, first);
    first += batch_rows_target;
    now = wall_ns();
    latency.add(now - begun);
  }
  result.send_p50_us = static_cast<double>(latency.at(0.5)) / 1e3;
  result.send_max_ms = static_cast<double>(latency.max()) / 1e6;
  result.checkpoints = static_cast<double>(app.status().checkpoint - before);
  result.seconds = static_cast<double>(wall_ns() - start) / 1e9;
}

}  // namespace

std::vector<DurabilityResult> run_durability() {
  std::vector<std::vector<Timing>> timings(settings().size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < settings().size(); ++i)
      timings[i].push_back(run_once(settings()[i]));
  }
  std::vector<DurabilityResult> results;
  for (std::size_t i = 0; i < settings().size(); ++i) {
    std::vector<double> seconds;
    std::vector<double> cpu;
    for (const Timing& timing : timings[i]) {
      seconds.push_back(timing.seconds);
      cpu.push_back(timing.cpu_seconds);
    }
    DurabilityResult result{settings()[i].name};
    result.rows_per_second = static_cast<double>(rows) / median(seconds);
    result.cpu_ns_per_row = median(cpu) * 1e9 / static_cast<double>(rows);
    result.budget = settings()[i].budget;
    if (i > 0) result.cost = 1 - results[0].cpu_ns_per_row / result.cpu_ns_per_row;
    results.push_back(result);
  }
  return results;
}

CheckpointResult run_checkpoint() {
  const tests::Folder folder;
  CheckpointResult result;
  result.groups = groups;
  const auto engine = Engine::open({.state_dir = folder / "state", .shards = 0}).value();
  {
    auto app = engine.load(grouped).value();
    app.start().value();
    auto publisher = app.publisher("Rows").value();
    for (std::uint32_t first = 0; first < groups; first += batch_rows_target)
      send_keys(publisher, first);
    send_timed(app, result);
    app.stop().value();
  }
  const std::int64_t start = wall_ns();
  const auto app = engine.load(grouped).value();
  result.restore_ms = static_cast<double>(wall_ns() - start) / 1e6;
  return result;
}

std::string to_json(const DurabilityResult& r) {
  return JsonObject()
      .text("name", r.name)
      .number("rows_per_second", r.rows_per_second)
      .number("cpu_ns_per_row", r.cpu_ns_per_row)
      .number("cost", r.cost)
      .number("budget", r.budget)
      .boolean("ok", r.ok())
      .str();
}

std::string to_json(const CheckpointResult& r) {
  return JsonObject()
      .number("groups", std::int64_t{r.groups})
      .number("send_p50_us", r.send_p50_us)
      .number("send_max_ms", r.send_max_ms)
      .number("checkpoints", r.checkpoints)
      .number("seconds", r.seconds)
      .number("restore_ms", r.restore_ms)
      .str();
}

std::string to_table(const std::vector<DurabilityResult>& results) {
  std::array<char, 200> line{};
  std::snprintf(line.data(), line.size(), "%-26s %10s %10s %8s %8s\n", "group by 10,000 keys",
                "Mrows/s", "cpu ns/row", "cost", "budget");
  std::string table = line.data();
  for (const DurabilityResult& r : results) {
    std::snprintf(line.data(), line.size(), "%-26s %10.2f %10.1f %7.1f%% %7.1f%%  %s\n",
                  r.name.c_str(), r.rows_per_second / 1e6, r.cpu_ns_per_row, r.cost * 100,
                  r.budget * 100, r.ok() ? "ok" : "OVER");
    table += line.data();
  }
  return table;
}

std::string to_table(const CheckpointResult& r) {
  std::array<char, 300> text{};
  std::snprintf(text.data(), text.size(),
                "checkpoint of %u groups: longest send %.1f ms (median %.1f us), %.0f in %.1f s; "
                "restored in %.0f ms\n",
                r.groups, r.send_max_ms, r.send_p50_us, r.checkpoints, r.seconds, r.restore_ms);
  return text.data();
}

}  // namespace eventflux::bench
