#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "eventflux/batch_builder.hpp"

#include "runtime/graph/operator.hpp"

namespace eventflux::runtime {

/// The inputs of an operator that has several, merged by the order of the input rows that caused
/// what they bring, then by port. What arrives during a run waits until every operator before it
/// has run, so that the order is the same however the input was cut into batches (law C1).
/// Shape: one port for each input.
class InputMerger final : public Operator {
 public:
  /// Rows of all inputs, which have one schema, leave as those of one.
  InputMerger(const Schema& schema, std::uint32_t inputs);
  /// Rows leave to `target` by the port that they came in at, in runs of one port.
  InputMerger(const std::vector<Schema>& schemas, Operator& target);

  void on_batch(Port port, const Batch& batch) override;

  bool passes_rows_on() const override { return true; }

  void flush() override;

 private:
  /// Rows of one input that wait for the others. Shape: the vectors have an entry per row.
  struct Waiting {
    explicit Waiting(const Schema& schema) : rows(schema) {}

    void keep(const Batch& batch);
    void clear();
    /// Returns up to batch_rows_max rows from `first` on; it is a multiple of 64.
    Batch view(std::uint32_t first);

    BatchBuilder rows;
    std::vector<std::uint32_t> origin{};
    std::vector<std::int64_t> arrived{};
    std::vector<RowKind> kinds{};
    std::uint64_t first_sequence = 0;
    std::vector<Column> columns{};  // of the last view
  };

  /// Neighbours in the merged order that came in at one port.
  struct Run {
    Port input;
    std::uint32_t first;
    std::uint32_t count;
  };

  std::vector<Run> merged_runs();
  template <class Visit>
  void for_each_batch(Run run, Visit visit);
  void hand_on(const Run& run);
  void hand_on_as_one(const std::vector<Run>& runs);

  Operator* target_ = nullptr;  // null: the edges
  std::vector<Waiting> waiting_;
  std::vector<Port> filled_;       // inputs with rows
  std::optional<Waiting> merged_;  // of rows that leave as those of one input
  bool flushing_ = false;
};

}  // namespace eventflux::runtime
