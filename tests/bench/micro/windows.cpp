#include "tests/bench/micro/engine_side.hpp"
#include "tests/bench/micro/hand/loops.hpp"
#include "tests/bench/micro/suite.hpp"

namespace eventflux::bench {
namespace {

constexpr double ceiling = 3.0;

using EngineSide = SidePtr (*)(const Rows&, PassPlan, const Query&);
using HandSide = SidePtr (*)(const Rows&, PassPlan);

// A row per microsecond and 50 batches of 1,000: 20 passes are one window of a second.
constexpr PassPlan tumbling_plan{1000, 50};
constexpr std::uint64_t tumbling_passes = 20;
constexpr std::uint32_t tumbling_rows = 250'000;
constexpr std::uint32_t tumbling_keys = 10'000;

Workload tumbling_workload(Suite& suite, const std::string& name, const std::string& column,
                           HandSide hand, EngineSide side) {
  Workload workload;
  workload.name = "TUMBLING(1 s), 10,000 " + name;
  workload.ceiling = ceiling;
  workload.rows = tumbling_plan.rows();
  workload.warm_up = 2 * tumbling_passes + 1;
  workload.block_passes = tumbling_passes;
  workload.hand = [&suite, hand] {
    return hand(suite.rows.get(tumbling_rows, tumbling_keys), tumbling_plan);
  };
  workload.engine = [&suite, side, column] {
    return side(suite.rows.get(tumbling_rows, tumbling_keys), tumbling_plan,
                {.text = std::string(trades) + "INSERT INTO Out SELECT " + column +
                         ", sum(price) AS total, avg(price) AS mean, count(*) AS n "
                         "FROM Trades WINDOW TUMBLING(1 SECOND) GROUP BY " +
                         column + ";",
                 .timed = true});
  };
  return workload;
}

constexpr std::uint32_t length_rows = 262'144;
constexpr std::uint64_t window = 100;

Workload length_workload(Suite& suite, std::uint32_t keys, std::uint32_t batch,
                         const std::string& how, EngineSide side) {
  const PassPlan plan = plan_of(batch);
  Workload workload;
  workload.name = "LENGTH(100), " + std::string(keys == 100 ? "100" : "10,000") + " keys, batch " +
                  std::to_string(batch) + " (" + how + ")";
  workload.rows = plan.rows();
  // All windows are full, and have been turned over once.
  workload.warm_up = 3 * window * keys / plan.rows() + 4;
  workload.hand = [&suite, plan, keys] {
    return hand::length(suite.rows.get(length_rows, keys), plan);
  };
  workload.engine = [&suite, plan, keys, side] {
    return side(suite.rows.get(length_rows, keys), plan,
                {std::string(trades) +
                 "INSERT INTO Out SELECT symbol, avg(price) AS mean, min(price) AS low, "
                 "max(price) AS high FROM Trades WINDOW LENGTH(100) PER (symbol) "
                 "GROUP BY symbol;"});
  };
  return workload;
}

}  // namespace

void add_windows(Suite& suite) {
  auto& all = suite.workloads;
  all.push_back(
      tumbling_workload(suite, "text keys (api)", "symbol", hand::tumbling_text, through_api));
  all.push_back(
      tumbling_workload(suite, "text keys (graph)", "symbol", hand::tumbling_text, through_graph));
  all.back().ceiling = 0;
  all.push_back(
      tumbling_workload(suite, "integer keys (api)", "id", hand::tumbling_number, through_api));
  for (const std::uint32_t keys : {100U, 10'000U}) {
    all.push_back(length_workload(suite, keys, 1024, "api", through_api));
    all.back().ceiling = ceiling;
    all.push_back(length_workload(suite, keys, 1024, "graph", through_graph));
  }
  for (const std::uint32_t batch : {64U, 16U, 1U})
    all.push_back(length_workload(suite, 100, batch, "api", through_api));
}

}  // namespace eventflux::bench
