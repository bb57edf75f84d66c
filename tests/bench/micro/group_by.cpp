#include "tests/bench/micro/engine_side.hpp"
#include "tests/bench/micro/hand/loops.hpp"
#include "tests/bench/micro/suite.hpp"

namespace eventflux::bench {
namespace {

constexpr double text_ceiling = 2.5;
constexpr double number_ceiling = 3.0;

using EngineSide = SidePtr (*)(const Rows&, PassPlan, const Query&);
using HandSide = SidePtr (*)(const Rows&, PassPlan);

struct Keying {
  std::string name;
  std::string column;
  double ceiling;
  HandSide hand;
  Draw draw = Draw::uniform;
};

std::string with_separator(std::uint32_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

/// Rows enough that nearly every key occurs.
std::uint32_t rows_for(std::uint32_t keys) {
  return keys > 100'000 ? 4'194'304 : 262'144;
}

Workload group_workload(Suite& suite, const Keying& keying, std::uint32_t keys,
                        const std::string& how, EngineSide side) {
  const PassPlan plan = plan_of(1024);
  const std::uint32_t rows = rows_for(keys);
  Workload workload;
  workload.name = "group by " + with_separator(keys) + " " + keying.name + " keys" +
                  (keying.draw == Draw::skewed ? ", skewed (" : " (") + how + ")";
  workload.ceiling = keying.ceiling;
  workload.rows = plan.rows();
  workload.warm_up = rows / plan.rows() + 1;
  workload.hand = [&suite, plan, rows, keys, keying] {
    return keying.hand(suite.rows.get(rows, keys, keying.draw), plan);
  };
  workload.engine = [&suite, plan, rows, keys, side, keying] {
    return side(suite.rows.get(rows, keys, keying.draw), plan,
                {std::string(trades) + "INSERT INTO Out SELECT " + keying.column +
                 ", sum(price) AS total, avg(price) AS mean, count(*) AS n FROM Trades GROUP BY " +
                 keying.column + ";"});
  };
  return workload;
}

}  // namespace

void add_group_by(Suite& suite) {
  const Keying text{"text", "symbol", text_ceiling, hand::group_by_text};
  const Keying number{"integer", "id", number_ceiling, hand::group_by_number};
  for (const std::uint32_t keys : {100U, 10'000U, 1'000'000U}) {
    suite.workloads.push_back(group_workload(suite, text, keys, "api", through_api));
    suite.workloads.push_back(group_workload(suite, text, keys, "graph", through_graph));
    suite.workloads.back().ceiling = 0;
    suite.workloads.push_back(group_workload(suite, number, keys, "api", through_api));
  }
  const Keying skewed_text{"text", "symbol", text_ceiling, hand::group_by_text, Draw::skewed};
  const Keying skewed_number{"integer", "id", number_ceiling, hand::group_by_number, Draw::skewed};
  for (const std::uint32_t keys : {10'000U, 1'000'000U}) {
    suite.workloads.push_back(group_workload(suite, skewed_text, keys, "api", through_api));
    suite.workloads.push_back(group_workload(suite, skewed_number, keys, "api", through_api));
  }
}

}  // namespace eventflux::bench
