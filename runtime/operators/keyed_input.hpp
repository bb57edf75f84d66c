#pragma once

#include <vector>

#include "eventflux/aggregate.hpp"

#include "runtime/graph/operator.hpp"
#include "runtime/operators/projection.hpp"

namespace eventflux::runtime {

/// What a stateful query evaluates before any of its state changes: which rows enter, the keys, and
/// the arguments of its aggregates.
struct KeyedInputSpec {
  std::vector<EvaluatorPtr> filter;     ///< Rows that fail it never enter.
  std::vector<EvaluatorPtr> where;      ///< Rows that fail it enter the window, but no aggregate.
  std::vector<EvaluatorPtr> partition;  ///< PER.
  std::vector<EvaluatorPtr> keys;       ///< GROUP BY.
  std::vector<EvaluatorPtr> arguments;  ///< One per aggregate; a null pointer takes none.
  std::vector<std::uint32_t> reads{};   ///< See StateSharing.
};

/// What a stateful query evaluates over its results.
struct OutputSpec {
  std::vector<EvaluatorPtr> having;
  std::vector<EvaluatorPtr> select;
};

/// Evaluates a KeyedInputSpec over one batch after another.
/// Invariant: a row that failed anywhere is in no selection.
class KeyedInput {
 public:
  KeyedInput(KeyedInputSpec spec, std::uint64_t seed);

  /// Returns the rows that enter. Owns: all results are valid until the next call.
  Selection evaluate(const Batch& batch, RowErrors& errors);

  /// Returns whether row `row` counts; all do without `where`.
  bool counts(std::uint32_t row) const {
    return where_all_ || ((counted_[row / 64] >> (row % 64)) & 1U) != 0;
  }

  bool where_all() const { return where_all_; }

  std::span<const Column> partition() const { return {columns_.data(), partition_.size()}; }

  std::span<const Column> keys() const {
    return {columns_.data() + partition_.size(), keys_.size()};
  }

  /// Returns the argument of aggregate i; an empty column when it takes none.
  const Column& argument(std::size_t i) const { return arguments_[i]; }

  std::size_t key_count() const { return keys_.size(); }

  /// Returns which state each aggregate reads.
  const std::vector<std::uint32_t>& reads() const { return reads_; }

  std::vector<Type> partition_types() const;
  std::vector<Type> key_types() const;

  std::uint64_t filtered() const { return filtered_; }

 private:
  void mark_counted(const EvalContext& context, Selection rows, const RowErrors& errors);

  FilterChain filter_;
  FilterChain where_;
  bool where_all_;
  Projection partition_;
  Projection keys_;
  std::vector<EvaluatorPtr> argument_parts_;
  std::vector<std::uint32_t> reads_;
  std::uint64_t seed_;
  Arena arena_;
  WithoutFailed without_failed_;
  std::vector<Column> columns_;
  std::vector<Column> arguments_;
  std::array<std::uint64_t, batch_rows_max / 64> counted_{};
  std::uint64_t filtered_ = 0;
};

/// Evaluates an OutputSpec: HAVING, then the select list.
class Output {
 public:
  Output(OutputSpec spec, std::uint64_t seed)
      : having_(std::move(spec.having)), select_(std::move(spec.select)), seed_(seed) {}

  /// Begins a batch: returns where results that cannot be written are reported.
  RowErrors& begin() {
    errors_.clear();
    return errors_;
  }

  /// Returns the rows that leave, and their columns in `columns()`. Failed rows are in `errors()`.
  Selection evaluate(const Batch& rows, std::span<const Column> inputs);

  std::span<const Column> columns() const { return columns_; }

  const RowErrors& errors() const { return errors_; }

  std::uint64_t filtered() const { return filtered_; }

  std::vector<Type> types() const;

 private:
  FilterChain having_;
  Projection select_;
  std::uint64_t seed_;
  Arena arena_;
  RowErrors errors_;
  WithoutFailed without_failed_;
  std::vector<Column> columns_;
  std::uint64_t filtered_ = 0;
};

}  // namespace eventflux::runtime
