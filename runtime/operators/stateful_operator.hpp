#pragma once

#include "runtime/graph/operator.hpp"
#include "runtime/state/operator_state.hpp"

namespace eventflux::runtime {

/// An operator with declared state, which is stored and restored without its help: it declares what
/// it keeps in its constructor, and says what changes.
class StatefulOperator : public Operator {
 public:
  bool has_state() const final { return true; }

  std::uint32_t snapshot(DeltaWriter& writer) final { return state_.snapshot(writer); }

  Result<void> restore(const MergedState& records) final {
    EF_CHECK(state_.restore(records));
    return restored();
  }

 protected:
  /// Makes what is not stored because it follows from what is. Fails: EF0702.
  virtual Result<void> restored() { return {}; }

  OperatorState state_;
};

}  // namespace eventflux::runtime
