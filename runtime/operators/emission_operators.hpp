#pragma once

#include <optional>

#include "runtime/operators/key_columns.hpp"
#include "runtime/operators/keyed_aggregate_operator.hpp"
#include "runtime/operators/order_limit.hpp"

// Operators over one emission: the rows that leave a batch window together, up to
// on_emission_end().
namespace eventflux::runtime {

/// Aggregates the rows of one emission per group, in order of first appearance. Between emissions
/// it holds nothing, except what aggregates that never forget remember. Shape: its last two input
/// columns are window_start and window_end; its rows are keys, aggregates and those two.
class EmissionAggregateOperator final : public Operator {
 public:
  EmissionAggregateOperator(KeyedInputSpec input, std::vector<const AggregateFunction*> aggregates,
                            std::uint64_t seed);

  void on_batch(Port port, const Batch& batch) override;
  void on_emission_end(const Batch& shape) override;

 private:
  KeyedInput input_;
  std::vector<const AggregateFunction*> aggregates_;
  StateSharing sharing_;
  KeyedState table_;
  KeyColumns keys_;
  std::int64_t start_ = 0;
  std::int64_t end_ = 0;
  RowErrors errors_;
  Arena arena_;
  std::vector<std::uint32_t> groups_;
  std::vector<ColumnVector> results_;
  std::vector<Column> columns_;
};

/// ORDER BY, LIMIT and OFFSET over one emission.
class OrderLimitOperator final : public Operator {
 public:
  explicit OrderLimitOperator(OrderLimit order) : order_(std::move(order)) {}

  void on_batch(Port port, const Batch& batch) override;
  void on_emission_end(const Batch& shape) override;

 private:
  OrderLimit order_;
  std::vector<Column> columns_;
};

/// Lets pass rows of the kinds that are asked for, as ordinary ones.
class EmitEventsOperator final : public Operator {
 public:
  EmitEventsOperator(bool current, bool expired) : current_(current), expired_(expired) {}

  void on_batch(Port port, const Batch& batch) override;

 private:
  bool current_;
  bool expired_;
  std::array<std::uint16_t, batch_rows_max> rows_{};
};

}  // namespace eventflux::runtime
