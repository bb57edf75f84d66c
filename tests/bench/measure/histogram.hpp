#pragma once

#include <cstdint>
#include <vector>

namespace eventflux::bench {

/// Counts of durations, log-linear: 32 buckets per power of two, so a value is known to 3 %.
/// Units: whatever goes in, usually nanoseconds.
class Histogram {
 public:
  Histogram();

  void add(std::int64_t value);

  std::uint64_t count() const { return count_; }

  std::int64_t max() const { return max_; }

  /// Returns the upper end of the bucket that holds the share; 0 when empty. Shape: 0 < share ≤ 1.
  std::int64_t at(double share) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace eventflux::bench
