#include "tests/bench/micro/engine_side.hpp"
#include "tests/bench/micro/file_engine.hpp"
#include "tests/bench/micro/messages.hpp"
#include "tests/bench/micro/suite.hpp"

// Both sides are the engine: what is said in another way must not cost much more.
namespace eventflux::bench {
namespace {

constexpr std::uint32_t row_count = 262'144;
constexpr std::uint32_t keys = 10'000;

Workload variant(Suite& suite, const std::string& name, PassPlan plan, const Query& plain,
                 const Query& other, SidePtr (*side)(const Rows&, PassPlan, const Query&)) {
  Workload workload;
  workload.name = name;
  workload.rows = plan.rows();
  workload.hand = [&suite, plan, plain, side] {
    return side(suite.rows.get(row_count, keys), plan, plain);
  };
  workload.engine = [&suite, plan, other, side] {
    return side(suite.rows.get(row_count, keys), plan, other);
  };
  return workload;
}

/// Windows that every key has for itself, where all of them open and close at the same times.
Workload per_workload(Suite& suite) {
  constexpr PassPlan plan{1000, 50};  // 20 passes are one window
  constexpr std::uint64_t passes = 20;
  const auto query = [](const std::string& per) {
    return Query{.text = std::string(trades) +
                         "INSERT INTO Out SELECT symbol, sum(price) AS total, count(*) AS n "
                         "FROM Trades WINDOW TUMBLING(1 SECOND)" +
                         per + " GROUP BY symbol;",
                 .timed = true};
  };
  Workload workload = variant(suite, "TUMBLING PER its key / without PER (api)", plan, query(""),
                              query(" PER (symbol)"), through_api);
  workload.ceiling = 1.2;
  workload.warm_up = 2 * passes + 1;
  workload.block_passes = passes;
  return workload;
}

/// A tenth of the rows, taken by a query for each value, and by one query for all of them.
Workload many_queries_workload(Suite& suite) {
  std::string many(trades);
  for (int id = 0; id < 1000; ++id)
    many +=
        "INSERT INTO Out SELECT symbol, price, id FROM Trades WHERE id = " + std::to_string(id) +
        ";\n";
  const Query one{std::string(trades) +
                  "INSERT INTO Out SELECT symbol, price, id FROM Trades WHERE id < 1000;"};
  Workload workload = variant(suite, "1,000 queries by value / one by range (api)", plan_of(1024),
                              one, {many}, through_api);
  workload.count_allocations = false;  // The order of a thousand inputs is made anew each time.
  return workload;
}

Workload shard_workload(Suite& suite) {
  const std::string filter = std::string(trades) +
                             "INSERT INTO Out SELECT symbol, price * quantity AS amount, id FROM "
                             "Trades WHERE price > 0.29 AND quantity < 0.71;";
  Workload workload = variant(suite, "send row, shards = 1 / shards = 0 (api)", plan_of(1),
                              {filter}, {.text = filter, .shards = 1}, through_row_api);
  workload.scope = CpuScope::process;
  workload.count_allocations = false;
  return workload;
}

/// Both strategies, where no row fails.
Workload strategy_workload() {
  static constexpr std::uint32_t messages = 10'000;
  static constexpr std::uint32_t rounds = 16;
  const auto files = [kept = std::make_shared<std::unique_ptr<TradeFiles>>()]() -> TradeFiles& {
    if (*kept == nullptr) *kept = std::make_unique<TradeFiles>(messages, 100, rounds);
    return **kept;
  };
  const auto side = [files](const std::string& strategy) {
    const std::string program =
        "@source(type='file', path='" + files().input() + "', error.strategy='" + strategy +
        "', @map(type='json'))\nCREATE STREAM Trades (" + std::string(message_columns) +
        ");\n@sink(type='file', path='" + files().output() +
        "', @map(type='json'))\nCREATE STREAM Out (symbol STRING, amount DOUBLE);\n"
        "INSERT INTO Out SELECT s AS symbol, p * q AS amount FROM Trades WHERE p > 100.0;";
    return whole_run(files(), program);
  };
  Workload workload;
  workload.name = "error.strategy fail / drop, file to file";
  workload.ceiling = 1.1;
  workload.rows = std::uint64_t{messages} * rounds;
  workload.warm_up = 1;
  workload.scope = CpuScope::process;
  workload.count_allocations = false;
  workload.hand = [side] { return side("drop"); };
  workload.engine = [side] { return side("fail"); };
  return workload;
}

}  // namespace

void add_variants(Suite& suite) {
  suite.workloads.push_back(per_workload(suite));
  suite.workloads.push_back(many_queries_workload(suite));
  suite.workloads.push_back(shard_workload(suite));
  suite.workloads.push_back(strategy_workload());
}

}  // namespace eventflux::bench
