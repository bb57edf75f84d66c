#include <cmath>

#include "tests/bench/micro/engine_side.hpp"
#include "tests/bench/micro/hand/loops.hpp"
#include "tests/bench/micro/suite.hpp"

namespace eventflux::bench {
namespace {

constexpr std::uint32_t row_count = 262'144;  // 10 MB: out of the second-level cache
constexpr std::uint32_t keys = 10'000;
constexpr double ceiling = 2.5;

struct Bounds {
  double least;
  double most;
};

/// Two conditions that let a share of the rows pass together.
Bounds bounds_of(int percent) {
  if (percent == 100) return {-1.0, 2.0};
  const double each = std::sqrt(percent / 100.0);
  return {1.0 - each, each};
}

Query filter_query(Bounds bounds) {
  return {
      std::string(trades) +
      "INSERT INTO Out SELECT symbol, price * quantity AS amount, id FROM Trades WHERE price > " +
      real_text(bounds.least) + " AND quantity < " + real_text(bounds.most) + ";"};
}

using EngineSide = SidePtr (*)(const Rows&, PassPlan, const Query&);

Workload filter_workload(Suite& suite, int percent, std::uint32_t batch, const std::string& how,
                         EngineSide side) {
  const Bounds bounds = bounds_of(percent);
  const PassPlan plan = plan_of(batch);
  Workload workload;
  workload.name =
      "filter " + std::to_string(percent) + " %, batch " + std::to_string(batch) + " (" + how + ")";
  workload.rows = plan.rows();
  workload.hand = [&suite, plan, bounds] {
    return hand::filter(suite.rows.get(row_count, keys), plan, bounds.least, bounds.most);
  };
  workload.engine = [&suite, plan, bounds, side] {
    return side(suite.rows.get(row_count, keys), plan, filter_query(bounds));
  };
  return workload;
}

Workload expression_workload(Suite& suite, const std::string& how, EngineSide side) {
  const PassPlan plan = plan_of(1024);
  Workload workload;
  workload.name = "expression of 6 operations (" + how + ")";
  workload.ceiling = ceiling;
  workload.rows = plan.rows();
  workload.hand = [&suite, plan] {
    return hand::expression(suite.rows.get(row_count, keys), plan);
  };
  workload.engine = [&suite, plan, side] {
    return side(
        suite.rows.get(row_count, keys), plan,
        {std::string(trades) + "INSERT INTO Out SELECT symbol, (price - quantity) / price * 100.0 "
                               "+ (quantity * 0.5 - 1.0) AS score FROM Trades;"});
  };
  return workload;
}

}  // namespace

void add_filter(Suite& suite) {
  for (const int percent : {1, 10, 50, 100}) {
    suite.workloads.push_back(filter_workload(suite, percent, 1024, "api", through_api));
    suite.workloads.back().ceiling = ceiling;
    suite.workloads.push_back(filter_workload(suite, percent, 1024, "graph", through_graph));
  }
  for (const std::uint32_t batch : {64U, 16U, 1U})
    suite.workloads.push_back(filter_workload(suite, 50, batch, "api", through_api));
  suite.workloads.push_back(filter_workload(suite, 50, 1, "send row", through_row_api));
  suite.workloads.back().count_allocations = false;  // The host makes the values of each row.
  suite.workloads.push_back(expression_workload(suite, "api", through_api));
  suite.workloads.push_back(expression_workload(suite, "graph", through_graph));
}

}  // namespace eventflux::bench
