#pragma once

#include "runtime/graph/operator.hpp"
#include "runtime/operators/projection.hpp"

namespace eventflux::runtime {

/// Filters rows and computes the columns of the result, or passes on those that came. Keeps no
/// state.
class FilterProjectOperator final : public Operator {
 public:
  /// `computes`: the columns replace those that came in.
  FilterProjectOperator(FilterChain conditions, Projection columns, bool computes,
                        std::uint64_t seed)
      : conditions_(std::move(conditions)),
        expressions_(std::move(columns)),
        computes_(computes),
        seed_(seed) {}

  void on_batch(Port port, const Batch& batch) override;

  bool passes_rows_on() const override { return true; }

 private:
  FilterChain conditions_;
  Projection expressions_;
  bool computes_;
  std::uint64_t seed_;
  std::uint64_t frames_ = 0;
  Arena arena_;
  RowErrors errors_;
  WithoutFailed without_failed_;
  std::vector<Column> columns_;
};

}  // namespace eventflux::runtime
