#include "tests/bench/measure/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace eventflux::bench {
namespace {

constexpr unsigned sub_bits = 5;
constexpr std::size_t sub_buckets = std::size_t{1} << sub_bits;

std::size_t bucket_of(std::uint64_t value) {
  if (value < sub_buckets) return value;
  const auto shift = static_cast<unsigned>(std::bit_width(value)) - sub_bits - 1;
  return shift * sub_buckets + (value >> shift);
}

std::uint64_t last_of(std::size_t bucket) {
  if (bucket < 2 * sub_buckets) return bucket;
  const std::size_t shift = bucket / sub_buckets - 1;
  const std::uint64_t head = bucket % sub_buckets + sub_buckets;
  return ((head + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(64 * sub_buckets) {}

void Histogram::add(std::int64_t value) {
  ++buckets_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0)))];
  ++count_;
  max_ = std::max(max_, value);
}

std::int64_t Histogram::at(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted && seen != 0)
      return std::min(static_cast<std::int64_t>(last_of(bucket)), max_);
  }
  return max_;
}

}  // namespace eventflux::bench
