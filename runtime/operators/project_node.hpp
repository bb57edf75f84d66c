#pragma once

#include "runtime/graph/node.hpp"
#include "runtime/operators/projection.hpp"

namespace eventflux::runtime {

/// Filters rows and computes the columns of the result. Keeps no state.
class ProjectNode final : public Node {
 public:
  ProjectNode(Conditions conditions, Expressions columns, std::uint64_t seed)
      : conditions_(std::move(conditions)), expressions_(std::move(columns)), seed_(seed) {}

  void on_batch(Port port, const Batch& batch) override;

 private:
  Conditions conditions_;
  Expressions expressions_;
  std::uint64_t seed_;
  std::uint64_t frames_ = 0;
  Arena arena_;
  RowErrors errors_;
  WithoutFailed without_failed_;
  std::vector<Column> columns_;
};

}  // namespace eventflux::runtime
