// What an operator of several inputs sees does not depend on how the input was cut into batches.
#include "runtime/graph/input_merger.hpp"

#include <doctest/doctest.h>

#include "eventflux/context.hpp"

#include "runtime/graph/graph.hpp"

using namespace eventflux;
using namespace eventflux::runtime;

namespace {

Schema one_column() {
  Schema schema;
  schema.fields.push_back({"n", Type::int64});
  return schema;
}

struct Pass final : Operator {
  void on_batch(Port, const Batch& batch) override { emit(batch); }
};

/// Emits each row that `divisor` divides `copies` times, from memory of its own.
struct Branch final : Operator {
  Branch(std::int64_t divisor_, std::uint32_t copies_) : divisor(divisor_), copies(copies_) {}

  void on_batch(Port, const Batch& batch) override {
    BatchBuilder rows(one_column());
    std::vector<std::uint32_t> origin;
    std::vector<std::int64_t> arrived;
    for_each_row(batch.selection, [&](std::uint32_t row) {
      if (batch.columns[0].at<std::int64_t>(row) % divisor != 0) return;
      for (std::uint32_t copy = 0; copy < copies; ++copy) {
        rows.column(0).append(batch.columns[0].at<std::int64_t>(row) * 10 + copy);
        rows.end_row(Timestamp{batch.time[row]});
        origin.push_back(batch.origin == nullptr ? row : batch.origin[row]);
        arrived.push_back(batch.arrived[row]);
      }
    });
    std::vector<Column> columns;
    for (std::uint32_t first = 0; first < rows.rows(); first += batch_rows_max) {
      Batch out = rows.view(first, std::min(rows.rows() - first, batch_rows_max), columns);
      out.origin = origin.data() + first;
      out.arrived = arrived.data() + first;
      emit(out);
    }
  }

  std::int64_t divisor;
  std::uint32_t copies;
};

struct Recorder final : Operator {
  void on_batch(Port port, const Batch& batch) override {
    CHECK(batch.size() != 0);
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const std::uint32_t row = batch.selection[i];
      rows.push_back({port, batch.columns[0].at<std::int64_t>(row), batch.time[row]});
    }
  }

  struct Row {
    Port port;
    std::int64_t value;
    std::int64_t time;

    bool operator==(const Row&) const = default;
  };

  std::vector<Row> rows;
};

using Rows = std::vector<Recorder::Row>;

struct Diamond {
  std::vector<std::pair<std::int64_t, std::uint32_t>> branches;  // divisor, copies
  bool by_port = false;
};

/// Runs rows 0 … count-1 through branches that meet again; `cut` says how many rows come next.
template <class Cut>
Rows run(const Diamond& shape, std::uint32_t count, Cut cut) {
  Graph graph;
  auto& entry = graph.add<Pass>();
  std::vector<Operator*> branches;
  for (const auto& [divisor, copies] : shape.branches) {
    branches.push_back(&graph.add<Branch>(divisor, copies));
    entry.connect(*branches.back(), 0);
  }
  const auto inputs = static_cast<std::uint32_t>(branches.size());
  auto& seen = graph.add<Recorder>();
  auto& merger = shape.by_port
                     ? graph.add<InputMerger>(std::vector<Schema>(inputs, one_column()), seen)
                     : graph.add<InputMerger>(one_column(), inputs);
  for (Port port = 0; port < inputs; ++port)
    branches[port]->connect(merger, port);
  if (!shape.by_port) merger.connect(seen, 0);
  graph.flush_after_runs(merger);
  graph.start(Timestamp{0});
  std::vector<Column> columns;
  for (std::uint32_t next = 0; next < count;) {
    BatchBuilder rows(one_column());
    const std::uint32_t end = std::min(count, next + cut());
    for (; next < end; ++next) {
      rows.column(0).append(std::int64_t{next});
      rows.end_row(Timestamp{std::int64_t{next} * 5});
    }
    graph.push(entry, rows.view(0, rows.rows(), columns), 0, rows.rows());
  }
  graph.assert_balance();
  CHECK(merger.counters.held == 0);
  return seen.rows;
}

}  // namespace

TEST_CASE("inputs that meet again keep the order of the rows that caused them") {
  const Rows seen = run({{{1, 1}, {2, 2}}, true}, 3, [] { return 3U; });
  CHECK(seen ==
        Rows{{0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 10, 5}, {0, 20, 10}, {1, 20, 10}, {1, 21, 10}});
}

TEST_CASE("the order of several inputs does not depend on batches") {
  Rng rng(7);
  for (int round = 0; round < 40; ++round) {
    Diamond shape;
    shape.by_port = round % 2 == 0;
    for (std::uint64_t branches = 2 + rng.next() % 3; branches != 0; --branches)
      shape.branches.emplace_back(1 + rng.next() % 4, 1 + rng.next() % 3);
    const auto count = static_cast<std::uint32_t>(1 + rng.next() % 5000);
    const Rows single = run(shape, count, [] { return 1U; });
    CHECK(run(shape, count, [] { return batch_rows_max; }) == single);
    CHECK(run(shape, count, [&] { return static_cast<std::uint32_t>(1 + rng.next() % 300); }) ==
          single);
  }
}
