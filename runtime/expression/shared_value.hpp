#pragma once

#include <array>
#include <memory>

#include "runtime/expression/evaluator.hpp"

namespace eventflux::runtime {

/// A value that stands in several places of one query: computed once per row, for the rows that
/// somebody asks for. Shape: all places see the same frames, and EvalContext::number tells them
/// apart.
class SharedValue {
 public:
  explicit SharedValue(EvaluatorPtr value)
      : value_(std::move(value)), result_(value_->type()), out_(result_.writer(nullptr)) {}

  Type type() const { return value_->type(); }

  /// Owns: what was returned in a frame keeps its rows until the next context.
  Column evaluate(const EvalContext& context, Selection rows);

 private:
  EvaluatorPtr value_;
  ColumnVector result_;
  ColumnWriter out_;
  std::uint64_t frame_ = 0;
  std::array<std::uint64_t, batch_rows_max / 64> known_{};
  std::array<std::uint16_t, batch_rows_max> missing_{};
};

/// One of the places of a shared value.
EvaluatorPtr make_use(std::shared_ptr<SharedValue> value);

}  // namespace eventflux::runtime
