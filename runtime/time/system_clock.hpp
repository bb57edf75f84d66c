#pragma once

#include "eventflux/time.hpp"

namespace eventflux::time {

/// The clock of the machine. Nothing else in the product reads a clock or sleeps.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  Timestamp steady() const override;
  /// Blocks: until `until` or 50 ms after `stop` began to say so.
  void wait_until(Timestamp until, const StopSignal& stop) override;
};

}  // namespace eventflux::time
