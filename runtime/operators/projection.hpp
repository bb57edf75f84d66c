#pragma once

#include <array>
#include <span>
#include <vector>

#include "runtime/expression/evaluator.hpp"

namespace eventflux::runtime {

/// Conditions in the order in which they stand in the text; a row passes when all are TRUE.
class FilterChain {
 public:
  explicit FilterChain(std::vector<EvaluatorPtr> conjuncts = {})
      : conjuncts_(std::move(conjuncts)) {}

  bool empty() const { return conjuncts_.empty(); }

  /// Returns the rows that pass and did not fail. Owns: valid until the next call.
  Selection narrow(const EvalContext& context, Selection rows, const RowErrors& errors);

 private:
  std::uint32_t keep_true(const Column& passes, Selection rows);
  Selection drop_failed(Selection rows, const RowErrors& errors);
  std::uint32_t keep_passing(const Column& passes, Selection rows, const RowErrors& errors);

  std::vector<EvaluatorPtr> conjuncts_;
  std::array<std::uint16_t, batch_rows_max> rows_{};
};

/// Expressions that make the columns of a batch.
class Projection {
 public:
  explicit Projection(std::vector<EvaluatorPtr> parts = {}) : parts_(std::move(parts)) {}

  std::size_t size() const { return parts_.size(); }

  Type type(std::size_t i) const { return parts_[i]->type(); }

  /// Appends one column per expression.
  void evaluate(const EvalContext& context, Selection rows, std::vector<Column>& columns);

 private:
  std::vector<EvaluatorPtr> parts_;
};

/// Takes failed rows out of a selection.
class WithoutFailed {
 public:
  Selection operator()(Selection rows, const RowErrors& errors);

 private:
  std::array<std::uint16_t, batch_rows_max> rows_{};
};

/// Returns a frame over a batch whose first columns are the batch's own.
EvalContext context_of(const Batch& batch, std::uint64_t seed, Arena& arena, ErrorLane& errors);

}  // namespace eventflux::runtime
