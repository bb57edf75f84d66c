#pragma once

#include "eventflux/context.hpp"

#include "model/shared_params.hpp"

namespace eventflux::runtime {

/// Waits between attempts: full jitter up to a bound that doubles from first to longest.
/// Source: Brooker, Exponential backoff and jitter, 2015.
class Backoff {
 public:
  Backoff(Duration first, Duration longest, Rng& rng)
      : first_(first), longest_(longest), rng_(rng), bound_(first) {}

  /// Returns a wait between zero and the bound.
  Duration next();

  /// Says how the bound grows; it doubles unless said otherwise.
  void grow(model::RetryBackoff kind) { kind_ = kind; }

  void success() { bound_ = first_; }  ///< Starts over.

 private:
  Duration first_;
  Duration longest_;
  Rng& rng_;
  Duration bound_;
  model::RetryBackoff kind_ = model::RetryBackoff::exponential;
};

}  // namespace eventflux::runtime
