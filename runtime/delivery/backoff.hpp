#pragma once

#include "eventflux/context.hpp"

#include "model/shared_params.hpp"

namespace eventflux::runtime {

/// Waits between attempts, from first to longest: the k-th bound is first·2^(k-1) unless said
/// otherwise.
/// Source: Brooker, Exponential backoff and jitter, 2015.
class Backoff {
 public:
  Backoff(Duration first, Duration longest, Rng& rng)
      : first_(first), longest_(longest), rng_(rng), bound_(first) {}

  /// Returns a wait between zero and the bound, so that many who failed together do not come back
  /// together.
  Duration next();
  /// Returns the bound itself.
  Duration next_whole();
  /// Returns a wait after a connection could not be made: at least as long as the other side asked,
  /// up to an hour, and with a bound of ten times `longest` for a failure that lasts.
  Duration next(const RetryAdvice& advice);

  /// Says how the bound grows: doubles, grows by `first`, or stays.
  void grow(model::RetryBackoff kind) { kind_ = kind; }

  void success() { bound_ = first_; }  ///< Starts over.

 private:
  Duration grow_to(Duration longest);

  Duration first_;
  Duration longest_;
  Rng& rng_;
  Duration bound_;
  model::RetryBackoff kind_ = model::RetryBackoff::exponential;
};

}  // namespace eventflux::runtime
